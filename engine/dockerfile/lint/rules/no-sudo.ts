import { berthRule } from "../rule.ts";
import { commandsOf } from "../shell-commands.ts";

export default berthRule({
  name: "NoSudo",
  description: "RUN is root already unless USER says otherwise; sudo adds a setuid program and odd signal handling",
  bad: "FROM debian:12\nRUN sudo make install\n",
  good: "FROM debian:12\nRUN make install\n",
  check({ dockerfile, report }) {
    for (const run of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (run.kind === "run" && commandsOf(run).some(({ words }) => words[0] === "sudo")) {
        report(run.location, "Do not use sudo: switch with USER root and back instead");
      }
    }
  },
});
