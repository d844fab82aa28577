/**
 * A child process whose standard streams are pipes, for programs that hand them on to a container. Node's own "pipe" is
 * a socket, which a process cannot open again by /dev/stdout or /proc/self/fd/1 (ENXIO): web servers log that way.
 */
import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { exitStatus } from "../process/spawn.ts";
import { makePipe, openPipeEnd } from "../sys/pipe.ts";

type Choice = "pipe" | "ignore" | "inherit";
export type Choices = readonly [stdin: Choice, stdout: Choice, stderr: Choice];

export interface PipedProcess {
  child: ChildProcess;
  stdin?: Writable;
  stdout?: Readable;
  stderr?: Readable;
  /** Exit status (128+n after signal n), once the output streams have ended too. Rejects when the program cannot start. */
  closed: Promise<number>;
}

/** @param start spawns with the descriptors given */
export function spawnPiped(choices: Choices, start: (stdio: (number | "ignore" | "inherit")[]) => ChildProcess): PipedProcess {
  const pipes = choices.map((choice) => (choice === "pipe" ? makePipe() : undefined));
  // The child reads its input and writes its output; this side holds the other ends.
  const theirs = pipes.map((pipe, fd) => pipe?.[fd === 0 ? 0 : 1]);
  const ours = pipes.map((pipe, fd) => pipe?.[fd === 0 ? 1 : 0]);
  let child: ChildProcess;
  try {
    child = start(choices.map((choice, fd) => (choice === "pipe" ? theirs[fd]! : choice)));
  } catch (error) {
    for (const fd of ours) if (fd !== undefined) closeSync(fd);
    throw error;
  } finally {
    for (const fd of theirs) if (fd !== undefined) closeSync(fd);
  }
  const [stdin, stdout, stderr] = ours.map((fd, at) => fd !== undefined && openPipeEnd(fd, at === 0 ? "write" : "read"));
  // As Node does for its own: nobody may be listening, and a paused stream never comes to its end.
  child.once("exit", () => {
    for (const stream of [stdout, stderr]) if (stream && stream.readableFlowing === null) stream.resume();
  });
  const closed = Promise.all([ended(child), streamEnd(stdout), streamEnd(stderr)]).then(([status]) => status);
  closed.catch(() => {}); // the caller awaits it, perhaps later than it settles
  return { child, ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }), closed };
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(exitStatus(code, signal)));
  });
}

function streamEnd(stream: Readable | false | undefined): Promise<void> | undefined {
  return stream ? new Promise((resolve) => stream.once("close", resolve)) : undefined;
}

/** Writes a stream into a child's input, closed at once where there is none. Gives back how to stop. */
export function feedInput(from: Readable | undefined, to: Writable): () => void {
  to.on("error", () => from?.unpipe(to)); // EPIPE: the process does not read any more
  if (from) from.pipe(to);
  else to.end();
  return () => {
    from?.unpipe(to);
    from?.pause();
  };
}
