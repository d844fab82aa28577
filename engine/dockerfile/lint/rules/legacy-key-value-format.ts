import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "LegacyKeyValueFormat",
  description: "Legacy key/value format with whitespace separator should not be used",
  bad: "FROM scratch\nENV LANG C.UTF-8\n",
  good: "FROM scratch\nENV LANG=C.UTF-8\n",
  check({ dockerfile, report }) {
    for (const instruction of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      const pairs = instruction.kind === "env" ? instruction.variables : instruction.kind === "label" ? instruction.labels : [];
      if (!pairs.some(({ legacy }) => legacy)) continue;
      const { keyword, location } = instruction;
      report(location, `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`);
    }
  },
});
