import { berthRule } from "../rule.ts";
import { commandsOf } from "../shell-commands.ts";

export default berthRule({
  name: "PipCache",
  description: "pip keeps what it downloads in the layer",
  bad: "FROM python:3.12\nRUN pip install flask==3.0.0\n",
  good: "FROM python:3.12\nRUN pip install --no-cache-dir flask==3.0.0\n",
  check({ analysis, report }) {
    for (const { instructions, base } of analysis.stages) {
      let off = base?.env.some((variable) => variable.startsWith("PIP_NO_CACHE_DIR=")) ?? false;
      for (const { instruction: run } of instructions) {
        if (run.kind === "env") off ||= run.variables.some(({ key }) => key === "PIP_NO_CACHE_DIR");
        if (run.kind !== "run" || off || run.mounts.some(({ type }) => type === "cache")) continue;
        const keeps = commandsOf(run).some(({ words }) => {
          const pip = /^pip[0-9.]*$/.test(words[0] ?? "")
            ? words
            : /^python[0-9.]*$/.test(words[0] ?? "") && words[1] === "-m" && words[2] === "pip"
              ? words.slice(2)
              : [];
          return pip[1] === "install" && !pip.includes("--no-cache-dir");
        });
        if (keeps) report(run.location, "pip's cache stays in the layer: add --no-cache-dir, or mount a cache");
      }
    }
  },
});
