/** Runs a command line that is joined to files and programs: `COMMAND < FILE | PROGRAM … > FILE`, `! PROGRAM …`. */
import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { resolve as resolvePath } from "node:path";
import { Readable, Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import type { Context } from "../../commands/command.ts";
import { resolve } from "../../commands/execute.ts";
import { flushed, ReaderGone } from "../../print.ts";
import { plainScreen, renderEvents } from "../../render-events.ts";
import { usersFileMode } from "../../umask.ts";
import { type Frame, pointingAt, streamsInto } from "../frame/index.ts";
import type { Word } from "../language/index.ts";
import { type HostProgram, startProgram } from "./host-program.ts";

/** What a program ends with that wrote to a reader which had gone. */
const killedBySigpipe = 141;

/** The word of the source that a part stands at, for its errors. */
interface Standing {
  at?: Word | undefined;
}

/** A pipeline whose words are filled in. */
export interface Pipeline {
  /** A command line, of which `["print", …]` and `["!", PROGRAM, …]` are no commands of the engine; or a text that is there already. */
  first: ({ words: string[] } & Standing) | { text: Uint8Array | string };
  programs: ({ words: string[] } & Standing)[];
  input: ({ kind: "file" | "text"; text: string } & Standing) | undefined;
  output: ({ file: string; append: boolean } & Standing) | undefined;
}

/** How one ended: the status of the last part that did not end with 0, and where that stands. */
export interface Ended extends Standing {
  status: number;
}

/** The line for errors: "logs web | grep x". */
export function titleOf({ first, programs }: Pipeline): string {
  const parts = [...("words" in first ? [first] : []), ...programs];
  return parts.map(({ words }) => (words[0] === "!" ? `! ${words[1]}` : words[0])).join(" | ");
}

/**
 * Runs it to its end.
 * @param keep takes what the last of it writes; without it that goes to the output file, or to the session's own output
 * @param errors takes what all of it writes to standard error; without it that is the session's own
 */
export async function runPipeline(line: Pipeline, context: Context, keep?: Writable, errors?: Writable): Promise<Ended> {
  const { io } = context;
  const path = line.output && resolvePath(io.cwd, line.output.file);
  const file = path === undefined ? undefined : await pointingAt(line.output!.at, () => openFile(path, line.output!.append));
  const output = file ?? keep;
  // A reader that has enough (`| head -1`) ends the command before it without a word; a program gets SIGPIPE when it writes on.
  const enough = new AbortController();
  const inner: Context = {
    ...context,
    io: errors ? { ...io, streams: { ...io.streams, stderr: errors } } : io,
  };
  const programs: HostProgram[] = [];
  errors?.setMaxListeners(0); // as many programs as there are write to it
  try {
    file?.on("error", () => enough.abort()); // a full disk: it is told below
    await flushed(); // programs write to the session's output beside this process
    for (const [index, { words, at: place }] of line.programs.entries()) {
      const read = output !== undefined || index < line.programs.length - 1;
      programs.push(
        await pointingAt(place, () => startProgram(words, { io, signal: context.signal, fed: true, read, heard: errors !== undefined })),
      );
    }
    const flows = [...connect(programs, output), ...programs.flatMap(({ errors: from }) => poured(from, errors))];
    const first = programs[0]?.input;
    first?.on("error", () => enough.abort());
    for (const reader of [first, keep]) reader?.on("close", () => enough.abort());
    const own: Ended = { status: await firstStatus(line, inner, enough.signal, first ?? output, errors) };
    const theirs = programs.map(async ({ end }, index): Promise<Ended> => {
      const place = line.programs[index]!.at;
      return { status: await pointingAt(place, () => end), at: place };
    });
    const ends = [own, ...(await Promise.all(theirs))];
    await Promise.all(flows);
    context.signal.throwIfAborted();
    if (programs.length > 0 && !output && ends.at(-1)!.status === killedBySigpipe) throw new ReaderGone(); // of the session's own output
    return ends.findLast((each, at) => each.status !== 0 && !hadGivenEnough(each, line, at, keep)) ?? { status: 0 };
  } catch (error) {
    for (const { input } of programs) input?.destroy();
    throw error instanceof ReaderGone ? error : toEngineError(error);
  } finally {
    await pointingAt(line.output?.at, () => endFile(file, path));
  }
}

/** A program of the host that ended because whatever reads it had enough did what was asked. */
function hadGivenEnough({ status }: Ended, { first, programs }: Pipeline, at: number, keep: Writable | undefined): boolean {
  const isProgram = at > 0 || ("words" in first && first.words[0] === "!");
  return status === killedBySigpipe && isProgram && (at < programs.length || keep?.destroyed === true);
}

/** What takes standard error; undefined where that is this process's own. */
export function errorsOf({ place: { io, output } }: Frame): Writable | undefined {
  return output && !output.shown ? streamsInto(output, io.streams).stderr : undefined;
}

/** Each program's output into the next one's input, the last one's into `output`. */
function connect(programs: readonly HostProgram[], output: Writable | undefined): Promise<unknown>[] {
  return programs.flatMap(({ output: from }, index) => {
    const next = programs[index + 1]?.input ?? output;
    // A program that has read enough tells by its status, a file by its error.
    return from && next ? [pipeline(from, next, { end: next !== output }).catch(() => {})] : [];
  });
}

/** What a program writes, into what others write to as well. */
function poured(from: Readable | undefined, into: Writable | undefined): Promise<unknown>[] {
  return from && into ? [pipeline(from, into, { end: false }).catch(() => {})] : [];
}

/** Opens before anything runs: a file that cannot be written stops the command. */
async function openFile(path: string, append: boolean): Promise<Writable> {
  const stream = createWriteStream(path, { flags: append ? "a" : "w", mode: usersFileMode() });
  try {
    await new Promise((opened, failed) => stream.once("open", opened).once("error", failed));
  } catch (cause) {
    throw fileError(`cannot write to "${path}"`, cause);
  }
  return stream;
}

/** Resolves when all of it is in the file. @throws EngineError `invalid` when it could not take everything */
async function endFile(file: Writable | undefined, path: string | undefined): Promise<void> {
  if (!file) return;
  try {
    await finished(file.end());
  } catch (cause) {
    throw fileError(`cannot write to "${path}"`, file.errored ?? cause);
  }
}

async function firstStatus(
  line: Pipeline,
  context: Context,
  enough: AbortSignal,
  into: Writable | undefined,
  errors: Writable | undefined,
): Promise<number> {
  if ("text" in line.first) return given(line, line.first.text, into ?? context.io.streams.stdout);
  const [name, ...words] = line.first.words;
  const { input: source, first } = line;
  const input = source && (await pointingAt(source.at, () => openInput(source, context.io.cwd)));
  try {
    if (name === "print") return await printed(words, into ?? context.io.streams.stdout);
    if (name === "!") return await pointingAt(first.at, () => program(words, context, input, into, errors));
    return await command(line.first.words, { ...context, signal: AbortSignal.any([context.signal, enough]) }, input, into);
  } catch (error) {
    if (toEngineError(error).code === "cancelled" && !into?.writable) return 0; // the reader had enough
    throw error;
  } finally {
    input?.destroy();
    if (line.programs.length > 0) into?.end();
  }
}

async function given(line: Pipeline, text: Uint8Array | string, into: Writable): Promise<number> {
  await put(into, text);
  if (line.programs.length > 0) into.end();
  return 0;
}

async function openInput({ kind, text }: NonNullable<Pipeline["input"]>, cwd: string): Promise<Readable> {
  if (kind === "text") return Readable.from([Buffer.from(text)]);
  try {
    const handle = await open(resolvePath(cwd, text));
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
    await handle.close();
  } catch (cause) {
    throw fileError(`cannot read "${text}"`, cause);
  }
  throw fileError(`cannot read "${text}"`, new Error("it is a directory"));
}

function fileError(what: string, cause: unknown): EngineError {
  return new EngineError("invalid", `${what}: ${(cause as Error).message}`, {
    cause,
    exit: 1,
    hint: "check the path",
  });
}

async function printed(words: readonly string[], into: Writable): Promise<number> {
  await put(into, `${words.join(" ")}\n`);
  return 0;
}

async function program(
  words: string[],
  context: Context,
  input: Readable | undefined,
  into: Writable | undefined,
  errors: Writable | undefined,
): Promise<number> {
  const { io, signal } = context;
  const started = startProgram(words, {
    io,
    signal,
    fed: input !== undefined,
    read: into !== undefined,
    heard: errors !== undefined,
  });
  const flows = [...poured(started.output, into), ...poured(started.errors, errors)];
  if (input && started.input) flows.push(pipeline(input, started.input).catch(() => {})); // it need not read all of it
  const status = await started.end;
  await Promise.all(flows);
  return status;
}

async function command(words: string[], context: Context, input: Readable | undefined, into: Writable | undefined): Promise<number> {
  const resolved = await resolve(words);
  const { streams } = context.io;
  const stdout = into ? passTo(into) : streams.stdout;
  const io = {
    ...context.io,
    streams: {
      stdin: input ?? Readable.from([]),
      stdout,
      stderr: streams.stderr,
    },
  };
  const { status } = await renderEvents({ ...context, io }, resolved, {
    notices: plainScreen((text) => streams.stderr.write(text)),
    output: (data, stream) => put(stream === "stdout" ? stdout : streams.stderr, data),
    row: (text) => put(stdout, text),
    result: (text) => put(stdout, text),
  });
  if (into) await new Promise<void>((flushed) => stdout.end(flushed));
  return status;
}

/** A stream of its own for a command, which may end it: the program behind goes on reading until all of it is over. */
function passTo(into: Writable): Writable {
  return new Writable({
    write: (chunk: Uint8Array, _encoding, done) => void put(into, chunk).then(() => done(), done),
  });
}

/** Writes; resolves when the reader has taken it. To one that is gone it writes nothing. */
function put(target: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => (data.length > 0 && target.writable ? target.write(data, () => resolve()) : resolve()));
}
