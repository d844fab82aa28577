/** Results as rows: through the filters behind a |, and shown as a table, as JSON or as lines. */
import { EngineError } from "../../../engine/errors.ts";
import type { Column } from "../../commands/command.ts";
import type { Executed } from "../../commands/execute.ts";
import { neutralise, neutraliseJson } from "../../format/neutral.ts";
import { renderTable } from "../../format/table.ts";
import { presentResult, presentRow } from "../../present.ts";
import { contextOf, type Frame, Kept, pointingAt, requireSuccess, say } from "../frame/index.ts";
import { applyFilter, type Filter, fieldOf, itemsOf, Phrase, type Plumbing, type Stage, textOf, type Word } from "../language/index.ts";
import { errorsOf, type Pipeline, runPipeline, titleOf } from "./pipeline.ts";

/** Where rows come from: a command with its own way to show them, or a value. */
export type Origin =
  | { value: unknown; executed?: Executed | undefined }
  | { result: unknown; rows?: unknown[]; text: string; executed?: Executed };

export interface Data {
  value: unknown;
  render(): Promise<string>;
}

/** Sends data through filters and programs in their order. @throws EngineError `command-failed` of a program */
export async function filtered(origin: Origin, stages: readonly Stage[], frame: Frame): Promise<Data> {
  let value: unknown = "value" in origin ? itemsOf(origin.value) : isOfText(filterOf(stages[0])) ? [origin.text] : rowsOfResult(origin);
  let executed = "executed" in origin ? origin.executed : undefined;
  let last: Filter | undefined;
  const { variables, text, place } = frame;
  const expandOne = (word: Word) => variables.expandWord(word, text, place.engine);
  for (let index = 0; index < stages.length; index++) {
    const stage = stages[index]!;
    if (stage.kind === "filter") {
      last = stage.filter;
      value = await apply(last, itemsOf(value), expandOne);
      continue;
    }
    const programs: Pipeline["programs"] = [];
    for (let next = stages[index]; next?.kind === "program"; next = stages[++index])
      programs.push({ words: (await variables.commandWords(next.words, text, place.engine)).words, at: next.words[0] });
    index--;
    value = await throughPrograms(await rendered(value, executed, last), programs, frame);
    executed = last = undefined;
  }
  return { value, render: () => rendered(value, executed, last) };
}

/** Filters that ask for what a command shows, not for its data. */
export function isOfText(filter: Filter | undefined): boolean {
  return filter?.name === "lines" || filter?.name === "words";
}

function filterOf(stage: Stage | undefined): Filter | undefined {
  return stage?.kind === "filter" ? stage.filter : undefined;
}

/** @throws EngineError `invalid` for what a filter cannot do */
export async function apply(filter: Filter, rows: readonly unknown[], expandOne: (word: Word) => Promise<string>): Promise<unknown> {
  try {
    return await applyFilter(filter, [...rows], expandOne);
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof SyntaxError)
      throw new EngineError("invalid", `cannot apply ${filter.name}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function throughPrograms(input: string, programs: Pipeline["programs"], frame: Frame): Promise<Phrase> {
  const kept = new Kept();
  const line: Pipeline = { first: { text: input }, programs, input: undefined, output: undefined };
  const ended = await runPipeline(line, contextOf(frame), kept, errorsOf(frame));
  await pointingAt(ended.at, () => requireSuccess(titleOf(line), ended.status));
  return Phrase.ofLines(kept.text());
}

/** Rows that a command gave while it ran, the list or object that is its result, or the lines of its text. */
export function rowsOfResult({ result, rows, text }: Extract<Origin, { text: string }>): readonly unknown[] {
  if (rows && rows.length > 0) return rows;
  if (Array.isArray(result)) return result;
  return typeof result === "object" && result !== null && !(result instanceof Phrase) && !text ? [result] : Phrase.ofLines(text).items;
}

/** Data as text: as its command would show it where its rows are still the command's. */
async function rendered(value: unknown, executed: Executed | undefined, last: Filter | undefined): Promise<string> {
  if (value instanceof Phrase && value.items.length === 0) return ""; // a program that printed nothing
  if (!Array.isArray(value)) return `${textOf(value)}\n`;
  if (last?.name === "table" && last.paths.length > 0) return genericTable(last.paths, value);
  if (last?.name === "json") return value.map((row) => `${neutraliseJson(JSON.stringify(row ?? null))}\n`).join("");
  if (value.every((row) => typeof row !== "object" || row === null)) return value.map((row) => `${textOf(row)}\n`).join("");
  const own = executed && (await shownByCommand(executed, value));
  if (own !== undefined) return own;
  if (last?.name === "table") return genericTable(keysOf(value), value);
  return value.map((row) => `${neutraliseJson(JSON.stringify(row))}\n`).join("");
}

async function shownByCommand({ spec, input, result }: Executed, rows: unknown[]): Promise<string | undefined> {
  if (spec.presentRow) return (await Promise.all(rows.map((row) => presentRow(spec, input, row)))).join("");
  const isTable = Array.isArray(result) && spec.present?.(rows as never, input).kind === "table";
  return isTable ? presentResult(spec, input, rows) : undefined;
}

/** What every row may have, in the order of the first that has it; not what holds more. */
function keysOf(rows: readonly unknown[]): string[] {
  const plain = rows.filter((row) => typeof row === "object" && row !== null) as Record<string, unknown>[];
  const keys = plain.flatMap((row) => Object.keys(row).filter((key) => typeof row[key] !== "object" || row[key] === null));
  return [...new Set(keys)].map((key) => `.${key}`);
}

function genericTable(paths: readonly string[], rows: readonly unknown[]): string {
  const columns: Column[] = paths.map((path) => ({
    header: path.slice(1).toUpperCase(),
    field: path.slice(1),
    value: (row) => textOf((row as Record<string, unknown> | null)?.[path.slice(1)] ?? fieldOf(row, path)),
  }));
  return renderTable(columns, rows);
}

/** Shows data, or writes it to the file that the line names. */
export async function showData(data: Data, frame: Frame, output: Plumbing["output"]): Promise<void> {
  frame.variables.set("_", data.value);
  const text = await data.render();
  if (!output) return say(frame, neutralise(text));
  const { variables, place } = frame;
  const file = await variables.expandWord(output.file, frame.text, place.engine);
  const line = { first: { text }, programs: [], input: undefined, output: { file, append: output.append, at: output.file } };
  await runPipeline(line, contextOf(frame));
}
