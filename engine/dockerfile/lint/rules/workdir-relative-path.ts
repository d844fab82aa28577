import type { StageAnalysis } from "../analysis.ts";
import { buildkitRule } from "../rule.ts";

/** Some WORKDIR of the stage's ancestors came first, and the first one is what this rule is about. */
function setBefore({ parent }: StageAnalysis): boolean {
  return parent !== undefined && (parent.stage.instructions.some(({ kind }) => kind === "workdir") || setBefore(parent));
}

export default buildkitRule({
  name: "WorkdirRelativePath",
  description:
    "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
  bad: "FROM scratch\nWORKDIR app\n",
  good: "FROM scratch\nWORKDIR /app\nWORKDIR src\n",
  check({ analysis, report }) {
    for (const stage of analysis.stages) {
      if (setBefore(stage)) continue;
      const first = stage.instructions.find(({ expanded }) => expanded.kind === "workdir")?.expanded;
      if (first?.kind !== "workdir" || first.path.startsWith("/")) continue;
      report(first.location, `Relative workdir ${JSON.stringify(first.path)} can have unexpected results if the base image changes`);
    }
  },
});
