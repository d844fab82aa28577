/**
 * What Bun, which runs the shell's short commands, does in its own way: it does not poll the descriptor of a
 * `net.Socket`, and one that is connected to a monitor stalls now and then. Modules of Node's are slow to load in it.
 */
import { closeSync, createReadStream, existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { bind, isLoaded, systemError } from "./libc.ts";
import { startOf } from "./owner.ts";

interface Ffi {
  dlopen(library: string, functions: object): { symbols: { _exit(status: number): never } };
}

interface ChildOfBun {
  readonly pid: number;
  /** Exit status, 128+n after signal n. */
  readonly exited: Promise<number>;
  kill(signal: string): void;
}

declare const Bun: {
  file(fd: number): { stream(): ReadableStream<Uint8Array> };
  spawn(command: string[], options: object): ChildOfBun;
};

/** See pipe.ts. No stream of Node's, which are 3 ms of each `exec`. */
export class OutflowOnBun {
  readonly #fd: number;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #over = Promise.withResolvers<void>();
  readonly closed = this.#over.promise;
  #isTaken = false;
  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
    this.#reader = Bun.file(fd).stream().getReader(); // it polls the descriptor, and never closes it
  }

  async pour(take: (chunk: Buffer) => Promise<void>): Promise<void> {
    this.#isTaken = true;
    for (let chunk = await this.#read(); chunk; chunk = await this.#read())
      await take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#close();
  }

  /** Undefined at the end, however it came. */
  #read(): Promise<Uint8Array | undefined> {
    return this.#reader.read().then(
      ({ value }) => value,
      () => undefined,
    );
  }

  drain(): void {
    if (!this.#isTaken) void this.pour(async () => {});
  }

  destroy(): void {
    const close = () => this.#close();
    void this.#reader.cancel().then(close, close);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
    this.#over.resolve();
  }
}

/**
 * As spawnChild: dozens of calls, and koffi for lists of texts, are more than 3 ms. Bun starts the child from this thread,
 * whose namespaces it gets, with every signal at its default and none blocked.
 * @throws the system error of execve(2), at once
 */
export function spawnOnBun(
  program: string,
  args: readonly string[],
  { env, argv0, streams }: { env: object; argv0: string; streams: readonly (number | undefined)[] },
): ChildOfBun {
  // Bun's own choice is open for one direction alone.
  const nothing = streams.includes(undefined) ? openSync("/dev/null", "r+") : undefined;
  try {
    const [stdin, stdout, stderr] = streams.map((fd) => fd ?? nothing);
    const child = Bun.spawn([program, ...args], { argv0, cwd: "/", env, stdin, stdout, stderr });
    return { pid: child.pid, exited: child.exited, kill: (signal) => child.kill(signal) };
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    throw errno === undefined ? error : systemError(-errno, "spawn", program);
  } finally {
    if (nothing !== undefined) closeSync(nothing);
  }
}

/**
 * False where a filter may refuse pidfd_open(2): Bun then starts a thread with its first child, which would stay in the namespaces that this
 * thread is in only for a moment (mount-namespace.ts).
 */
export function watchesChildren(): boolean {
  return /^Seccomp:\t0$/m.test(readFileSync("/proc/self/status", "latin1"));
}

const children = new Map<number, () => void>();
let keepsRunning: NodeJS.Timeout | undefined;

/** Resolves when a child has ended and can be waited for. By SIGCHLD: to poll a pidfd takes node:net, which is 5 ms of each `exec`. */
export function childEndOnBun(pid: number): Promise<void> {
  if (children.size === 0) {
    process.on("SIGCHLD", lookForEnds);
    keepsRunning = setInterval(() => {}, 1 << 30); // a signal's handler does not
  }
  const ended = new Promise<void>((resolve) => children.set(pid, resolve));
  lookForEnds(); // it may have been before the handler was
  return ended;
}

function lookForEnds(): void {
  for (const [pid, ended] of children) {
    if (startOf(pid) !== "") continue;
    children.delete(pid);
    ended();
  }
  if (children.size > 0) return;
  process.off("SIGCHLD", lookForEnds);
  clearInterval(keepsRunning);
}

/**
 * A descriptor's bytes. Not `process.stdin`, which now and then never says that a pipe has ended; of a file, it reads what was read
 * before it was handed over.
 */
export function inputOnBun(fd: number): Readable {
  if (fstatSync(fd).isFile()) return createReadStream("", { fd, autoClose: false });
  const { Readable } = process.getBuiltinModule("node:stream");
  const reader = Bun.file(fd).stream().getReader();
  return new Readable({
    read() {
      const end = () => void this.push(null);
      reader.read().then(({ value }) => void this.push(value ?? null), end);
    },
  });
}

/** A descriptor that is no socket (a pidfd): an error once there is something to read, as recv(2) fails. */
export function pollOnBun(fd: number): Socket {
  return process.getBuiltinModule("node:net").connect({ fd } as never);
}

/**
 * _exit(2): at its own exit Bun closes every database, which writes the log back into the file. By a call where nothing is left to load for
 * one: that takes longer than the others. Where nothing may be compiled there is no bun:ffi, and a program takes this process's place to say
 * the status: one that does nothing else (scripts/exit-program.mjs), or a shell.
 */
export function immediateExit(): (status: number) => never {
  if (isLoaded()) return bind("void _exit(int status)");
  try {
    const { dlopen } = process.getBuiltinModule("bun:ffi" as string) as unknown as Ffi;
    return dlopen("libc.so.6", { _exit: { args: ["int"], returns: "void" } }).symbols._exit;
  } catch {
    const exit = join(process.execPath, "../exit");
    if (existsSync(exit)) return (status) => process.execve!(exit, ["exit", ...Array<string>(status).fill("")], {});
    return (status) => process.execve!("/bin/sh", ["sh", "-c", `exit ${status}`], {});
  }
}
