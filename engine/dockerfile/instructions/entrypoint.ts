import { commandForm } from "./command-form.ts";
import { instruction } from "./instruction.ts";

/** Sets what a container runs. */
export default instruction({
  kind: "entrypoint",
  keyword: "ENTRYPOINT",
  summary: "set the program that a container runs",
  usage: ['ENTRYPOINT ["EXECUTABLE", "ARGUMENT"…]', "ENTRYPOINT COMMAND"],
  example: 'ENTRYPOINT ["/usr/sbin/nginx", "-g", "daemon off;"]',
  url: "https://docs.docker.com/reference/dockerfile/#entrypoint",
  shape: "json-or-text",
  flags: [],
  expands: "nothing",
  parse: (statement) => ({ ...statement.base, kind: "entrypoint", command: commandForm(statement.args, statement.json) }),
});
