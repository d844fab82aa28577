/** Command lines of a session: shown, kept as values, joined to filters, programs and files. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import type { Io } from "../../commands/command.ts";
import { executeResolved, type Resolved, resolve } from "../../commands/execute.ts";
import { neutralise } from "../../format/neutral.ts";
import { flushed, ReaderGone } from "../../print.ts";
import { plainScreen, renderEvents } from "../../render-events.ts";
import { show } from "../../show.ts";
import {
  type Captured,
  callFunction,
  capture,
  contextOf,
  type Expanded,
  type Frame,
  isAlone,
  Kept,
  type Output,
  pointAt,
  pointingAt,
  requireSuccess,
  say,
  streamsInto,
  uncut,
} from "../frame/index.ts";
import { bare, itemsOf, joinWords, type Line, Phrase, type Plumbing, plumbed, textOf, type Word } from "../language/index.ts";
import type { Session } from "../session.ts";
import { stopIfThere } from "../terminals/index.ts";
import { runHttp } from "./http.ts";
import { errorsOf, type Pipeline, runPipeline, titleOf } from "./pipeline.ts";
import { filtered, rowsOfResult, showData } from "./rows.ts";
import { Sieve } from "./sieve.ts";

/** Items of a list, numbers of `1..100000`, at most: a slip is not a hang. */
export const mostItems = 1_000_000;

/** Runs a line for all to see; a status other than 0 is a failure of the script. */
export async function runLine(session: Session, line: Line, frame: Frame): Promise<void> {
  const plumbing = plumbed(line);
  if (hasFilters(plumbing)) return showData(await dataOf(session, plumbing, frame), frame, plumbing.output);
  if (isPlumbed(plumbing)) {
    const pipeline = await pipelineOf(session, plumbing, frame);
    const { output, io } = frame.place;
    const into = output && streamsInto(output, io.streams);
    const ended = await runPipeline(pipeline, contextOf(frame), into?.stdout, errorsOf(frame));
    settle(frame, ended.status, undefined);
    return pointingAt(ended.at ?? plumbing.words[0]!, () => requireSuccess(titleOf(pipeline), ended.status));
  }
  const expanded = await expandLine(session, plumbing, frame);
  if (isPrint(plumbing)) return say(frame, `${expanded.words.slice(1).map(neutralise).join(" ")}\n`);
  const own = session.functionOf(plumbing.words[0]);
  if (own) return settle(frame, 0, await callFunction(session, own, await argumentsOf(plumbing.words, frame), frame, plumbing.words[0]!));
  await pointing(expanded, async () => {
    const { path, result, status } = await perform(expanded.words, frame);
    if (frame.signal.aborted) await stopLeft(path, result, frame);
    settle(frame, status, result);
    requireSuccess(path, status);
  });
}

/** A foreground run that was cancelled is not left running behind the script. @throws AbortError */
async function stopLeft(path: string, result: unknown, { place, signal }: Frame): Promise<void> {
  const { Id, detached } = (result ?? {}) as { Id?: string; detached?: boolean };
  if (path.split(" ").at(-1) === "run" && Id !== undefined && detached) await stopIfThere(place.engine, Id);
  signal.throwIfAborted();
}

/** `$?` and `$_` after a line. */
function settle({ variables }: Frame, status: number, result: unknown): void {
  variables.set("?", String(status));
  variables.set("_", result ?? "");
}

async function perform(words: readonly string[], frame: Frame) {
  const { output } = frame.place;
  const resolved = await resolve(words);
  if (!output || output.shown) {
    await flushed(); // a process may be handed the session's own output
    return show(contextOf(frame, shownTo(output, resolved, words, frame)), resolved, {
      heard: output?.shown?.heard,
      page: frame.place.page,
    });
  }
  const context = contextOf(frame, { ...frame.place.io, streams: streamsInto(output, frame.place.io.streams) });
  if (output.event) return giveEvents(output, executeResolved(context, resolved));
  const text = (data: string) => output.put(data, "stdout");
  const notices = plainScreen((data) => output.put(data, "stderr"));
  return renderEvents(context, resolved, { notices, output: (data, stream) => output.put(data, stream), row: text, result: text });
}

/** The session's own streams, to which somebody may listen. */
function shownTo(output: Output | undefined, { spec, input }: Resolved, words: readonly string[], { place }: Frame): Io {
  const isGuest = place.isPrompt && guests.includes(spec.name) && !words.some((word) => word.startsWith("--sig-proxy"));
  const io = isGuest ? { ...place.io, onSignal: undefined } : place.io;
  return output?.shown ? { ...io, streams: output.shown.streams(io.streams, spec.interactive?.(input) ?? false) } : io;
}

/** They attach to containers that were there before: a signal that is passed on to those would stop them by accident. */
const guests = ["container attach", "container start", "compose attach"];

async function giveEvents(output: Output, events: ReturnType<typeof executeResolved>) {
  for (;;) {
    const step = await events.next();
    if (step.done) return step.value;
    await output.event!(step.value);
  }
}

