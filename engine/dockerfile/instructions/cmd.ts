import { goQuoteList } from "../../go-quote.ts";
import { type InstructionBase, shapes } from "../statement.ts";
import { type CommandForm, commandForm, commandWords } from "./command-form.ts";
import { instruction } from "./instruction.ts";

export interface CmdInstruction extends InstructionBase {
  kind: "cmd";
  command: CommandForm;
}

/** Sets the default command, or the entrypoint's default arguments. */
export default instruction<CmdInstruction>({
  kind: "cmd",
  keyword: "CMD",
  summary: "set the default command, or the entrypoint's default arguments",
  usage: ['CMD ["EXECUTABLE", "ARGUMENT"…]', "CMD COMMAND"],
  example: 'CMD ["python", "app.py"]',
  url: "https://docs.docker.com/reference/dockerfile/#cmd",
  shape: shapes.jsonOrText,
  flags: [],
  change: true,
  expands: "nothing",
  parse: (statement) => ({ ...statement.base, kind: "cmd", command: commandForm(statement.args, statement.json) }),
  configure(to, { command }) {
    to.config.Cmd = commandWords(to, command);
    to.config.ArgsEscaped = true;
    to.cmdSet = true;
  },
  history: (_, { Cmd }) => `CMD ${goQuoteList(Cmd ?? [])}`,
});
