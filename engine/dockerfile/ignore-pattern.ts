/**
 * One pattern of .dockerignore as a predicate on paths. `*` and `?` stay within a directory, `**` crosses directories,
 * brackets and backslash as in Go's filepath.Match. A context from elsewhere brings its own .dockerignore, so matching
 * never backtracks: all ways through a pattern are followed side by side, in time proportional to pattern × path.
 */

type Token =
  | { kind: "character"; character: string }
  /** `[^/]` */
  | { kind: "any" }
  /** `[^/]*` */
  | { kind: "star" }
  /** Nothing, or what `within` reads: any text up to and with a slash. The next token is always `within`. */
  | { kind: "directories" }
  | { kind: "within" }
  /** Any text. */
  | { kind: "rest" }
  | { kind: "set"; negated: boolean; ranges: [from: string, to: string][] };

export type PathPredicate = (path: string) => boolean;

/** @returns undefined for a malformed pattern: brackets that are open or empty, a backslash at the end */
export function compilePattern(pattern: string): PathPredicate | undefined {
  const tokens = tokenize(pattern);
  if (!tokens) return undefined;
  if (tokens.every((token) => token.kind === "character")) {
    const literal = tokens.map(characterOf).join("");
    return (path) => path === literal;
  }
  // Most paths fail on the literal text at either end of a pattern and need no more than that.
  const prefix = literalPrefix(tokens);
  const suffix = literalSuffix(tokens);
  const matches = simulate(tokens);
  return (path) => path.startsWith(prefix) && path.endsWith(suffix) && matches(path);
}

const characterOf = (token: Token) => (token.kind === "character" ? token.character : "");

function literalPrefix(tokens: readonly Token[]): string {
  const end = tokens.findIndex((token) => token.kind !== "character");
  return tokens.slice(0, end).map(characterOf).join("");
}

function literalSuffix(tokens: readonly Token[]): string {
  return tokens
    .slice(tokens.findLastIndex((token) => token.kind !== "character") + 1)
    .map(characterOf)
    .join("");
}

function tokenize(pattern: string): Token[] | undefined {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === "*" && characters[at + 1] === "*") {
      // "**/" is "**": the slash goes with it.
      at += characters[at + 2] === "/" ? 2 : 1;
      if (at + 1 < characters.length) tokens.push({ kind: "directories" }, { kind: "within" });
      else tokens.push({ kind: "rest" });
    } else if (character === "*") {
      tokens.push({ kind: "star" });
    } else if (character === "?") {
      tokens.push({ kind: "any" });
    } else if (character === "\\") {
      if (++at === characters.length) return undefined;
      tokens.push({ kind: "character", character: characters[at]! });
    } else if (character === "[") {
      const set = readSet(characters, at + 1);
      if (!set) return undefined;
      tokens.push(set.token);
      at = set.end;
    } else {
      tokens.push({ kind: "character", character });
    }
  }
  return fixLeadingStars(pattern, tokens);
}

/** `**.log` at the very beginning is any path with that ending, not only one in some directory. */
function fixLeadingStars(pattern: string, tokens: Token[]): Token[] {
  const literal = tokens.slice(2).every((token) => token.kind === "character");
  return /^\*\*[^/*]/.test(pattern) && literal ? [{ kind: "rest" }, ...tokens.slice(2)] : tokens;
}

/** A bracket expression from behind its bracket; `end` is the index of the closing one. */
function readSet(characters: string[], from: number): { token: Token; end: number } | undefined {
  const negated = characters[from] === "^";
  const ranges: [string, string][] = [];
  for (let at = negated ? from + 1 : from; at < characters.length; at++) {
    if (characters[at] === "]") return ranges.length === 0 ? undefined : { token: { kind: "set", negated, ranges }, end: at };
    if (characters[at] === "\\") at++;
    const first = characters[at];
    if (first === undefined) return undefined;
    let last = first;
    if (characters[at + 1] === "-" && characters[at + 2] !== "]" && characters[at + 2] !== undefined) {
      at += characters[at + 2] === "\\" ? 3 : 2;
      if (characters[at] === undefined) return undefined;
      last = characters[at]!;
    }
    ranges.push([first, last]);
  }
  return undefined;
}

/** Follows all states at once; state i means that the tokens before i are matched. */
function simulate(tokens: readonly Token[]): PathPredicate {
  const { length } = tokens;
  let active = new Uint8Array(length + 1);
  let next = new Uint8Array(length + 1);
  return (path) => {
    active.fill(0);
    active[0] = 1;
    skipEmpty(tokens, active);
    for (const character of path) {
      next.fill(0);
      for (let state = 0; state < length; state++) if (active[state]) consume(tokens[state]!, state, character, next);
      skipEmpty(tokens, next);
      [active, next] = [next, active];
    }
    return active[length] === 1;
  };
}

/** Tokens that may match nothing are passed without a character. */
function skipEmpty(tokens: readonly Token[], states: Uint8Array): void {
  for (let state = 0; state < tokens.length; state++) {
    if (!states[state]) continue;
    const { kind } = tokens[state]!;
    if (kind === "star" || kind === "rest") states[state + 1] = 1;
    if (kind === "directories") states[state + 1] = states[state + 2] = 1;
  }
}

function consume(token: Token, state: number, character: string, next: Uint8Array): void {
  switch (token.kind) {
    case "character":
      if (token.character === character) next[state + 1] = 1;
      break;
    case "any":
      if (character !== "/") next[state + 1] = 1;
      break;
    case "star":
      if (character !== "/") next[state] = 1;
      break;
    case "within":
      next[state] = 1;
      if (character === "/") next[state + 1] = 1;
      break;
    case "rest":
      next[state] = 1;
      break;
    case "set":
      if (token.ranges.some(([from, to]) => from <= character && character <= to) !== token.negated) next[state + 1] = 1;
      break;
    case "directories":
      break;
  }
}
