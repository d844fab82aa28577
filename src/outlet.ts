/**
 * The way out of the process: one outlet for standard output, one for standard error. Whatever is written takes its turn
 * here, and is out when `flushed` resolves, or the outlet has failed: no byte is lost without a word. A descriptor is
 * written by a thread, as a reader may be slow, and signals and the other stream must not wait for it; it is never made
 * non-blocking, which those who share it would see.
 */
import { fstatSync, write as writeByThread, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { EngineError } from "../engine/errors.ts";
import { hasRoom, pageSize } from "../engine/sys/pipe-room.ts";
import { isTerminal } from "./terminal.ts";

/** The reader went away (`berth ps | head -1`, a terminal that was closed): writing on is pointless, and no reason to complain. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
  /** As the signal would end a program in C that tells of it: SIGPIPE, or SIGHUP. */
  readonly status: 141 | 129;

  constructor(status: 141 | 129 = 141) {
    super();
    this.status = status;
  }
}

interface Turn {
  bytes: Uint8Array;
  taken(): void;
  lost(why: Error): void;
}

/** Bytes that go straight: a pipe has room for them, and to start a thread takes as long as all of `ps`; a file takes them at once. */
const atOnce = 16 * 1024;
const none = Buffer.alloc(0);
/** Milliseconds between tries where somebody else made the descriptor non-blocking: nothing tells when there is room. */
const pace = 2;

export class Outlet {
  readonly fd: 1 | 2;
  /** Why nothing can be written any more. */
  failure: ReaderGone | EngineError | undefined;
  /** Called with that error. */
  onFailure: (() => void) | undefined;
  /** May be the same file: what is written to the one stays before what is written to the other. */
  other: Outlet | undefined;
  #turns: Turn[] = [];
  #writing = false;
  /** Bytes that a pipe has room for. */
  #budget = atOnce;
  #kind: "terminal" | "file" | "pipe" | "other" | undefined;
  #stream: Writable | undefined;
  /** Taken by `putSoon`. */
  #soon = "";

  constructor(fd: 1 | 2) {
    this.fd = fd;
  }

  /** A thread is writing, perhaps for as long as the reader wants. */
  get isWriting(): boolean {
    return this.#writing;
  }

  /** Resolves when the system has taken all of it. @throws ReaderGone, EngineError `system` */
  put(data: string | Uint8Array): Promise<void> {
    for (const outlet of [this.other, this]) void outlet?.putNow()?.catch(() => {}); // `failure` tells
    return this.#put(typeof data === "string" ? Buffer.from(data) : data);
  }

