import { goQuoteList } from "../../go-quote.ts";
import { type InstructionBase, shapes } from "../statement.ts";
import { type CommandForm, commandForm, commandWords } from "./command-form.ts";
import { instruction } from "./instruction.ts";

export interface EntrypointInstruction extends InstructionBase {
  kind: "entrypoint";
  command: CommandForm;
}

/** Sets what a container runs. */
export default instruction<EntrypointInstruction>({
  kind: "entrypoint",
  keyword: "ENTRYPOINT",
  summary: "set the program that a container runs",
  usage: ['ENTRYPOINT ["EXECUTABLE", "ARGUMENT"…]', "ENTRYPOINT COMMAND"],
  example: 'ENTRYPOINT ["/usr/sbin/nginx", "-g", "daemon off;"]',
  url: "https://docs.docker.com/reference/dockerfile/#entrypoint",
  shape: shapes.jsonOrText,
  flags: [],
  change: true,
  expands: "nothing",
  parse: (statement) => ({ ...statement.base, kind: "entrypoint", command: commandForm(statement.args, statement.json) }),
  configure(to, { command }) {
    to.config.Entrypoint = commandWords(to, command);
    if (!to.cmdSet) to.config.Cmd = null;
  },
  history: (_, { Entrypoint }) => `ENTRYPOINT ${goQuoteList(Entrypoint ?? [])}`,
});
