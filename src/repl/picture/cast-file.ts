/** asciicast v2 (docs.asciinema.org/manual/asciicast/v2): what was written to a terminal, and when. Pure. */
import { EngineError } from "../../../engine/errors.ts";

export interface CastFile {
  width: number;
  height: number;
  title: string;
  /** What was written, in its order; seconds from the beginning. */
  events: { at: number; text: string }[];
}

/** A larger screen is no picture. */
const largest = 500;

/** @throws EngineError `invalid` with the line that is none of a cast */
export function readCast(text: string, file: string): CastFile {
  const [first = "", ...lines] = text.split("\n");
  const { version, width, height, title } = (parsed(first, file, 1) ?? {}) as Record<string, unknown>;
  if (version !== 2) throw invalid(file, 1, "it is no asciicast of version 2");
  if (!isSize(width) || !isSize(height)) throw invalid(file, 1, `its width and height are not between 1 and ${largest}`);
  const events = lines.flatMap((line, index) => (line.trim() === "" ? [] : eventsOf(line, file, index + 2)));
  return { width, height, title: typeof title === "string" ? title : "", events };
}

const isSize = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) <= largest;

/** Input, markers and changes of size are no output. */
function eventsOf(line: string, file: string, number: number): CastFile["events"] {
  const event = parsed(line, file, number);
  const [at, kind, text] = Array.isArray(event) ? (event as unknown[]) : [];
  if (typeof at !== "number" || !(at >= 0) || typeof text !== "string")
    throw invalid(file, number, "it is no event: [SECONDS, KIND, TEXT]");
  return kind === "o" ? [{ at, text }] : [];
}

function parsed(line: string, file: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(file, number, (cause as Error).message);
  }
}

function invalid(file: string, line: number, why: string): EngineError {
  return new EngineError("invalid", `cannot read line ${line} of "${file}": ${why}`, { hint: "'berth repl --cast FILE' writes one" });
}
