import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "StageNameCasing",
  everywhere: true,
  description: "Stage names should be lowercase",
  bad: "FROM scratch AS Build\n",
  good: "FROM scratch AS build\n",
  check({ dockerfile, report }) {
    for (const { from } of dockerfile.stages) {
      const name = from.asWritten;
      if (name !== undefined && name !== name.toLowerCase()) report(from.location, `Stage name '${name}' should be lowercase`);
    }
  },
});
