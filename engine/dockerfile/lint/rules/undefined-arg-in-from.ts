import { nearestName } from "../../../suggest.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "UndefinedArgInFrom",
  everywhere: true,
  description: "FROM command must use declared ARGs",
  bad: "ARG VERSION=12\nFROM debian:${VERSIN}\n",
  good: "ARG VERSION=12\nFROM debian:${VERSION}\n",
  check({ analysis, report }) {
    for (const { stage, image, platform } of analysis.stages) {
      for (const name of new Set([...image.unmatched, ...(platform?.unmatched ?? [])])) {
        if (analysis.globalNames.has(name)) continue;
        const near = nearestName(name, analysis.globalNames);
        report(stage.from.location, `FROM argument '${name}' is not declared${near ? ` (did you mean ${near}?)` : ""}`);
      }
    }
  },
});
