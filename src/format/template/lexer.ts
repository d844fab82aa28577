/** Tokens of a Go template (text/template): text, and what stands between `{{` and `}}`. Pure. */
import { templateError } from "./error.ts";

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "identifier"
  | "field"
  | "dot"
  | "variable"
  | "string"
  | "number"
  | "pipe"
  | "declare"
  | "assign"
  | "left"
  | "right"
  | "comma"
  | "end";

export interface Token {
  kind: TokenKind;
  /** Source text; for strings and text what they stand for. */
  value: string;
  offset: number;
  /** Blank before it: `.A .B` are two operands, `.A.B` is one. */
  spaced: boolean;
}

/** Splits a template into tokens. @throws EngineError located in the template */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf("{{", at);
    const end = open < 0 ? source.length : open;
    const trimsBefore = open >= 0 && /^\{\{-\s/.test(source.slice(open, open + 4));
    let text = source.slice(at, end);
    if (trimNext) text = text.trimStart();
    if (trimsBefore) text = text.trimEnd();
    if (text) tokens.push({ kind: "text", value: text, offset: at, spaced: false });
    if (open < 0) break;
    const action = readAction(source, open, open + (trimsBefore ? 3 : 2));
    tokens.push(...action.tokens);
    trimNext = action.trimsAfter;
    at = action.end;
  }
  tokens.push({ kind: "end", value: "", offset: source.length, spaced: false });
  return tokens;
}

interface Action {
  tokens: Token[];
  end: number;
  trimsAfter: boolean;
}

/** `\s-}}` or `}}` at the cursor. */
const closing = /\s+-\}\}|\}\}/y;
const comment = /\s*\/\*[\s\S]*?\*\/(\s+-)?\}\}/y;
const patterns: [TokenKind | "blank", RegExp][] = [
  ["blank", /\s+/y],
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["string", /'(?:[^'\\\n]|\\.)'/y],
  ["number", /[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ["variable", /\$[A-Za-z_0-9]*/y],
  ["field", /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ["dot", /\./y],
  ["identifier", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["declare", /:=/y],
  ["assign", /=/y],
  ["pipe", /\|/y],
  ["left", /\(/y],
  ["right", /\)/y],
  ["comma", /,/y],
];

function readAction(source: string, open: number, start: number): Action {
  comment.lastIndex = start;
  const note = comment.exec(source);
  if (note) return { tokens: [], end: comment.lastIndex, trimsAfter: note[1] !== undefined };
  const tokens: Token[] = [{ kind: "open", value: "{{", offset: open, spaced: false }];
  let at = start;
  let spaced = false;
  for (;;) {
    closing.lastIndex = at;
    const close = closing.exec(source);
    if (close) {
      tokens.push({ kind: "close", value: "}}", offset: at, spaced });
      return { tokens, end: closing.lastIndex, trimsAfter: close[0].includes("-") };
    }
    if (at >= source.length) throw templateError("unclosed action", source, open);
    const token = readToken(source, at);
    if (!token) throw templateError(unexpected(source, at), source, at);
    if (token.kind === "blank") spaced = true;
    else {
      tokens.push({ kind: token.kind, value: token.kind === "string" ? unquote(token.text, source, at) : token.text, offset: at, spaced });
      spaced = false;
    }
    at += token.text.length;
  }
}

function readToken(source: string, at: number): { kind: TokenKind | "blank"; text: string } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text) return { kind, text };
  }
  return undefined;
}

function unexpected(source: string, at: number): string {
  const character = source[at]!;
  return character === '"' || character === "`" || character === "'"
    ? "unterminated quoted string"
    : `unexpected "${character}" in an action`;
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

/** The value of a Go string, raw string or character constant. */
function unquote(text: string, source: string, at: number): string {
  const body = text.slice(1, -1);
  if (text.startsWith("`")) return body;
  const value = body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gs, (whole, code: string) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    if (code in escapes) return escapes[code]!;
    if ("\\\"'`".includes(code)) return code;
    throw templateError(`unknown escape ${whole}`, source, at);
  });
  return text.startsWith("'") ? String(value.codePointAt(0)) : value;
}
