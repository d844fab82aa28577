/** `berth context export`: a context as a file, with its certificates. */
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { type CommandSpec, command } from "../command.ts";
import { writeStream } from "../container/output-file.ts";
import { completeContexts } from "./current.ts";

const spec: CommandSpec<undefined> = command<undefined>({
  summary: "Export a context to a tar archive FILE or a tar stream on STDOUT",
  description: "The key of its certificate goes along: whoever has the file gets into the host.",
  examples: [{ line: "berth context export prod", does: "Write prod.dockercontext, for 'context import' of berth or docker elsewhere" }],
  flags: [],
  args: [{ name: "CONTEXT" }, { name: "FILE|-", optional: true, subject: "file" }],
  place: "anywhere",
  complete: completeContexts,
  async *run(context, input) {
    const { packContext, readContext } = await import("../../../engine/remote/index.ts");
    const [name = "", file = `${name}.dockercontext`] = input.args;
    const bytes = packContext(readContext(name));
    if (file === "-") {
      await writeStream(context, async () => Readable.from([bytes]), undefined);
      return undefined;
    }
    const path = resolve(context.io.cwd, file);
    if (existsSync(path))
      throw new EngineError("conflict", `cannot export to "${file}": the file exists`, { hint: "remove it, or name another" });
    writeFileSync(path, bytes, { mode: 0o600, flag: "wx" });
    yield { type: "message", text: `Written file "${file}"` };
    return undefined;
  },
  present: () => ({ kind: "none" }),
});

export default spec;
