/** Words of a command line as the kernel has them: Node makes U+FFFD of bytes that are not UTF-8, which names of files may hold. */
import { readFileSync } from "node:fs";
import { decodeName } from "../../../engine/image/tar/index.ts";

/** The words with their bytes, where this process was called with them: `decodeName` says how. Others stay as they are. */
export function typedWords(words: readonly string[]): string[] {
  const called = readFileSync("/proc/self/cmdline", "latin1").split("\0");
  const bytes = called.map((word) => Buffer.from(word, "latin1"));
  return words.map((word) => {
    const found = word.includes("\ufffd") && bytes.find((each) => each.toString() === word);
    return found ? decodeName(found) : word;
  });
}
