import { berthRule } from "../rule.ts";
import { commandsOf } from "../shell-commands.ts";

export default berthRule({
  name: "Pipefail",
  description: "A pipe hides the failure of all but its last command",
  bad: "FROM debian:12\nRUN make | tee log\n",
  good: 'FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN make | tee log\n',
  check({ analysis, report }) {
    for (const { stage, parent, base } of analysis.stages) {
      let shell = parent?.shell ?? base?.shell ?? [];
      for (const instruction of stage.instructions) {
        if (instruction.kind === "shell") shell = instruction.shell;
        if (instruction.kind !== "run" || shell.includes("pipefail")) continue;
        const commands = commandsOf(instruction);
        if (!commands.some(({ piped }) => piped) || commands.some(({ words }) => words[0] === "set" && words.includes("pipefail")))
          continue;
        report(instruction.location, "A failure before the pipe goes unnoticed: begin with set -o pipefail, or set SHELL");
      }
    }
  },
});