const isPrint = ({ words }: Plumbing) => bare(words[0]) === "print";
const hasFilters = ({ stages }: Plumbing) => stages.some(({ kind }) => kind === "filter");

/** Is it joined to anything, or a program of the host? Else the command has the terminal to itself. */
function isPlumbed({ words, stages, input, output }: Plumbing): boolean {
  return stages.length > 0 || input !== undefined || output !== undefined || bare(words[0]) === "!";
}

async function expandLine(session: Session, { words }: Plumbing, frame: Frame): Promise<Expanded> {
  const expanded = await frame.variables.commandWords(words, frame.text, frame.place.engine);
  session.echo(expanded.words);
  return expanded;
}

/** What a function is given: a value as it is where a variable stands alone, else a text. */
async function argumentsOf([, ...words]: readonly Word[], { variables, text, place }: Frame): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const word of words) values.push(await variables.whole(word, text, place.engine));
  return values;
}

/** The filled-in parts of a line that is joined to files and programs of the host. */
async function pipelineOf(session: Session, plumbing: Plumbing, frame: Frame): Promise<Pipeline> {
  const { variables, text, place } = frame;
  const { input, output, stages, words } = plumbing;
  const expandOne = async (word: Word) => uncut(await variables.expandWord(word, text, place.engine), word);
  const expand = async (each: readonly Word[]) => (await variables.commandWords(each, text, place.engine)).words;
  const programs: Pipeline["programs"] = [];
  const first = await expand(words);
  for (const stage of stages) if (stage.kind === "program") programs.push({ words: await expand(stage.words), at: stage.words[0] });
  const all = programs.map((each) => each.words);
  session.echo([...first], all, output !== undefined);
  const own = await ownOutput(session, plumbing, frame);
  return {
    first: own === undefined ? { words: first, at: words[1] } : { text: own },
    programs,
    input: input && (await inputOf(input, frame)),
    output: output && { file: await expandOne(output.file), append: output.append, at: output.file },
  };
}

async function inputOf({ kind, word }: NonNullable<Plumbing["input"]>, { variables, text, place }: Frame): Promise<Pipeline["input"]> {
  const given = await variables.expandWord(word, text, place.engine);
  return { kind, text: kind === "file" ? uncut(given, word) : given, at: word };
}

/** What is no command gives to a program: a function what it printed, byte for byte, else a line of what it returned. */
async function ownOutput(session: Session, plumbing: Plumbing, frame: Frame): Promise<Uint8Array | string | undefined> {
  if (bare(plumbing.words[0]) === "http") return (await runHttp(plumbing.words.slice(1), frame)).result.Body;
  if (!session.functionOf(plumbing.words[0])) return undefined;
  const kept = new Kept();
  const { text } = await captureFunction(session, plumbing, frame, kept);
  const printed = kept.bytes();
  return printed.length > 0 ? printed : text && `${text}\n`;
}

async function captureFunction(session: Session, { words }: Plumbing, frame: Frame, kept = new Kept()): Promise<Captured> {
  const output = { put: (data: string | Uint8Array) => kept.keep(data) };
  const signal = kept.signal ? AbortSignal.any([frame.signal, kept.signal]) : frame.signal;
  const inner: Frame = { ...frame, signal, place: { ...frame.place, output } };
  const own = session.functionOf(words[0])!;
  const given = await argumentsOf(words, frame);
  const result = await callFunction(session, own, given, inner, words[0]!).catch((error) => {
    if (!kept.signal?.aborted || frame.signal.aborted || toEngineError(error).code !== "cancelled") throw error;
  });
  const printed = kept.signal?.aborted ? "" : kept.text();
  return { path: own.name, result, status: 0, text: printed || textOf(result), printed };
}

/** Runs a line as a script has it, keeping what it prints; its status is data. */
export async function captureLine(
  session: Session,
  line: Line,
  frame: Frame,
  notice = session.notice,
  kept = new Kept(),
): Promise<Captured> {
  const plumbing = plumbed(line);
  if (hasFilters(plumbing)) {
    const { value, render } = await dataOf(session, plumbing, frame, notice);
    const text = (await render()).replace(/\n$/, "");
    return { path: bare(plumbing.words[0]), result: value, status: 0, text, printed: text };
  }
  if (isPlumbed(plumbing)) return capturePipeline(await pipelineOf(session, plumbing, frame), frame, kept);
  if (session.functionOf(plumbing.words[0])) return captureFunction(session, plumbing, frame, kept);
  if (bare(plumbing.words[0]) === "http") return runHttp(plumbing.words.slice(1), frame);
  const expanded = await expandLine(session, plumbing, frame);
  if (isPrint(plumbing)) {
    const text = expanded.words.slice(1).join(" ");
    return { path: "print", result: undefined, status: 0, text, printed: text };
  }
  return pointing(expanded, async () => {
    const captured = await capture(contextOf(frame), expanded.words, notice, kept);
    if (frame.signal.aborted || kept.signal?.aborted) await stopLeft(captured.path, captured.result, frame);
    return captured;
  });
}

