/**
 * A child process whose standard streams are pipes, for programs that hand them on to a container. Node's own "pipe" is
 * a socket, which a process cannot open again by /dev/stdout or /proc/self/fd/1 (ENXIO): web servers log that way.
 */
import type { Readable, Writable } from "node:stream";
import type { Child, ChildStreams } from "../sys/child.ts";
import { betweenPipes, type Choices, type Outflow, readEnd, writeEnd } from "../sys/pipe.ts";

export interface PipedProcess {
  child: Child;
  stdin?: Writable;
  stdout?: Outflow;
  stderr?: Outflow;
  /** Exit status (128+n after signal n), once the output streams have ended too. */
  closed: Promise<number>;
}

/** @param start spawns with the descriptors given; what it throws is passed on */
export function spawnPiped(choices: Choices, start: (streams: ChildStreams) => Child): PipedProcess {
  const { child, ours } = betweenPipes(choices, start);
  const stdin = ours[0] === undefined ? undefined : writeEnd(ours[0]);
  const [stdout, stderr] = ours.slice(1).map((fd) => (fd === undefined ? undefined : readEnd(fd)));
  void child.exited.then(() => {
    stdout?.drain();
    stderr?.drain();
  });
  const closed = Promise.all([child.exited, stdout?.closed, stderr?.closed]).then(([status]) => status);
  return { child, ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }), closed };
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
