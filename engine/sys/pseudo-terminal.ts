/** Pseudo-terminals, pty(7): the end that this process holds, and the one that a child has for its terminal. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { duplicate } from "./fcntl.ts";
import { bind, check } from "./libc.ts";
import { adoptDescriptor } from "./socket.ts";
import { makeRaw, resizeTerminal, type TerminalSize } from "./terminal.ts";

// <fcntl.h>, <asm-generic/ioctls.h>
const O_CLOEXEC = 0o2000000;
const TIOCSPTLCK = 0x40045431;
const TIOCGPTPEER = 0x5441;

/**
 * Makes one of a size, raw from the start: what is typed before a program has chosen its own mode waits for it, neither
 * echoed nor taken for a signal or the end of a file.
 */
export function makePseudoTerminal(size: TerminalSize): { master: number; slave: number } {
  const master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY | O_CLOEXEC);
  try {
    const unlock = bind<(fd: number, request: number, argument: Int32Array) => number>(
      "int ioctl(int fd, unsigned long request, int *argument)",
    );
    check(unlock(master, TIOCSPTLCK, new Int32Array(1)), "ioctl", "TIOCSPTLCK");
    const peer = bind<(fd: number, request: number, flags: number) => number>("int ioctl(int fd, unsigned long request, long argument)");
    const slave = check(peer(master, TIOCGPTPEER, constants.O_RDWR | constants.O_NOCTTY | O_CLOEXEC), "ioctl", "TIOCGPTPEER");
    makeRaw(slave);
    resizeTerminal(slave, size);
    return { master, slave };
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

/** Bytes that a terminal holds at most, and more: what one process wrote before its end. */
const capacity = 256 * 1024;

/** The master end as a stream, from when it is known. What is written before waits. */
export class MasterStream extends Duplex {
  #master: number | undefined;
  #socket: Socket | undefined;
  #early: (() => void) | undefined;
  #isOver = false;

  /** Takes over a descriptor. */
  attach(master: number): void {
    this.#master = master;
    const socket = adoptDescriptor(duplicate(master));
    this.#socket = socket;
    socket.on("data", this.#take);
    socket.on("error", () => {}); // EIO: nobody has the other end any more
    socket.on("close", () => this.finish());
    socket.resume();
    this.#early?.();
    this.#early = undefined;
  }

  readonly #take = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#socket?.pause();
  };

  resize(size: TerminalSize): void {
    if (this.#master !== undefined) resizeTerminal(this.#master, size);
  }

  get descriptor(): number | undefined {
    return this.#master;
  }

  /** Reads what is there, and no more: other processes may hold the terminal for as long as they like. */
  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket?.off("data", this.#take).pause();
    for (let held = this.#socket?.read(); held; held = this.#socket?.read()) this.push(held);
    if (this.#master !== undefined) for (const chunk of readNow(this.#master)) this.push(chunk);
    this.push(null);
  }

  override _read(): void {
    this.#socket?.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: () => void): void {
    if (this.#socket) this.#socket.write(chunk, () => done());
    else this.#early = () => this._write(chunk, encoding, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#isOver = true;
    this.#socket?.destroy();
    if (this.#master !== undefined) closeSync(this.#master);
    this.#master = undefined;
    done(error);
  }
}

function* readNow(master: number): Generator<Buffer> {
  for (let total = 0; total < capacity; ) {
    const chunk = Buffer.alloc(16 * 1024);
    let size: number;
    try {
      size = readSync(master, chunk);
    } catch {
      return; // EAGAIN or EIO: that was all
    }
    if (size === 0) return;
    total += size;
    yield chunk.subarray(0, size);
  }
}
