import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "ReservedStageName",
  ofFile: true,
  everywhere: true,
  description: "Reserved words should not be used as stage names",
  bad: "FROM scratch AS context\n",
  good: "FROM scratch AS sources\n",
  check({ dockerfile, report }) {
    for (const { name, from } of dockerfile.stages) {
      if (name !== "context" && name !== "scratch") continue;
      report(from.location, `Stage name should not use the same name as reserved stage ${JSON.stringify(name)}`);
    }
  },
});
