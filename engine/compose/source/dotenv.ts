/**
 * Files of variables: `.env` in docker compose's grammar (quotes, escapes, comments, export, names without a value), and the format
 * "raw" of `docker run --env-file`, where a line is what it says. Pure.
 */
import { type Lookup, substitute, TemplateProblem } from "../values/template.ts";
import { type SourceFile, wrong } from "./places.ts";

export interface EnvScope {
  /** What names without a value and variables in values stand for, before what the file itself has set. */
  lookup: Lookup;
  warn(text: string): void;
}

/** Characters of a value: a few variables that hold each other twice would fill the memory otherwise. */
const longest = 1 << 20;

/** Spaces, but for the end of a line. */
const space = /[\t\v\f\r \u0085\u00a0]/;

/**
 * Adds a file's variables to some that are there; later ones win.
 * @throws EngineError `compose`, located
 */
export function readDotenv(file: SourceFile, into: Map<string, string>, scope: EnvScope): void {
  const { text } = file;
  const lookup: Lookup = (name) => scope.lookup(name) ?? into.get(name);
  const expand = (value: string, offset: number) => expanded(file, value, offset, lookup, scope.warn);
  for (let at = statementAt(text, 0); at < text.length; at = statementAt(text, at)) {
    const start = /^export[^\S\n]+/.exec(text.slice(at, at + 64))?.[0].length ?? 0;
    const { end, inherited, name } = nameAt(file, at + start);
    if (inherited) {
      const value = scope.lookup(name);
      if (value !== undefined) into.set(name, value);
      at = end;
      continue;
    }
    const value = valueAt(file, end, expand);
    into.set(name, value.text);
    at = value.end;
  }
}

/** Where the next line with something on it begins. */
function statementAt(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) at++;
    else if (text[at] === "#") at = lineEnd(text, at);
    else break;
  }
  return at;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function nameAt(file: SourceFile, from: number): { name: string; end: number; inherited: boolean } {
  const { text } = file;
  let at = from;
  while (at < text.length && !/[=:\n]/.test(text[at]!)) {
    if (!space.test(text[at]!) && !/[\p{L}\p{N}_.\-[\]]/u.test(text[at]!))
      throw wrong(`cannot read "${file.name}": "${text[at]}" cannot stand in a variable's name`, { file, offset: at });
    at++;
  }
  const name = text.slice(from, at).trimEnd();
  if (/\s/.test(name)) throw wrong(`cannot read "${file.name}": the variable's name "${name}" has a space`, { file, offset: from });
  return { name, end: Math.min(at + 1, text.length), inherited: text[at] !== "=" && text[at] !== ":" };
}

function valueAt(file: SourceFile, from: number, expand: (value: string, offset: number) => string): { text: string; end: number } {
  const { text } = file;
  let at = from;
  while (at < text.length && space.test(text[at]!)) at++;
  if (text[at] === '"' || text[at] === "'") return quotedAt(file, at, expand);
  const end = lineEnd(text, at);
  const line = text.slice(at, end);
  const comment = line.indexOf(" #");
  return { text: expand((comment < 0 ? line : line.slice(0, comment)).trimEnd(), at), end: Math.min(end + 1, text.length) };
}

function quotedAt(file: SourceFile, from: number, expand: (value: string, offset: number) => string): { text: string; end: number } {
  const { text } = file;
  const quote = text[from]!;
  let value = "";
  for (let at = from + 1; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === quote) return { text: quote === '"' ? expand(unescaped(value), from) : value, end: at + 1 };
    if (letter === "\\" && text[at + 1] === quote) value += text[++at];
    else if (letter === "\\" && at + 1 < text.length) value += letter + text[++at]!;
    else value += letter;
  }
  throw wrong(`cannot read "${file.name}": the quoted value is not closed`, { file, offset: from });
}

const escapes: Readonly<Record<string, string>> = { a: "\x07", b: "\b", c: "\\c", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", $: "$$" };

/** A backslash and a letter of a shell's, and \0 with up to three octal digits. */
function unescaped(text: string): string {
  return text.replace(/\\([abcfnrtv$"\\]|0\d{0,3})/g, (whole, code: string) => {
    if (code.startsWith("0")) return /^0[0-7]{3}$/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : whole;
    return escapes[code] ?? code;
  });
}

function expanded(file: SourceFile, value: string, offset: number, lookup: Lookup, warn: EnvScope["warn"]): string {
  try {
    const text = substitute(value, lookup, (name) => warn(`The "${name}" variable is not set. Defaulting to a blank string.`));
    if (text.length <= longest) return text;
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    const { cause } = error;
    const said =
      cause.problem === "invalid" ? `invalid interpolation format: "${cause.text}"` : `required variable ${cause.name} is missing a value`;
    throw wrong(`cannot read "${file.name}": ${said}`, { file, offset });
  }
  throw wrong(`cannot read "${file.name}": the value has more than ${longest} characters`, { file, offset });
}

/** Adds the variables of a file of the format "raw". @throws EngineError `compose`, located */
export function readRaw(file: SourceFile, into: Map<string, string>, { lookup }: EnvScope): void {
  let offset = 0;
  for (const line of file.text.split("\n")) {
    const text = line.replace(/\r$/, "").trimStart();
    if (text !== "" && !text.startsWith("#")) rawLine(file, text, offset, into, lookup);
    offset += line.length + 1;
  }
}

function rawLine(file: SourceFile, text: string, offset: number, into: Map<string, string>, lookup: Lookup): void {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  if (name === "") throw wrong(`cannot read "${file.name}": no variable name on the line "${text}"`, { file, offset });
  if (/\s/.test(name)) throw wrong(`cannot read "${file.name}": the variable's name "${name}" has a space`, { file, offset });
  const value = equals < 0 ? lookup(name) : text.slice(equals + 1);
  if (value !== undefined) into.set(name, value);
}
