import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "JSONArgsRecommended",
  description: "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
  bad: "FROM scratch\nCMD server --port 80\n",
  good: 'FROM scratch\nCMD ["server", "--port", "80"]\n',
  check({ analysis, report }) {
    for (const { stage, parent, base } of analysis.stages) {
      // A SHELL instruction says that a shell is wanted.
      let hasShell = (parent?.shell ?? base?.shell ?? []).length > 0;
      for (const instruction of stage.instructions) {
        if (instruction.kind === "shell") hasShell = true;
        if (hasShell || (instruction.kind !== "cmd" && instruction.kind !== "entrypoint") || instruction.command.form === "exec") continue;
        report(
          instruction.location,
          `JSON arguments recommended for ${instruction.keyword} to prevent unintended behavior related to OS signals`,
        );
      }
    }
  },
});
