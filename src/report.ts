/** Errors and warnings as text: what failed, where (excerpt and caret), what was probably meant, what to do about it. Pure. */
import type { EngineError, Passage, SourceLocation } from "../engine/errors.ts";
import type { WarningEvent } from "../engine/events.ts";
import { excerpt } from "./excerpt.ts";
import { neutralise } from "./format/neutral.ts";
import { type Paint, painter } from "./print.ts";

/** "Dockerfile:5:1" */
export function place(location: SourceLocation): string {
  return `${location.file}:${location.line}:${location.column}`;
}

/** The lines that a text face prints for an error, each with its line end. */
export function reportError(error: EngineError, options: { colour?: boolean; debug?: boolean } = {}): string {
  const paint = painter(options.colour ?? false);
  const lines = [heading(error, paint)];
  if (error.location?.source !== undefined) lines.push(excerpt(error.location, paint));
  lines.push(...wayThere(error.location?.through ?? [], paint));
  if (error.suggestion) lines.push(`${paint("cyan", "did you mean")} ${quote(error.suggestion)}?`);
  if (error.hint) lines.push(`${paint("dim", "hint:")} ${neutralise(error.hint)}`);
  if (options.debug) lines.push(trail(error));
  return lines.map((line) => `${line}\n`).join("");
}

/** Calls of a way there that are shown; of a circle of a hundred, its ends. */
const shownCalls = 8;

function wayThere(through: readonly Passage[], paint: Paint): string[] {
  const lines = through.map(({ into, ...from }) => `${paint("dim", "  in")} ${neutralise(`${into}, from ${place(from)}`)}`);
  if (lines.length <= shownCalls) return lines;
  const half = shownCalls / 2;
  return [...lines.slice(0, half), paint("dim", `  … ${lines.length - shownCalls} more`), ...lines.slice(-half)];
}

function heading(error: EngineError, paint: Paint): string {
  const message = neutralise(error.message);
  if (!error.location) return `${paint("red", "berth:")} ${message}`;
  const where = neutralise(place(error.location));
  return `${paint("bold", `${where}:`)} ${message.startsWith(`${where}: `) ? message.slice(where.length + 2) : message}`;
}

function quote(suggestion: string): string {
  return `"${neutralise(suggestion)}"`;
}

/** --debug: the stack and what lies beneath. */
function trail(error: Error): string {
  const causes: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) causes.push(at.stack ?? String(at));
  return causes.map(neutralise).join("\ncaused by ");
}

/** What `--json` writes to stderr for an error: one line. */
export function errorAsJson(error: EngineError): string {
  const { code, message, hint, exit, suggestion, details } = error;
  const { source: _source, ...location } = error.location ?? ({} as SourceLocation);
  return `${JSON.stringify({ error: { code, message, hint, exit, suggestion, location: error.location && location, details } })}\n`;
}

/** What docker compose writes to stderr for an error where its progress is JSON: one line. */
export function errorAsProgress({ message }: EngineError): string {
  return `${JSON.stringify({ error: true, message })}\n`;
}

export function reportWarning(warning: WarningEvent, paint: Paint = painter(false)): string {
  const where = warning.location ? `${neutralise(place(warning.location))}: ` : "";
  const rule = warning.rule ? ` (${neutralise(warning.rule)})` : "";
  const text = `${paint("yellow", "WARNING:")} ${where}${neutralise(warning.text)}${rule}\n`;
  return warning.location?.source === undefined ? text : `${text}${excerpt(warning.location, paint)}\n`;
}
