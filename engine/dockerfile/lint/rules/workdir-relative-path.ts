import type { StageAnalysis } from "../analysis.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "WorkdirRelativePath",
  description:
    "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
  bad: "FROM scratch\nWORKDIR app\n",
  good: "FROM scratch\nWORKDIR /app\nWORKDIR src\n",
  check({ analysis, report }) {
    const set = new Set<StageAnalysis>();
    for (const stage of analysis.stages) {
      const inherits = stage.parent !== undefined && set.has(stage.parent);
      const first = stage.instructions.find(({ expanded }) => expanded.kind === "workdir")?.expanded;
      if (inherits || first) set.add(stage);
      // Only the first WORKDIR counts: the ones behind it are mended with it.
      if (inherits || first?.kind !== "workdir" || first.path.startsWith("/")) continue;
      report(first.location, `Relative workdir ${JSON.stringify(first.path)} can have unexpected results if the base image changes`);
    }
  },
});
