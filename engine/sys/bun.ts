/**
 * What Bun, which runs the shell's short commands, does in its own way: it does not poll the descriptor of a
 * `net.Socket`, and one that is connected to a monitor stalls now and then.
 */
import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";

interface Ffi {
  dlopen(library: string, functions: object): { symbols: { _exit(status: number): never } };
}

declare const Bun: { file(fd: number): { stream(): ReadableStream<Uint8Array> } };

/** The end of a pipe to read from as a stream, which closes it. */
export function readPipeOnBun(fd: number): Readable {
  const { Readable: Stream } = process.getBuiltinModule("node:stream");
  const reader = Bun.file(fd).stream().getReader(); // it polls the descriptor, and never closes it
  return new Stream({
    read() {
      reader.read().then(
        ({ value }) => this.push(value ?? null),
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      void reader
        .cancel()
        .catch(() => {})
        .then(() => {
          closeSync(fd);
          done(error);
        });
    },
  });
}

/** A descriptor that is no socket (a pidfd): an error once there is something to read, as recv(2) fails. */
export function pollOnBun(fd: number): Socket {
  return process.getBuiltinModule("node:net").connect({ fd } as never);
}

/** _exit(2). At its own exit Bun would close every database, which writes the log back into the file. */
export function endAtOnce(status: number): never {
  process.emit("exit", status); // gives the terminal back
  // Not by koffi: loading that takes longer.
  const { dlopen } = process.getBuiltinModule("bun:ffi" as string) as unknown as Ffi;
  return dlopen("libc.so.6", { _exit: { args: ["int"], returns: "void" } }).symbols._exit(status);
}
