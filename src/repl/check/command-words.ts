/** What can be known of a command line before it runs: its command, flags, the types of their values, and what these say. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import { unknownText } from "../../args.ts";
import type { Io } from "../../commands/command.ts";
import { resolve } from "../../commands/execute.ts";
import { isAlone } from "../frame/index.ts";
import { isLiteral, literal, type Word } from "../language/index.ts";

/** @throws EngineError with the index of the word that is wrong, `details.word` */
export async function requireSense(words: readonly Word[], io: Pick<Io, "cwd" | "env">): Promise<void> {
  const { input, spec } = await resolve(words.map(asFarAsKnown));
  if (!words.every(isLiteral)) return;
  try {
    spec.verify?.(input, io);
  } catch (thrown) {
    const { code, exit, hint, message } = toEngineError(thrown);
    const [, value] = /^invalid argument "(.*)" for "-/s.exec(message) ?? [];
    if (value === undefined) return; // of what is on this host, which a line before may change
    throw new EngineError(code, message, { exit, hint, details: { word: wordOf(value, words) } });
  }
}

/** The word of a value: by itself, or behind its flag. */
function wordOf(value: string, words: readonly Word[]): number | undefined {
  const texts = words.map(literal);
  const index = texts.includes(value) ? texts.indexOf(value) : texts.findIndex((text) => text.startsWith("-") && text.endsWith(value));
  return index < 0 ? undefined : index;
}

/** A word with unknownText for what its variables will hold. */
function asFarAsKnown(word: Word): string {
  if (isAlone(word)) return unknownText;
  return word.parts.map((part) => (part.kind === "text" ? part.text : unknownText)).join("");
}
