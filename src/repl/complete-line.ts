/** Completion at the prompt: keywords, variables, sessions, and what the commands offer. */
import { complete } from "../commands/complete.ts";
import { keywords } from "./parse.ts";
import type { Session } from "./session.ts";
import { lex, literal, type Statement } from "./words.ts";

/** Candidates for the end of a line, and the word that they replace. */
export async function completeLine(session: Session, line: string, signal: AbortSignal): Promise<[string[], string]> {
  const words = lastWords(line);
  const word = words.at(-1) ?? "";
  if (word.startsWith("$"))
    return [
      session.variables
        .names()
        .map((name) => `$${name}`)
        .filter((name) => name.startsWith(word)),
      word,
    ];
  const command = withoutKeywords(words);
  const first = words.length <= 1 ? keywords.filter((keyword) => keyword.startsWith(word)) : [];
  return [[...new Set([...first, ...(await complete(session.context(signal), command))])].sort(), word];
}

/** The words of the last statement; "" at the end when a new word begins. */
function lastWords(line: string): string[] {
  let statements: Statement[];
  try {
    statements = lex(line);
  } catch {
    return [""]; // inside a quote: nothing to offer
  }
  const isFresh = /(^|[\s;])$/.test(line);
  const last = /;\s*$/.test(line) ? undefined : statements.at(-1);
  const words = last?.words.map(literal) ?? [];
  return isFresh ? [...words, ""] : words;
}

/** `expect 5s inspect w` completes as `inspect w` does, `let x = run i` as `run i`. */
function withoutKeywords(words: string[]): string[] {
  const [first, ...rest] = words;
  if (rest.length === 0) return words;
  if (first === "let") return rest[1] === "=" ? rest.slice(2) : [""];
  if (first === "repeat" || first === "spawn") return withoutKeywords(rest.slice(1));
  if (first === "expect") return /^\d/.test(rest[0] ?? "") ? rest.slice(1) : rest;
  return first === "berth" ? rest : words;
}
