/**
 * Physical lines to logical lines: continuation, comments inside continuations, blank lines inside them, and heredoc
 * bodies (Dockerfile reference, "Format", "escape", "Here-Documents"). Knows nothing of instructions.
 */
import type { SourceLocation } from "../errors.ts";
import { fail, locate, type Source } from "./source.ts";
import { isSpace, trimSpace, trimStart } from "./space.ts";

/** Where a stretch of a logical line's text came from. */
interface Piece {
  /** In the logical text. */
  offset: number;
  /** From 1. */
  line: number;
  column: number;
}

export interface LogicalLine {
  /** Continuation lines joined; comment and blank lines among them dropped. */
  text: string;
  pieces: Piece[];
  /** From 1. */
  line: number;
  endLine: number;
  /** The comment lines right above, "#" and white space around them removed. */
  comments: string[];
  /** A blank line stood inside the continuation. */
  hasEmptyContinuation: boolean;
}

export interface Comment {
  text: string;
  line: number;
  column: number;
}

/** Reads a source from top to bottom. */
export interface LineReader {
  /** The next instruction's line; undefined at the end. */
  next(): LogicalLine | undefined;
  /** Consumes lines up to a heredoc's delimiter. @throws EngineError when the file ends first */
  readHeredoc(name: string, chomp: boolean, opener: SourceLocation): { content: string; location: SourceLocation };
  /** Number of the last line read. */
  readonly line: number;
}

export interface ReaderOptions {
  escape: string;
  /** Lines, from 1, that hold parser directives: not comments. */
  directiveLines: ReadonlySet<number>;
  /** Told of every comment between instructions; true when it is a directive and describes nothing. */
  onComment?: (comment: Comment) => boolean;
}

/** The source location of an offset into a logical line's text. */
export function locateOffset(source: Source, line: LogicalLine, offset: number, endLine?: number): SourceLocation {
  let found = line.pieces[0]!;
  for (const piece of line.pieces) {
    if (piece.offset > offset) break;
    found = piece;
  }
  return locate(source, found.line, found.column + offset - found.offset, endLine);
}

/**
 * Cuts the escape token that continues a line: the last character but trailing blanks, and not itself escaped. Like
 * BuildKit, a token before the token counts as escaping it whatever stands before that one.
 */
function cutContinuation(text: string, escapeToken: string): string | undefined {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  if (end === 0 || text[end - 1] !== escapeToken) return undefined;
  return end >= 2 && text[end - 2] === escapeToken ? undefined : text.slice(0, end - 1);
}

const isComment = (text: string) => trimStart(text).startsWith("#");

export function readLines(source: Source, options: ReaderOptions): LineReader {
  const { lines } = source;
  let at = 0;
  let comments: string[] = [];

  /** Comments and blank lines between instructions. */
  function skipBetween(text: string): boolean {
    const trimmed = trimStart(text);
    if (trimmed !== "" && trimmed[0] !== "#") return false;
    const comment = trimSpace(trimmed.slice(1));
    if (options.directiveLines.has(at)) return true;
    // A blank line or an empty comment ends a description: what is above it is about something else.
    if (comment === "") comments = [];
    else if (!options.onComment?.({ text: comment, line: at, column: text.length - trimmed.length + 1 })) comments.push(comment);
    return true;
  }

  function next(): LogicalLine | undefined {
    while (at < lines.length) {
      const physical = lines[at++]!.text;
      if (!skipBetween(physical)) return readContinued(physical);
    }
    return undefined;
  }

  function readContinued(first: string): LogicalLine {
    const text = trimStart(first);
    const result: LogicalLine = {
      text,
      pieces: [{ offset: 0, line: at, column: first.length - text.length + 1 }],
      line: at,
      endLine: at,
      comments,
      hasEmptyContinuation: false,
    };
    comments = [];
    let rest = cutContinuation(text, options.escape);
    if (rest !== undefined) result.text = rest;
    while (rest !== undefined && at < lines.length) {
      const physical = lines[at++]!.text;
      if (isComment(physical)) continue;
      if (isBlank(physical)) {
        result.hasEmptyContinuation = true;
        continue;
      }
      rest = cutContinuation(physical, options.escape);
      result.pieces.push({ offset: result.text.length, line: at, column: 1 });
      result.text += rest ?? physical;
    }
    result.endLine = at;
    return result;
  }

  function readHeredoc(name: string, chomp: boolean, opener: SourceLocation) {
    const first = at + 1;
    const body: string[] = [];
    while (at < lines.length) {
      const { raw, text } = lines[at++]!;
      if ((chomp ? text.replace(/^\t+/, "") : text) === name) return { content: body.join(""), location: locate(source, first, 1, at) };
      body.push(raw);
    }
    return fail("unterminated heredoc", opener, { hint: `end it with a line that is exactly ${JSON.stringify(name)}` });
  }

  return {
    next,
    readHeredoc,
    get line() {
      return at;
    },
  };
}

function isBlank(text: string): boolean {
  for (const character of text) if (!isSpace(character)) return false;
  return true;
}