  /**
   * The same for a little that soon has company: it is out before anything else is written, and at the next turn of the event loop at
   * the latest. A write for each line takes as long as all else that a line of a script does.
   */
  putSoon(text: string): Promise<void> | undefined {
    if (this.#kindOfFile() === "terminal" || this.failure) return this.put(text);
    if (this.#soon === "") setImmediate(() => void this.putNow()?.catch(() => {})); // `failure` tells
    this.#soon += text;
    return this.#soon.length > pageSize / 2 ? this.putNow() : undefined;
  }

  /** What `putSoon` has taken. */
  putNow(): Promise<void> | undefined {
    if (this.#soon === "") return undefined;
    const bytes = Buffer.from(this.#soon);
    this.#soon = "";
    return this.#put(bytes);
  }

  #put(bytes: Uint8Array): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    const rest = this.#turns.length === 0 && !this.#writing ? this.#straight(bytes) : bytes;
    if (this.failure) return Promise.reject(this.failure);
    if (rest.length === 0) return Promise.resolve();
    return new Promise((taken, lost) => {
      this.#turns.push({ bytes: rest, taken, lost });
      if (!this.#writing) void this.#work();
    });
  }

  /** Resolves when all that was written is out. @throws what kept it in */
  async flushed(): Promise<void> {
    await this.putNow()?.catch(() => {});
    const stream = this.#stream;
    if (stream && !stream.destroyed && stream.writableLength > 0) await new Promise<void>((resolve) => stream.write(none, () => resolve()));
    if (this.#turns.length > 0) await this.put(none).catch(() => {});
    if (this.failure) throw this.failure;
  }

  /** Drops what has not been written yet; what a thread is writing may still arrive. */
  abandon(): void {
    void this.putNow()?.catch(() => {});
    const why = new EngineError("cancelled", "cancelled");
    for (const { lost } of this.#turns.splice(0)) lost(why);
    this.#stream?.destroy(why);
  }

  /** For pipelines, with back-pressure. A pipeline that fails or is cancelled destroys it: then there is a new one. */
  get stream(): Writable {
    if (!this.#stream || this.#stream.destroyed) this.#stream = this.#open();
    return this.#stream;
  }

  #open(): Writable {
    const { Writable } = process.getBuiltinModule("node:stream");
    const put = (bytes: Uint8Array, done: (error?: Error) => void) => void this.put(bytes).then(() => done(), done);
    const stream = new Writable({
      highWaterMark: 64 * 1024,
      write: (chunk: Uint8Array, _encoding, done) => put(chunk, done),
      writev: (chunks, done) => put(Buffer.concat(chunks.map(({ chunk }) => chunk as Uint8Array)), done),
    });
    stream.on("error", () => {}); // `failure` tells
    return Object.assign(stream, { isTTY: isTerminal(this.fd) });
  }

  /** Writes what may be written without a thread; gives back what is left. */
  #straight(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    try {
      while (rest.length > 0 && this.#takesAtOnce(rest.length)) {
        const count = writeSync(this.fd, rest);
        this.#budget -= count;
        rest = rest.subarray(count);
      }
    } catch (error) {
      if (this.fd === 2 && (error as NodeJS.ErrnoException).code === "EBADF") return none; // closed by the user: nothing is to be shown
      if (!isFull(error)) this.#fail(error as Error);
    }
    return rest;
  }

  /** A thread for each line of a script would take longer than all else that the line does. */
  #takesAtOnce(size: number): boolean {
    const kind = this.#kindOfFile();
    if (kind === "terminal") return true;
    if (kind === "file") return size <= atOnce;
    if (size > this.#budget && size <= pageSize && kind === "pipe" && hasRoom(this.fd)) this.#budget = pageSize;
    return size <= this.#budget;
  }

  #kindOfFile() {
    return (this.#kind ??= kindOf(this.fd));
  }

  async #work(): Promise<void> {
    this.#writing = true;
    for (let turn = this.#turns[0]; turn && !this.failure; turn = this.#turns[0]) {
      try {
        await writeAll(this.fd, turn.bytes, () => this.#turns[0] === turn);
        turn.taken();
        if (this.#turns[0] === turn) this.#turns.shift();
      } catch (error) {
        this.#fail(error as Error);
      }
    }
    this.#writing = false;
  }

  #fail(cause: Error): void {
    const { code } = cause as NodeJS.ErrnoException;
    const status = code === "EPIPE" ? 141 : code === "EIO" && isTerminal(this.fd) ? 129 : undefined;
    this.failure = status ? new ReaderGone(status) : cannotWrite(this.fd, cause);
    for (const { lost } of this.#turns.splice(0)) lost(this.failure);
    this.onFailure?.();
  }
}

/** @param isWanted false once it need not be written any more */
async function writeAll(fd: number, bytes: Uint8Array, isWanted: () => boolean): Promise<void> {
  for (let rest = bytes; rest.length > 0 && isWanted(); ) {
    try {
      rest = rest.subarray(await writeSome(fd, rest));
    } catch (error) {
      if (!isFull(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pace));
    }
  }
}

function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) =>
    writeByThread(fd, bytes, 0, bytes.length, null, (error, count) => (error ? reject(error) : resolve(count))),
  );
}

function kindOf(fd: 1 | 2) {
  if (isTerminal(fd)) return "terminal";
  try {
    const stat = fstatSync(fd);
    return stat.isFile() ? "file" : stat.isFIFO() ? "pipe" : "other";
  } catch {
    return "other"; // closed: to write there fails, too
  }
}

function isFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EAGAIN";
}

function cannotWrite(fd: 1 | 2, cause: Error): EngineError {
  const name = fd === 1 ? "output" : "error";
  return new EngineError("system", `cannot write to standard ${name}: ${cause.message}`, {
    cause,
    hint: "look where it was sent to",
    exit: 1,
  });
}
