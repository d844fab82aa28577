/** What a command writes: kept, so that a variable or a condition can have it, or given to an output of the session's. */
import { Readable, Writable } from "node:stream";
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import type { Streams } from "../../../engine/index.ts";
import type { Io } from "../../commands/command.ts";
import { type Executed, resolve } from "../../commands/execute.ts";
import { plainScreen, renderEvents } from "../../render-events.ts";
import type { Word } from "../language/index.ts";
import type { Output } from "./frame.ts";

/** Bytes: more than this is no text to compare. */
export const mostKept = 16 << 20;

/** A stream that keeps what is written to it. */
export class Kept extends Writable {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** Aborts once it wants no more: what writes to it may end. */
  readonly signal: AbortSignal | undefined;

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    const kept = this.keep(chunk);
    if (kept) void kept.then(() => done(), done);
    else done();
  }

  /** Of a row that a command gives while it runs. */
  row(_value: unknown, text: string): Promise<void> | undefined {
    return this.keep(text);
  }

  keep(data: Uint8Array | string): Promise<void> | undefined {
    const bytes = Buffer.from(data as Uint8Array); // its own: what was given may be used again
    this.#size += bytes.length;
    if (this.#size <= mostKept) this.#chunks.push(bytes);
    else this.#chunks = [];
    return undefined;
  }

  /** Without the last line end. @throws EngineError `invalid` when it is not all there */
  text(): string {
    return this.whole().replace(/\r?\n$/, "");
  }

  whole(): string {
    return this.bytes().toString();
  }

  bytes(): Buffer {
    if (this.#size > mostKept) throw tooLarge();
    return Buffer.concat(this.#chunks);
  }
}

export function tooLarge(): EngineError {
  return new EngineError("invalid", `cannot keep the output: it is larger than ${mostKept >> 20} MiB`, {
    hint: "send it to a file: > FILE",
  });
}

/** A command line's outcome with what it printed. */
export interface Captured extends Pick<Executed, "path" | "result" | "status"> {
  text: string;
  /** Only what came as output, not what its result looks like. */
  printed: string;
  /** Its text is what the user's template made of the result. */
  templated?: boolean;
  /** Rows that it gave while it ran. */
  rows?: unknown[];
  executed?: Executed;
  /** The word that its status came of, where that is not the first of its line. */
  at?: Word | undefined;
}

/** What a face that keeps everything lends a command: neither terminal nor input, and its output in the order of arrival. */
function captureIo(io: Io, kept: Kept): Io {
  return { ...io, streams: { stdin: Readable.from([]), stdout: kept, stderr: kept } };
}

/**
 * Runs a command line keeping what it prints; its status is data.
 * @param notice takes what it says besides
 * @param kept takes what it prints, and may end it
 */
export async function capture(
  { engine, io, signal }: { engine: Parameters<typeof renderEvents>[0]["engine"]; io: Io; signal: AbortSignal },
  words: readonly string[],
  notice: (text: string) => void,
  kept = new Kept(),
): Promise<Captured> {
  const rows: unknown[] = [];
  let shown = "";
  const resolved = await resolve(words);
  const context = { engine, io: captureIo(io, kept), signal: kept.signal ? AbortSignal.any([signal, kept.signal]) : signal };
  const executed = await renderEvents(context, resolved, {
    notices: plainScreen(notice),
    output: (data) => kept.keep(data),
    row: (text, _isLive, value) => {
      rows.push(value);
      return kept.row(value, text);
    },
    result: (text) => {
      shown = text.replace(/\n$/, "");
    },
  }).catch((error) => {
    if (!kept.signal?.aborted || signal.aborted || toEngineError(error).code !== "cancelled") throw error;
    return { ...resolved, result: undefined, status: 0 };
  });
  const { path, input, result, status } = executed;
  const printed = kept.signal?.aborted ? "" : kept.text();
  const { format } = input.flags;
  const templated = typeof format === "string" && format.includes("{{");
  return { path, result, status, printed, text: [printed, shown].filter(Boolean).join("\n"), templated, rows, executed };
}

/** The streams of a command whose output is not this process's own. */
export function streamsInto(output: Output, streams: Streams): Streams {
  const stream = (name: "stdout" | "stderr") =>
    new Writable({
      write: (chunk: Uint8Array, _encoding, done) => void Promise.resolve(output.put(chunk, name)).then(() => done(), done),
    });
  // Standard input is opened by what reads it, and by nothing else.
  return {
    get stdin() {
      return streams.stdin ?? Readable.from([]);
    },
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  };
}
