import { commandForm } from "./command-form.ts";
import { instruction } from "./instruction.ts";

/** Sets the default command, or the entrypoint's default arguments. */
export default instruction({
  kind: "cmd",
  keyword: "CMD",
  summary: "set the default command, or the entrypoint's default arguments",
  usage: ['CMD ["EXECUTABLE", "ARGUMENT"…]', "CMD COMMAND"],
  example: 'CMD ["python", "app.py"]',
  url: "https://docs.docker.com/reference/dockerfile/#cmd",
  shape: "json-or-text",
  flags: [],
  expands: "nothing",
  parse: (statement) => ({ ...statement.base, kind: "cmd", command: commandForm(statement.args, statement.json) }),
});
