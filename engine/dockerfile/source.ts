/** A Dockerfile's text as physical lines, and the located errors that point into it. */
import { EngineError, type SourceLocation } from "../errors.ts";

/** BuildKit's bufio limit; kept so that what builds here also builds with docker. Bytes without the newline. */
const longestLine = 65_535;

export interface PhysicalLine {
  /** With its line end, as heredoc bodies keep it. */
  raw: string;
  /** Without trailing carriage returns and newline. */
  text: string;
}

export interface Source {
  file: string;
  /** As given, for excerpts. */
  text: string;
  lines: PhysicalLine[];
}

/** Splits a text into lines; a byte order mark before the first one is dropped. */
export function readSource(text: string, file: string): Source {
  const source: Source = { file, text, lines: [] };
  for (let from = text.startsWith("\uFEFF") ? 1 : 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const next = newline === -1 ? text.length : newline + 1;
    const raw = text.slice(from, next);
    source.lines.push({ raw, text: trimLineEnd(raw) });
    checkLength(source, raw);
    from = next;
  }
  return source;
}

function trimLineEnd(raw: string): string {
  let end = raw.length;
  while (end > 0 && (raw[end - 1] === "\n" || raw[end - 1] === "\r")) end--;
  return end === raw.length ? raw : raw.slice(0, end);
}

function checkLength(source: Source, raw: string): void {
  // A UTF-16 unit takes at most three bytes, so short lines need no count.
  if (raw.length * 3 <= longestLine) return;
  const bytes = Buffer.byteLength(raw) - (raw.endsWith("\n") ? 1 : 0);
  if (bytes > longestLine) fail(`dockerfile line greater than max allowed size of ${longestLine}`, locate(source, source.lines.length));
}

/** A place in the source; lines and columns count from 1. */
export function locate(source: Source, line: number, column = 1, endLine?: number): SourceLocation {
  const location: SourceLocation = { file: source.file, line, column, source: source.text };
  if (endLine !== undefined && endLine !== line) location.endLine = endLine;
  return location;
}

export interface Advice {
  /** What to write instead; shown as: did you mean "…"? */
  suggestion?: string;
  hint?: string;
}

/** Every error of the language goes through here: code "dockerfile", with a location that carries the source. */
export function fail(message: string, location: SourceLocation, advice: Advice = {}): never {
  throw new EngineError("dockerfile", message, { location, ...advice });
}
