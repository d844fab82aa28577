/** Where archives come from: a file, or standard input when that is no terminal. */

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import type { Io } from "../command.ts";

/**
 * Opens `file`, or standard input for "-" and undefined.
 * @throws EngineError `invalid` for a file that cannot be opened, `usage` when standard input is a terminal
 */
export async function openInput(io: Io, file: string | undefined, what: "load" | "import" | "attest"): Promise<Readable> {
  if (file === undefined || file === "-") {
    const { stdin } = io.streams;
    if (!stdin || (stdin as { isTTY?: boolean }).isTTY)
      throw new EngineError("usage", `requested ${what} from stdin, but stdin is empty`, {
        hint: "name a file, or redirect one",
        exit: 1,
      });
    return stdin;
  }
  const path = resolve(io.cwd, file);
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    await once(stream, "open");
  } catch (cause) {
    throw new EngineError("invalid", `cannot open "${path}": ${(cause as Error).message}`, {
      cause,
      hint: "check the file's name and permissions",
    });
  }
  return stream;
}
