/**
 * Words of a command line, and variables of the environment, whose bytes are not UTF-8. Node has made U+FFFD of them, as
 * docker's client does on its way to JSON. docker says nothing; here a name of the host's is refused, since the one with
 * U+FFFD would be another file, and of anything else it is said. `cp` takes any name.
 */
import { readFileSync } from "node:fs";
import { EngineError } from "../../engine/errors.ts";
import type { ProgressEvent } from "../../engine/index.ts";
import type { Command, Input } from "./command.ts";

const replacement = "\ufffd";

/** Flags with names of the host's that completion does not take for files. */
const namesOfHost = new Set(["volume", "mount", "secret", "output", "build-context", "ssh"]);

/** @throws EngineError `usage` */
export function* checkStrayBytes(spec: Command, input: Input): Generator<ProgressEvent> {
  if (spec.name === "container cp") return;
  const given = new Set([...wordsIn("/proc/self/cmdline"), ...wordsIn("/proc/self/environ")].filter((word) => word.includes(replacement)));
  const isStray = (value: unknown): value is string =>
    typeof value === "string" && value.includes(replacement) && [...given].some((word) => word.includes(value));
  for (const [at, word] of input.args.entries()) {
    const { subject, variadic = false } = spec.args[Math.min(at, spec.args.length - 1)] ?? {};
    if (isStray(word)) yield* say(word, !variadic && (subject === "file" || subject === "directory"));
  }
  for (const { name, subject } of spec.flags)
    for (const value of [input.flags[name]].flat())
      if (isStray(value)) yield* say(value, subject === "file" || subject === "directory" || namesOfHost.has(name));
      else if (name === "env" && isStray(process.env[String(value)])) yield* say(`${value}=${process.env[String(value)]}`, false);
}

/** The kernel's own, with bytes that are not UTF-8 alone: somebody may have typed U+FFFD. */
function wordsIn(file: string): string[] {
  const words = readFileSync(file, "latin1")
    .split("\0")
    .map((word) => Buffer.from(word, "latin1"));
  return words.filter((word) => !Buffer.from(word.toString()).equals(word)).map(String);
}

function* say(word: string, isName: boolean): Generator<ProgressEvent> {
  if (!isName) yield { type: "warning", text: `"${word}" is not UTF-8: each byte that is not is taken for U+FFFD` };
  else
    throw new EngineError("usage", `cannot use "${word}": its bytes are not UTF-8`, {
      hint: "give the name by way of a link, or of a directory above it",
    });
}