async function capturePipeline(pipeline: Pipeline, frame: Frame, kept: Kept): Promise<Captured> {
  const ended = await runPipeline(pipeline, contextOf(frame), kept, errorsOf(frame));
  const written = kept.signal?.aborted ? "" : kept.text();
  return { path: titleOf(pipeline), result: undefined, ...ended, text: written, printed: written };
}

/** The rows of what stands before the filters, and what the filters make of them. */
async function dataOf(session: Session, plumbing: Plumbing, frame: Frame, notice = session.notice) {
  const { words } = plumbing;
  const split = plumbing.stages.findIndex(({ kind }) => kind === "filter");
  const head: Plumbing = { ...plumbing, stages: plumbing.stages.slice(0, split), output: undefined };
  const stages = plumbing.stages.slice(split);
  if (split === 0 && words.length === 1 && isAlone(words[0]!))
    return filtered({ value: await frame.variables.whole(words[0]!, frame.text, frame.place.engine) }, stages, frame);
  const sieve = await Sieve.before(stages, frame);
  const captured = isPlumbed(head)
    ? await capturePipeline(await pipelineOf(session, head, frame), frame, sieve ?? new Kept())
    : await captureLine(session, words, frame, notice, sieve);
  settle(frame, captured.status, captured.result);
  await succeeded(captured, words);
  const value = sieve?.enough();
  return value ? filtered({ value, executed: captured.executed }, sieve!.behind(stages), frame) : filtered(captured, stages, frame);
}

/** The value of a line for `let`, `for` and `return`. @throws EngineError `command-failed` */
export async function valueOfLine(session: Session, line: Line, frame: Frame): Promise<unknown> {
  const own = await ownValue(session, line, frame);
  if (own) return own.value;
  const captured = await captureLine(session, line, frame);
  await succeeded(captured, line);
  const value = boundOf(captured);
  settle(frame, 0, value);
  return value;
}

/** The value of what is no command: `list`, or a function, whose output is shown as always. */
async function ownValue(session: Session, line: Line, frame: Frame): Promise<{ value: unknown } | undefined> {
  const { input, output, stages } = plumbed(line);
  if (stages.length > 0 || input || output) return undefined;
  if (bare(line[0]) === "list") return { value: await listOf(line.slice(1), frame) };
  const own = session.functionOf(line[0]);
  return own && { value: await callFunction(session, own, await argumentsOf(line, frame), frame, line[0]!) };
}

async function listOf(words: readonly Word[], { variables, text, place }: Frame): Promise<unknown[]> {
  const list: unknown[] = [];
  for (const word of words) {
    const value = await variables.whole(word, text, place.engine);
    for (const item of Array.isArray(value) ? value : [value]) list.push(item);
    if (list.length > mostItems) throw pointAt(new EngineError("invalid", `a list of more than ${mostItems} items`), word);
  }
  return list;
}

/** What a variable holds of an outcome: its data, with what was printed beside it; else its text. */
function boundOf({ printed, result, templated, text }: Captured): unknown {
  if (templated) return Phrase.ofLines(text);
  if (typeof result === "object" && result !== null && !Array.isArray(result) && !(result instanceof Phrase))
    return { ...result, Output: printed };
  return result ?? Phrase.ofLines(text);
}

/** The rows of a line for a loop: those that it gave, the items of its list, or the lines that it printed. */
export async function rowsOf(session: Session, line: Line, frame: Frame): Promise<readonly unknown[]> {
  const own = await ownValue(session, line, frame);
  if (own) return itemsOf(own.value);
  const captured = await captureLine(session, line, frame);
  await succeeded(captured, line);
  return captured.templated ? Phrase.ofLines(captured.text).items : rowsOfResult(captured);
}

/** What goes wrong in a command line is at the word that its error names. */
async function pointing<Result>({ words, origins }: Expanded, running: () => Promise<Result>): Promise<Result> {
  try {
    return await running();
  } catch (error) {
    if (error instanceof ReaderGone) throw error;
    const known = toEngineError(error);
    throw pointAt(known, originOf(known, words, origins));
  }
}

/** The word that an error, or the first of several, tells of by its index, or by naming it; else the first. */
function originOf({ details, message }: EngineError, words: readonly string[], origins: readonly Word[]): Word | undefined {
  const index = details?.["word"];
  if (typeof index === "number") return origins[index];
  const [first = ""] = message.split("\n");
  const named = words.findLastIndex((word, at) => at > 0 && word.length > 2 && first.includes(word));
  return origins[Math.max(0, named)];
}

/** @throws EngineError `command-failed` at the word that its status came of */
function succeeded({ path, status, at: word }: Captured, [first]: Line): Promise<void> {
  return pointingAt(word ?? first, () => requireSuccess(path, status));
}

/** A line for `+ …`. */
export function echoed(words: readonly string[], programs: readonly string[][], toFile: boolean): string {
  return [words, ...programs].map(joinWords).join(" | ") + (toFile ? " > …" : "");
}
