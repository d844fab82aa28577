/** What words ask to be written: texts as they are, and `/REGEX/` as it stands in the script. */

import { literal, type Word } from "../language/index.ts";
import type { Frame } from "./frame.ts";
import type { Unread } from "./unread.ts";

type Taken = NonNullable<ReturnType<Unread["take"]>>;

/** The pattern of an expectation: `/REGEX/flags`, or the text itself. */
export function toPattern(text: string): RegExp {
  const [, body, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  return body === undefined ? new RegExp(escapeRegex(text)) : new RegExp(body, flags?.replace("g", ""));
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** What variables hold is text, and nothing else, within a pattern too. */
export async function patternOf(word: Word, { variables, text, place }: Frame): Promise<RegExp> {
  const isRegex = literal(word).startsWith("/") && word.parts[0]?.kind === "text";
  if (!isRegex) return new RegExp(escapeRegex(await variables.expandWord(word, text, place.engine)));
  let pattern = "";
  for (const part of word.parts)
    pattern += part.kind === "text" ? part.text : escapeRegex(await variables.expandWord({ ...word, parts: [part] }, text, place.engine));
  return toPattern(pattern);
}

export async function patternsOf(words: readonly Word[], frame: Frame): Promise<RegExp[]> {
  const patterns: RegExp[] = [];
  for (const word of words) patterns.push(await patternOf(word, frame));
  return patterns;
}

/** Binds $match (a list where there are groups), $matched (which pattern, from 1), $before, and named groups by their names. */
export function bindMatch({ variables }: Frame, { match, which, before }: Taken): void {
  variables.set("match", match.length > 1 ? [...match] : match[0]);
  variables.set("matched", String(which + 1));
  variables.set("before", before);
  for (const [name, value] of Object.entries(match.groups ?? {})) variables.set(name, value ?? "");
}
