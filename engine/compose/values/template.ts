/**
 * Variables in texts (Compose Specification, interpolation): $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?error},
 * ${NAME?error}, ${NAME:+replacement}, ${NAME+replacement}, nested to any depth, and $$ for a dollar sign. Pure.
 */

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** What a text cannot be read as; the caller knows where it stands. */
export type Unreadable = { problem: "invalid"; text: string } | { problem: "required"; name: string; reason: string };

export class TemplateProblem {
  readonly cause: Unreadable;

  constructor(cause: Unreadable) {
    this.cause = cause;
  }
}

export interface Variable {
  name: string;
  operator?: ":-" | "-" | ":?" | "?" | ":+" | "+";
  /** What stands behind the operator. */
  word: string;
}

/** Variables in defaults of variables. */
const deepest = 100;

/** A text's parts in order: texts as they are, and variables. @throws TemplateProblem `invalid` */
export function templateParts(text: string): (string | Variable)[] {
  const parts: (string | Variable)[] = [];
  let from = 0;
  for (let at = text.indexOf("$"); at >= 0; at = text.indexOf("$", from)) {
    const found = variableAt(text, at);
    parts.push(text.slice(from, at), found.part);
    from = found.end;
  }
  return [...parts, text.slice(from)];
}

const namePattern = /[A-Za-z_]\w*/y;

function nameAt(text: string, at: number): string {
  namePattern.lastIndex = at;
  return namePattern.exec(text)?.[0] ?? "";
}

function variableAt(text: string, at: number): { part: string | Variable; end: number } {
  if (text[at + 1] === "$") return { part: "$", end: at + 2 };
  if (text[at + 1] === "{") return bracedAt(text, at);
  const name = nameAt(text, at + 1);
  return name ? { part: { name, word: "" }, end: at + 1 + name.length } : { part: "$", end: at + 1 };
}

function bracedAt(text: string, at: number): { part: Variable; end: number } {
  const name = nameAt(text, at + 2);
  const behind = at + 2 + name.length;
  if (name && text[behind] === "}") return { part: { name, word: "" }, end: behind + 1 };
  const operator = name && /^:?[-+?]/.exec(text.slice(behind, behind + 2))?.[0];
  const end = operator ? closingBrace(text, at + 1) : -1;
  if (!operator || end < 0) throw new TemplateProblem({ problem: "invalid", text });
  return { part: { name, operator: operator as Variable["operator"], word: text.slice(behind + operator.length, end) }, end: end + 1 };
}

/** The brace that closes the one at `open`, on its line; where braces are not balanced the line's last. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  let last = -1;
  for (let at = open; at < text.length && text[at] !== "\n"; at++) {
    if (text[at] === "{") depth++;
    if (text[at] !== "}") continue;
    last = at;
    if (--depth === 0) return at;
  }
  return last;
}

/**
 * Puts values in the place of variables.
 * @param missing told of each variable that has neither value nor default; it becomes ""
 * @throws TemplateProblem
 */
export function substitute(text: string, lookup: Lookup, missing: (name: string) => void = () => {}, depth = 0): string {
  if (!text.includes("$")) return text;
  if (depth > deepest) throw new TemplateProblem({ problem: "invalid", text });
  return templateParts(text)
    .map((part) => (typeof part === "string" ? part : resolved(part, lookup, missing, depth)))
    .join("");
}

function resolved({ name, operator, word }: Variable, lookup: Lookup, missing: (name: string) => void, depth: number): string {
  const value = lookup(name);
  if (operator === undefined) {
    if (value === undefined) missing(name);
    return value ?? "";
  }
  // The word counts even where it is not used, as with docker compose: a mistake in it shows at once.
  const other = substitute(word, lookup, missing, depth + 1);
  const isThere = value !== undefined && (value !== "" || !operator.startsWith(":"));
  if (operator.endsWith("+")) return isThere ? other : (value ?? "");
  if (isThere) return value;
  if (operator.endsWith("-")) return other;
  throw new TemplateProblem({ problem: "required", name, reason: other });
}
