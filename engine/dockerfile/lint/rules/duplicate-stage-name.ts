import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "DuplicateStageName",
  ofFile: true,
  everywhere: true,
  description: "Stage names should be unique",
  bad: "FROM scratch AS build\nFROM scratch AS build\n",
  good: "FROM scratch AS build\nFROM scratch AS final\n",
  check({ dockerfile, report }) {
    const seen = new Set<string>();
    for (const { name, from } of dockerfile.stages) {
      if (name === undefined) continue;
      if (seen.has(name)) report(from.location, `Duplicate stage name ${JSON.stringify(name)}, stage names should be unique`);
      seen.add(name);
    }
  },
});
