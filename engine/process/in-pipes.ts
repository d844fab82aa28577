/**
 * Programs whose streams are pipes, as a shell gives them. Node's own are sockets: a program could not open /dev/stdout
 * (ENXIO), and one whose reader is gone would be told of a connection that was reset, and would not end by SIGPIPE.
 */
import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { betweenPipes, type Choices, readStream, writeEnd } from "../sys/pipe.ts";
import { type ProcessOptions, spawnProcess } from "./spawn.ts";

/** A child, and this side's ends of its streams where they are pipes. */
export interface ProgramInPipes {
  child: ChildProcess;
  stdin: Writable | undefined;
  stdout: Readable | undefined;
  stderr: Readable | undefined;
}

/** @throws EngineError as `spawnProcess` */
export function spawnInPipes(program: string, args: string[], options: Omit<ProcessOptions, "stdio">, choices: Choices): ProgramInPipes {
  const { child, ours } = betweenPipes(choices, (streams) =>
    spawnProcess(program, args, { ...options, stdio: streams.map((fd) => fd ?? "ignore") }),
  );
  const [stdin, stdout, stderr] = ours;
  return {
    child,
    stdin: stdin === undefined ? undefined : writeEnd(stdin),
    stdout: stdout === undefined ? undefined : readStream(stdout),
    stderr: stderr === undefined ? undefined : readStream(stderr),
  };
}
