/** `berth context update`: give a name another host, or another description. */
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { completeContexts } from "./current.ts";
import { descriptionFlag, dockerFlag, dockerFlagOf, withEndpoint } from "./endpoint.ts";

const spec: CommandSpec<string> = command<string>({
  summary: "Update a context",
  examples: [{ line: "berth context update build --docker host=ssh://me@other.example", does: "Let a name stand for another host" }],
  flags: [descriptionFlag, dockerFlag],
  args: [{ name: "CONTEXT" }],
  place: "anywhere",
  complete: completeContexts,
  async *run({ io }, input) {
    const { checkName, readContext, writeContext } = await import("../../../engine/remote/index.ts");
    const [name = ""] = input.args;
    checkName(name);
    const flag = dockerFlagOf(input, io.cwd);
    const { document, tls } = readContext(name);
    const begun = flag?.from === undefined ? { document, tls } : { ...readContext(flag.from) };
    const changed = flag ? withEndpoint(begun, flag) : begun;
    const Description = textOf(input, "description");
    const Metadata = { ...document.Metadata, ...(Description !== undefined && { Description }) };
    writeContext({ ...changed, document: { ...changed.document, Name: name, Metadata } });
    yield { type: "message", text: `Successfully updated context "${name}"` };
    return name;
  },
  present: (name) => ({ kind: "lines", lines: [name] }),
});

export default spec;
