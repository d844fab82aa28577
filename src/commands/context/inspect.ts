/** `berth context inspect`: everything about contexts, as JSON; but no secrets. */
import { type CommandSpec, command } from "../command.ts";
import { asInspected, formatFlag, inspectEach } from "../inspect-each.ts";
import { completeContexts, currentName, defaultContext } from "./current.ts";

const inMemory = "<IN MEMORY>";

const spec: CommandSpec<object[]> = command<object[]>({
  summary: "Display detailed information on one or more contexts",
  examples: [{ line: "berth context inspect -f '{{.Endpoints.docker.Host}}' build", does: "Print the address of a host" }],
  flags: [formatFlag],
  args: [{ name: "CONTEXT", optional: true, variadic: true }],
  place: "anywhere",
  complete: completeContexts,
  async *run({ io }, input) {
    const { metaPath, noContext, readContext, tlsPath } = await import("../../../engine/remote/index.ts");
    const names = input.args.length > 0 ? input.args : [await currentName(io.env)];
    return yield* inspectEach(names, async (name): Promise<object> => {
      if (name === noContext) {
        const { Metadata: _described, ...shown } = defaultContext(io.env);
        return { ...shown, Metadata: {}, TLSMaterial: {}, Storage: { MetadataPath: inMemory, TLSPath: inMemory } };
      }
      const { document, tls } = readContext(name);
      const files = Object.keys(tls).sort();
      return {
        ...document,
        TLSMaterial: files.length > 0 ? { docker: files } : {},
        Storage: { MetadataPath: metaPath(name), TLSPath: tlsPath(name) },
      };
    });
  },
  ...asInspected,
});

export default spec;
