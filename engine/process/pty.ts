/** A child process on a pseudo-terminal of its own (node-pty), for faces whose terminal is not the real one. */
import { createRequire } from "node:module";
import type { IPty } from "node-pty";
import { spawnProcess } from "./spawn.ts";

export interface PtyProcess {
  pid: number;
  /** Raw bytes that the process wrote. */
  onData(listener: (data: Buffer) => void): void;
  write(data: Uint8Array): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  kill(signal: string): void;
  /** Gives the terminal away to a process that reads it from now on: the program outlives this process. */
  leave(): void;
  /** It has written something, or ended. */
  started: Promise<void>;
  /** Exit status, 128+n after a signal. */
  exited: Promise<number>;
}

export interface PtyOptions {
  columns: number;
  rows: number;
  env: Record<string, string>;
}

export function spawnPty(program: string, args: string[], { columns, rows, env }: PtyOptions): PtyProcess {
  const pty = createRequire(import.meta.url)("node-pty") as typeof import("node-pty");
  // With encoding null the data are Buffers, whatever the declared type says.
  const child: IPty = pty.spawn(program, args, { cols: Math.max(1, columns), rows: Math.max(1, rows), cwd: "/", env, encoding: null });
  const exited = new Promise<number>((resolve) => child.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode)));
  const started = new Promise<void>((resolve) => {
    child.onData(() => resolve());
    void exited.then(() => resolve());
  });
  return {
    pid: child.pid,
    onData: (listener) => void child.onData((data) => listener(data as unknown as Buffer)),
    write: (data) => child.write(Buffer.from(data) as unknown as string),
    resize: (width, height) => child.resize(Math.max(1, width), Math.max(1, height)),
    pause: () => child.pause(),
    resume: () => child.resume(),
    kill: (signal) => child.kill(signal),
    leave: () => {
      child.pause();
      spawnProcess("cat", [], { stdio: [(child as IPty & { fd: number }).fd, "ignore", "ignore"], detached: true }).unref();
    },
    started,
    exited,
  };
}
