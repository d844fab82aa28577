/**
 * A runtime's child process on a terminal, whose other end is a stream here; see also piped.ts. Either the runtime hands
 * over the one that it made for the process, or it couples that one to another, on which it runs itself.
 */
import { closeSync } from "node:fs";
import type { Duplex } from "node:stream";
import { spawnProcess } from "../process/spawn.ts";
import { type Child, type ChildStreams, runFirst, thisThread } from "../sys/child.ts";
import { openDescriptorSocket } from "../sys/descriptor-socket.ts";
import { MasterStream, makePseudoTerminal } from "../sys/pseudo-terminal.ts";
import type { TerminalSize } from "../sys/terminal.ts";

export interface TerminalProcess {
  child: Child;
  /** What it writes, and what it is to read. */
  stream: Duplex;
  resize(size: TerminalSize): void;
  /** Gives the terminal away to a program that reads it from now on: the process outlives this one. */
  leave(): Promise<void>;
  /** Exit status (128+n after signal n), once all that it wrote has been read from the stream. */
  closed: Promise<number>;
}

/**
 * For a runtime that couples its own terminal to the process's, and learns of its size by SIGWINCH.
 * @param start spawns with the descriptors given, in a session of its own; what it throws is passed on
 */
export function spawnOnTerminal(size: TerminalSize, start: (streams: ChildStreams) => Child): TerminalProcess {
  const { master, slave } = makePseudoTerminal(size);
  const stream = new MasterStream();
  stream.attach(master);
  try {
    // What it says itself on standard error is in its log too, and not the process's.
    const child = start([slave, slave, undefined]);
    const resize = (to: TerminalSize) => {
      stream.resize(to);
      child.kill("SIGWINCH"); // the kernel tells only those whose controlling terminal it is
    };
    return { child, stream, resize, leave: async () => leave(stream), closed: closing(child, stream) };
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    closeSync(slave);
  }
}

/**
 * For a runtime that hands over the process's terminal (`--console-socket`). It need not read it then, where crun
 * loses what was written last, and typed keys are neither echoed twice nor taken for the runtime's.
 * @param path where the socket is made
 * @param start spawns with the socket's path; what it throws is passed on
 */
export function spawnWithConsole(size: TerminalSize, path: string, start: (socket: string) => Child): TerminalProcess {
  const socket = openDescriptorSocket(path);
  const stream = new MasterStream();
  let wanted = size;
  let child: Child;
  let letGo: () => void;
  // It sizes the terminal when the process may already run: with this it is faster. So is this process meanwhile, or on a
  // busy machine the child could be done with that before its priority is raised.
  const calm = runFirst(thisThread);
  try {
    child = start(socket.path);
    letGo = runFirst(child.pid);
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  } finally {
    calm();
  }
  const attached = socket
    .received(child.exited)
    .then((master) => {
      if (master === undefined) return;
      stream.attach(master);
      stream.resize(wanted);
    })
    .finally(() => {
      letGo();
      socket[Symbol.dispose]();
    });
  const resize = (to: TerminalSize) => {
    wanted = to;
    stream.resize(to);
  };
  return { child, stream, resize, leave: () => attached.then(() => leave(stream)), closed: attached.then(() => closing(child, stream)) };
}

async function closing(child: Child, stream: MasterStream): Promise<number> {
  const read = new Promise<void>((resolve) => stream.once("close", resolve).once("end", resolve));
  const status = await child.exited;
  stream.finish();
  await read;
  return status;
}

function leave(stream: MasterStream): void {
  const { descriptor } = stream;
  if (descriptor !== undefined) spawnProcess("cat", [], { stdio: [descriptor, "ignore", "ignore"], detached: true }).unref();
  stream.destroy();
}
