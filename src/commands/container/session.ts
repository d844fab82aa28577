/** What `run`, `start`, `attach` and `exec` share: which streams are attached, detach keys, signals. */

import { EngineError } from "../../../engine/errors.ts";
import type { AttachOptions, SessionEnd, Streams } from "../../../engine/index.ts";
import { isTerminal } from "../../print.ts";
import type { Context, FlagSpec, Input } from "../command.ts";
import { choiceOf, listOf, textOf } from "../flag-values.ts";

export const detachKeys: FlagSpec = {
  name: "detach-keys",
  type: "string",
  placeholder: "KEYS",
  help: "Key sequence that leaves the container running, e.g. ctrl-p,ctrl-q",
};

export const sigProxy: FlagSpec = {
  name: "sig-proxy",
  type: "boolean",
  default: true,
  help: "Pass received signals to the process",
};

/** Terminal sessions get `terminal`, plain ones must not see it: docker attaches by pipes without -t. */
export function streamsFor(context: Context, tty: boolean): Streams {
  const { streams } = context.io;
  if (tty && streams.terminal) return streams;
  return {
    get stdin() {
      return streams.stdin;
    },
    get stdout() {
      return streams.stdout;
    },
    get stderr() {
      return streams.stderr;
    },
    ...(streams.put && { put: streams.put }),
    inherit: streams.inherit,
  };
}

/** docker refuses `-it` when its standard input is no terminal, rather than hang. */
export function requireTerminal(context: Context): void {
  const { terminal, inherit } = context.io.streams;
  if (terminal && (!inherit || isTerminal(0))) return;
  throw new EngineError("usage", "the input device is not a TTY", { hint: "leave out -t, or run it in a terminal", exit: 1 });
}

export function attachOptions(context: Context, input: Input, stdin: boolean): AttachOptions {
  const chosen = listOf(input, "attach").map((name) => name.toLowerCase());
  const unknown = chosen.find((name) => !["stdin", "stdout", "stderr"].includes(name));
  if (unknown !== undefined)
    throw new EngineError("usage", `invalid argument "${unknown}" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR`);
  const wants = (name: string) => chosen.length === 0 || chosen.includes(name);
  return {
    stdin: chosen.length === 0 ? stdin : chosen.includes("stdin"),
    stdout: wants("stdout"),
    stderr: wants("stderr"),
    detachKeys: textOf(input, "detach-keys"),
    sigProxy: choiceOf(input, "sig-proxy") ?? true,
    onSignal: context.io.onSignal,
    signal: context.signal,
  };
}

/** The process's exit status; 0 after a detach. */
export function sessionStatus(end: Partial<SessionEnd>): number {
  return end.exitCode ?? 0;
}
