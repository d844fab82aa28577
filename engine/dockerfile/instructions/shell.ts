import { type InstructionBase, shapes } from "../statement.ts";
import { atLeastOne, instruction } from "./instruction.ts";

export interface ShellInstruction extends InstructionBase {
  kind: "shell";
  shell: string[];
}

/** Sets what runs the shell forms. */
export default instruction<ShellInstruction>({
  kind: "shell",
  keyword: "SHELL",
  summary: "set the shell that runs the shell form of RUN, CMD and ENTRYPOINT",
  usage: ['SHELL ["EXECUTABLE", "ARGUMENT"…]'],
  example: 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
  url: "https://docs.docker.com/reference/dockerfile/#shell",
  shape: shapes.jsonOrText,
  flags: [],
  expands: "nothing",
  parse(statement) {
    const shell = atLeastOne(statement);
    if (statement.json) return { ...statement.base, kind: "shell", shell };
    const suggestion = `SHELL ${JSON.stringify(statement.rest.text.split(/\s+/)).replaceAll('","', '", "')}`;
    return statement.fail("SHELL requires the arguments to be in JSON form", statement.args[0], {
      suggestion: statement.rest.text.startsWith("[") ? undefined : suggestion,
    });
  },
  configure({ config }, { shell }) {
    config.Shell = shell;
  },
  history: ({ shell }) => `SHELL [${shell.join(" ")}]`,
});
