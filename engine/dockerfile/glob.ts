/**
 * The patterns of `${x#p}`, `${x%p}`, `${x/p/r}`: `*`, `?` and backslash escapes, no brackets (POSIX "Pattern Matching
 * Notation" without bracket expressions). Matched by running all possibilities side by side, so a pattern of many stars
 * takes time in proportion to pattern × text.
 */
import { EngineError } from "../errors.ts";

type Token = { kind: "star" } | { kind: "any" } | { kind: "literal"; character: string };

const star: Token = { kind: "star" };
const any: Token = { kind: "any" };

/** @throws EngineError without a location for an escape of an ordinary character */
function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*") tokens.push(star);
    else if (character === "?") tokens.push(any);
    else if (character === "\\") tokens.push({ kind: "literal", character: unescaped(characters, ++at, pattern) });
    else tokens.push({ kind: "literal", character });
  }
  return tokens;
}

/** `}` and `/` are escaped for the sake of `${…}`, the others for the pattern's own. */
function unescaped(characters: string[], at: number, pattern: string): string {
  const character = characters[at] ?? "";
  if (character !== "" && "}/*?\\".includes(character)) return character;
  throw new EngineError("dockerfile", `invalid pattern (${pattern}) in substitution: invalid escape '\\${character}'`);
}

/**
 * Where a match that starts at `from` ends: the nearest or the farthest end, -1 when there is none.
 * Like Go's `.`, wildcards do not cross a newline.
 */
function matchEnd(tokens: Token[], text: string[], from: number, longest: boolean): number {
  let active = closure(tokens, new Set([0]));
  let end = active.has(tokens.length) ? from : -1;
  for (let at = from; at < text.length && active.size > 0; at++) {
    if (end !== -1 && !longest) return end;
    active = closure(tokens, step(tokens, active, text[at]!));
    if (active.has(tokens.length)) end = at + 1;
  }
  return end;
}

/** States after one more character; a state is the number of tokens already matched. */
function step(tokens: Token[], active: Set<number>, character: string): Set<number> {
  const after = new Set<number>();
  for (const state of active) {
    const token = tokens[state];
    if (!token) continue;
    if (token.kind === "literal") {
      if (token.character === character) after.add(state + 1);
    } else if (character !== "\n") {
      after.add(token.kind === "star" ? state : state + 1);
    }
  }
  return after;
}

function closure(tokens: Token[], states: Set<number>): Set<number> {
  // A Set visits what is added while it is walked, so chains of stars are followed.
  for (const state of states) if (tokens[state]?.kind === "star") states.add(state + 1);
  return states;
}

/** `${x#pattern}`; `longest` for `##`. */
export function trimPrefix(value: string, pattern: string, longest: boolean): string {
  const text = [...value];
  const end = matchEnd(tokenize(pattern), text, 0, longest);
  return end === -1 ? value : text.slice(end).join("");
}

/** `${x%pattern}`; `longest` for `%%`. */
export function trimSuffix(value: string, pattern: string, longest: boolean): string {
  const text = [...value].reverse();
  const end = matchEnd(tokenize(pattern).reverse(), text, 0, longest);
  return end === -1 ? value : text.slice(end).reverse().join("");
}

/** `${x/pattern/replacement}`, leftmost longest; `all` for `//`. An empty match right behind a match does not count. */
export function replace(value: string, pattern: string, replacement: string, all: boolean): string {
  const tokens = tokenize(pattern);
  const text = [...value];
  let result = "";
  let copied = 0;
  let lastEnd = -1;
  for (let at = 0; at <= text.length; ) {
    const end = matchEnd(tokens, text, at, true);
    if (end === -1 || (end === at && at === lastEnd)) {
      at++;
      continue;
    }
    result += text.slice(copied, at).join("") + replacement;
    copied = lastEnd = end;
    if (!all) break;
    at = Math.max(end, at + (end === at ? 1 : 0));
  }
  return result + text.slice(copied).join("");
}
