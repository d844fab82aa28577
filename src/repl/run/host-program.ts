/** Programs of the host beside the session's commands: what `! PROGRAM` and `| PROGRAM` run. No shell is involved. */
import { statSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
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

/** Starts a program in the session's directory, with the session's environment. @throws EngineError with 126 or 127, as a shell ends */
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
  const failed = (cause: NodeJS.ErrnoException) => cannotRun(name, io.cwd, cause);
  const { child, stdin, stdout, stderr } = withUsersUmask(() => {
    try {
      return spawnInPipes(program, args, { cwd: io.cwd, env }, choices);
    } catch (cause) {
      throw cause instanceof EngineError ? cause : failed(cause as NodeJS.ErrnoException);
    }
  });
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
  child.on("error", (cause) => reject(failed(cause)));
  child.on("exit", (code, by) => resolve(exitStatus(code, by)));
  void end.catch(() => {}).finally(() => clearTimeout(insist));
  const streams = [stdout, stderr].map((stream) => stream && new Promise((closed) => stream.once("close", closed)));
  void Promise.all([end.catch(() => {}), ...streams]).then(() => signal.removeEventListener("abort", cancel));
  return { input: stdin, output: stdout, errors: stderr, end };
}

/** What execve(2) refuses for, in words, and what can be done about it. */
const refusals: Record<string, readonly [why: string, hint?: string]> = {
  EACCES: ["it is not executable", "make it so: chmod +x"],
  E2BIG: ["its arguments are too long", "give it by a file, or by standard input"],
  ETXTBSY: ["it is being written"],
  ENOEXEC: ["it is no program for this host"],
};

/** As shells have it: 127 for what is not there, 126 for what is and does not run. */
function cannotRun(name: string, cwd: string, cause: NodeJS.ErrnoException): EngineError {
  const error = (why: string, exit: 126 | 127, hint?: string) =>
    new EngineError(exit === 127 ? "not-found" : "invalid", `cannot run "${name}": ${why}`, { cause, exit, hint });
  const { code = "" } = cause;
  if (kindAt(cwd) !== "directory") return error(`the directory "${cwd}" is gone`, 126, "cd to another one");
  const kind = kindAt(resolvePath(cwd, name));
  if (kind === "directory") return error("it is a directory", 126);
  if (code === "ENOENT" || code === "ENOTDIR")
    return kind === undefined
      ? error("there is no such file", 127, "what follows | and ! is no shell")
      : error("what it is to be run by is not there", 126, "look at its first line, behind #!");
  const [why = cause.message, hint] = refusals[code] ?? [];
  return error(why, 126, hint);
}

function kindAt(path: string): "directory" | "other" | undefined {
  try {
    return statSync(path).isDirectory() ? "directory" : "other";
  } catch {
    return undefined;
  }
}
