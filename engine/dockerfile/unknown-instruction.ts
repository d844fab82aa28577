/** What was meant by a line whose keyword is none: typos, and keywords glued to their arguments. */

import { nearestName } from "../suggest.ts";
import { keywords } from "./instructions/table.ts";

/** Longer corrected lines are suggested by their keyword alone. */
const longest = 60;

/**
 * The corrected line, or keyword, to show behind "did you mean".
 * @param keyword as written: "COPY.", "RUNN", "FROMubuntu", "CMD["
 * @param rest what follows it
 */
export function suggestInstruction(keyword: string, rest: string): string | undefined {
  const glued = unglue(keyword);
  if (glued && !/^\p{L}/u.test(glued.rest)) return line(glued.keyword, join(glued.rest.replace(/^:$/, ""), rest));
  const near = nearestName(keyword.toUpperCase(), keywords);
  if (near) return line(matchCase(near, keyword), rest);
  return glued && glued.rest.length > 1 ? line(glued.keyword, join(glued.rest, rest)) : undefined;
}

/** `COPY.` is COPY and `.`; the longest keyword that begins the word. */
function unglue(word: string): { keyword: string; rest: string } | undefined {
  const upper = word.toUpperCase();
  const found = keywords
    .filter((keyword) => upper.startsWith(keyword) && upper !== keyword)
    .sort((one, other) => other.length - one.length)[0];
  return found === undefined ? undefined : { keyword: word.slice(0, found.length), rest: word.slice(found.length) };
}

const join = (...parts: string[]) => parts.filter((part) => part !== "").join(" ");

function line(keyword: string, rest: string): string {
  const whole = join(keyword, rest);
  return whole.length > longest ? keyword : whole;
}

function matchCase(keyword: string, like: string): string {
  return like === like.toLowerCase() ? keyword.toLowerCase() : keyword;
}
