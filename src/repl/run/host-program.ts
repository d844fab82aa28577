/** Programs of the host beside the session's commands: what `! PROGRAM` and `| PROGRAM` run. No shell is involved. */
import type { Readable, Writable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { exitStatus, findProgram, spawnProcess } from "../../../engine/process/spawn.ts";
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
  const stdio = [fed ? "pipe" : "inherit", read ? "pipe" : "inherit", heard ? "pipe" : "inherit"] as const;
  const child = withUsersUmask(() => spawnProcess(program, args, { cwd: io.cwd, env, stdio: [...stdio] }));
  const { promise: end, resolve, reject } = Promise.withResolvers<number>();
  let insist: NodeJS.Timeout | undefined;
  const cancel = () => {
    child.kill("SIGTERM");
    insist = setTimeout(() => child.kill("SIGKILL"), patience);
    // What it started itself may hold its streams, and "close" waits for their ends.
    child.once("exit", () => {
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    });
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
  child.on("close", (code, by) => resolve(exitStatus(code, by)));
  void end
    .catch(() => {})
    .finally(() => {
      signal.removeEventListener("abort", cancel);
      clearTimeout(insist);
    });
  return {
    input: child.stdin ?? undefined,
    output: child.stdout ?? undefined,
    errors: child.stderr ?? undefined,
    end,
  };
}
