/**
 * File names are bytes on Linux and strings here. Names that are not UTF-8 keep each stray byte as a lone low surrogate
 * (U+DC80 + byte - 0x80, as Python's surrogateescape), so that any name survives the way from archive to disk and back.
 */

import { readdirSync } from "node:fs";

const replacement = "\ufffd";

/** Bytes of a name as a string. */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (!text.includes(replacement) || Buffer.from(text, "utf8").equals(bytes)) return text;
  let out = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    out += length === 0 ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString("utf8", at, at + length);
    at += length || 1;
  }
  return out;
}

/** Length of the valid UTF-8 sequence at an offset, 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  const length =
    first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const part = bytes.subarray(at, at + length);
  return Buffer.from(part.toString("utf8"), "utf8").equals(part) ? length : 0;
}

/** The bytes that `decodeName` was given. */
export function encodeName(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name, "utf8");
  const parts = Array.from(name, (character) => {
    const code = character.codePointAt(0)!;
    return code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - 0xdc00) : Buffer.from(character, "utf8");
  });
  return Buffer.concat(parts);
}

/** Names in a directory, in no order. Strings first: as bytes the names cost half as much again. */
export function listNames(directory: string): string[] {
  const path = fsPath(directory);
  const names = readdirSync(path);
  if (!names.some((name) => name.includes(replacement))) return names;
  return readdirSync(path, { encoding: "buffer" }).map(decodeName);
}

/** The form that node:fs takes: the string itself, or bytes where a string could not say it. */
export function fsPath(name: string): string | Buffer {
  return name.isWellFormed() ? name : encodeName(name);
}
