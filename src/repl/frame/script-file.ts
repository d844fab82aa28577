/** Files that hold scripts: where they lie, and their text. */
import { isUtf8 } from "node:buffer";
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import { syntaxError } from "../language/index.ts";
import type { SourceText } from "./variables.ts";

/** Bytes of a script: a device, or a log in its place, does not fill the memory. */
const largest = 64 << 20;

/** The path of a file that a source reads: from the current directory, or else from beside it. */
export function scriptPath(path: string, { directory }: SourceText, cwd: string): string {
  const here = resolvePath(cwd, path);
  const beside = directory === undefined ? here : resolvePath(directory, path);
  return !existsSync(here) && existsSync(beside) ? beside : here;
}

/** The text of a script. @throws EngineError `invalid` when it cannot be read, `syntax` at the first byte that is no text */
export function readScript(path: string, name: string): string {
  return scriptText(readBounded(path, name), name);
}

/** @throws EngineError `syntax` at the first byte that is no text: with another in its place it would say something else */
export function scriptText(bytes: Buffer, name: string): string {
  // A byte order mark is none of its characters: editors, too, count from behind it.
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (isUtf8(bytes)) return text;
  throw syntaxError("this byte is no UTF-8", text, name, Math.max(0, text.indexOf("\ufffd")));
}

/** Bytes of a script that are given piece by piece. @throws EngineError `invalid` */
export class ScriptBytes {
  readonly #name: string;
  readonly #pieces: Uint8Array[] = [];
  #size = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size > largest)
      throw new EngineError("invalid", `cannot read the script "${this.#name}": it is larger than ${largest >> 20} MiB`, {
        hint: "check the path",
      });
  }

  whole(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

function readBounded(path: string, name: string): Buffer {
  let file: number | undefined;
  const bytes = new ScriptBytes(name);
  try {
    file = openSync(path, "r");
    for (;;) {
      const piece = Buffer.alloc(1 << 16);
      const count = readSync(file, piece);
      if (count === 0) return bytes.whole();
      bytes.add(piece.subarray(0, count));
    }
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("invalid", `cannot read the script "${name}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
