/** `berth context import`: a context out of a file. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";

/** Bytes. */
const limit = 10 << 20;

const spec: CommandSpec<string> = command<string>({
  summary: "Import a context from a tar file",
  examples: [
    { line: "berth context import prod prod.dockercontext", does: "Keep what 'context export' of berth or docker wrote, under a name" },
  ],
  flags: [],
  args: [{ name: "CONTEXT" }, { name: "FILE|-", subject: "file" }],
  place: "anywhere",
  async *run({ io }, input) {
    const { checkName, hasContext, unpackContext, writeContext } = await import("../../../engine/remote/index.ts");
    const [name = "", file = "-"] = input.args;
    checkName(name);
    if (hasContext(name)) throw new EngineError("conflict", `context "${name}" already exists`);
    const bytes = file === "-" ? await readAll(io.streams.stdin) : readFile(resolve(io.cwd, file), file);
    writeContext(await unpackContext(bytes, name));
    yield { type: "message", text: `Successfully imported context "${name}"` };
    return name;
  },
  present: (name) => ({ kind: "lines", lines: [name] }),
});

const tooLarge = () => new EngineError("invalid", `cannot import the context: it is larger than ${limit} bytes`);

function readFile(path: string, shown: string): Buffer {
  try {
    if (statSync(path).size > limit) throw tooLarge();
    return readFileSync(path);
  } catch (error) {
    throw toEngineError(error, `cannot read "${shown}"`);
  }
}

async function readAll(stdin: Readable | undefined): Promise<Buffer> {
  if (!stdin) throw new EngineError("usage", "cannot read from standard input: there is none");
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stdin as AsyncIterable<Buffer>) {
    parts.push(part);
    if ((length += part.length) > limit) throw tooLarge();
  }
  return Buffer.concat(parts);
}

export default spec;
