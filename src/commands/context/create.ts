/** `berth context create`: give a host a name. */
import { EngineError } from "../../../engine/errors.ts";
import type { StoredContext } from "../../../engine/remote/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { textOf } from "../flag-values.ts";
import { descriptionFlag, dockerFlag, dockerFlagOf, withEndpoint } from "./endpoint.ts";

const spec: CommandSpec<string> = command<string>({
  summary: "Create a context: a host by a name",
  description: "Contexts are docker's: kept in its configuration directory, and known to both programs.",
  examples: [
    { line: "berth context create build --docker host=ssh://me@build.example", does: "Name a host that is reached by ssh" },
    {
      line: 'berth context create prod --docker "host=tcp://10.0.0.7:2376,ca=ca.pem,cert=cert.pem,key=key.pem"',
      does: "Name one whose port lets in clients with a certificate",
    },
  ],
  flags: [descriptionFlag, dockerFlag, { name: "from", type: "string", placeholder: "CONTEXT", help: "Begin with another context" }],
  args: [{ name: "CONTEXT" }],
  place: "anywhere",
  async *run({ io }, input) {
    const { checkName, hasContext, readContext, writeContext } = await import("../../../engine/remote/index.ts");
    const [Name = ""] = input.args;
    checkName(Name);
    if (hasContext(Name))
      throw new EngineError("conflict", `context "${Name}" already exists`, { hint: "change it with 'berth context update'" });
    const flag = dockerFlagOf(input, io.cwd);
    const from = textOf(input, "from") ?? flag?.from;
    const blank: StoredContext = {
      document: { Name, Metadata: {}, Endpoints: { docker: { Host: io.env["DOCKER_HOST"] ?? "" } } },
      tls: {},
    };
    const begun = from === undefined || from === "default" ? blank : readContext(from);
    const made = flag ? withEndpoint(begun, flag) : begun;
    if (!made.document.Endpoints.docker?.Host)
      throw new EngineError("usage", "a context needs the address of a host", { hint: "give --docker host=ADDRESS", exit: 1 });
    const Description = textOf(input, "description");
    const Metadata = { ...made.document.Metadata, ...(Description !== undefined && { Description }) };
    writeContext({ ...made, document: { ...made.document, Name, Metadata } });
    yield { type: "message", text: `Successfully created context "${Name}"` };
    return Name;
  },
  present: (name) => ({ kind: "lines", lines: [name] }),
});

export default spec;
