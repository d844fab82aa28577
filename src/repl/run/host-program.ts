/** Programs of the host beside the session's commands: what `! PROGRAM` and `| PROGRAM` run. No shell is involved. */
import type { Readable, Writable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { spawnInPipes } from "../../../engine/process/in-pipes.ts";
import { exitStatus, findProgram } from "../../../engine/process/spawn.ts";
import { nearest } from "../../../engine/suggest.ts";
import type { Io } from "../../commands/command.ts";
import { withUsersUmask } from "../../umask.ts";
import { filterNames } from "../language/index.ts";

export interface HostProgram {
  /** Its standard input; undefined when it reads the session's own. */
  input: Writable | undefined;
  /** Its standard output; undefined when it writes to the session's own. */
  output: Readable | undefined;
  /** Its standard error; undefined when that is the session's own. */
  errors: Readable | undefined;
  /** Its exit status, 128+n after a signal. */
  end: Promise<number>;
}

export interface HostOptions {
  io: Pick<Io, "cwd" | "env">;
  signal: AbortSignal;
  /** Its standard input is given; else it has the session's own. */
  fed: boolean;
  /** Its standard output is read; else it is the session's own. */
  read: boolean;
  /** Its standard error is read; else it is the session's own. */
  heard?: boolean;
  /** Milliseconds that it gets to end when it is cancelled, before it is killed. */
  patience?: number;
}

/** The path of a program; undefined when this host has none of that name. */
export function programAt(name: string): string | undefined {
  return name.includes("/") ? name : findProgram(name);
}

/** Starts a program in the session's directory, with the session's environment. @throws EngineError `not-found` */
export function startProgram(words: readonly string[], options: HostOptions): HostProgram {
  const { io, signal, fed, read, heard, patience = 10_000 } = options;
  const [name = "", ...args] = words;
  const program = programAt(name);
  if (program === undefined)
    throw new EngineError("not-found", `there is no program "${name}" on this host`, {
      exit: 127,
      hint: "what follows | and ! is no shell",
      suggestion: fed ? nearest(name, filterNames) : undefined,
    });
  const env = Object.fromEntries(Object.entries(io.env).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const choices = [fed ? "pipe" : "inherit", read ? "pipe" : "inherit", heard ? "pipe" : "inherit"] as const;
  const { child, stdin, stdout, stderr } = withUsersUmask(() => spawnInPipes(program, args, { cwd: io.cwd, env }, choices));
  const { promise: end, resolve, reject } = Promise.withResolvers<number>();
  // What it started itself may hold its streams: that is waited for, unless it is called off.
  const letGo = () => {
    for (const stream of [stdout, stderr]) stream?.destroy();
  };
  let insist: NodeJS.Timeout | undefined;
  const cancel = () => {
    child.kill("SIGTERM");
    insist = setTimeout(() => child.kill("SIGKILL"), patience);
    void end.then(letGo, letGo);
  };
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  child.on("error", (cause) =>
    reject(
      new EngineError("system", `cannot run "${name}": ${cause.message}`, {
        cause,
        exit: 126,
      }),
    ),
  );
  child.on("exit", (code, by) => resolve(exitStatus(code, by)));
  void end.catch(() => {}).finally(() => clearTimeout(insist));
  const streams = [stdout, stderr].map((stream) => stream && new Promise((closed) => stream.once("close", closed)));
  void Promise.all([end.catch(() => {}), ...streams]).then(() => signal.removeEventListener("abort", cancel));
  return { input: stdin, output: stdout, errors: stderr, end };
}
