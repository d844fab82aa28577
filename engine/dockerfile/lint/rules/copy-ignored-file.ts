import { posix } from "node:path";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "CopyIgnoredFile",
  description: "Attempting to Copy file that is excluded by .dockerignore",
  bad: "FROM scratch\nCOPY ignored.txt /\n",
  good: "FROM scratch\nCOPY kept.txt /\n",
  check({ analysis, options, report }) {
    if (!options.ignored) return;
    for (const { expanded } of analysis.stages.flatMap((stage) => stage.instructions)) {
      if ((expanded.kind !== "copy" && expanded.kind !== "add") || (expanded.kind === "copy" && expanded.from !== undefined)) continue;
      for (const written of expanded.sources) {
        const source = posix.normalize(written).replace(/(?<=.)\/$/, "");
        if (/^[a-z][a-z0-9+.-]*:\/\/|^git@/i.test(written) || !options.ignored(source)) continue;
        const verb = expanded.kind === "add" ? "Add" : "Copy";
        report(expanded.location, `Attempting to ${verb} file ${JSON.stringify(source)} that is excluded by .dockerignore`);
      }
    }
  },
});
