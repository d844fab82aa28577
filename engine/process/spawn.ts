/** Every child process starts here: no shell, a chosen environment, arguments as a list, absolute or looked-up program. */
import type { ChildProcess, SpawnOptions, StdioOptions } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { lastingCommand } from "./lasting.ts";

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Absolute path of a program in PATH (and in the sbin directories), or undefined. */
export function findProgram(name: string): string | undefined {
  if (name.includes("/")) return isExecutable(name) ? name : undefined;
  const directories = `${process.env["PATH"] ?? ""}:${searchPath}`.split(":").filter(Boolean);
  return directories.map((directory) => `${directory}/${name}`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile(); // a directory may be entered, not run
  } catch {
    return false;
  }
}

export interface ProcessOptions {
  stdio?: StdioOptions;
  cwd?: string;
  /** The whole environment of the child; default only PATH: nothing of the user's leaks into runtimes and monitors. */
  env?: Record<string, string>;
  /** Own session and control group: survives this process, its terminal, and the login or service it belongs to. */
  detached?: boolean;
  /** Its name among its own arguments; default the program's path. */
  argv0?: string;
  signal?: AbortSignal;
}

/**
 * Starts a program; the caller owns the child's end.
 * @throws EngineError `system` when there are no file descriptors left; other failures are the child's "error" event
 */
export function spawnProcess(program: string, args: string[], options: ProcessOptions = {}): ChildProcess {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const full: SpawnOptions = { cwd: "/", stdio: ["ignore", "pipe", "pipe"], ...options, env: options.env ?? { PATH: searchPath } };
  const child = options.detached ? spawn(...lastingCommand(program, args), full) : spawn(program, args, full);
  if (child.stdio) return child;
  // Node gives up half way when there are no descriptors left for the pipes.
  child.on("error", () => {});
  throw new EngineError("system", `cannot run "${program}": too many open files`, { hint: "allow more: ulimit -n" });
}

export interface ProcessResult {
  /** Exit status, 128+n after signal n. */
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end with captured output. A program that cannot start is an EngineError; a status is data. */
export function runProcess(program: string, args: string[], options: ProcessOptions & { input?: string } = {}): Promise<ProcessResult> {
  const child = spawnProcess(program, args, { ...options, stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.on("error", () => {}); // EPIPE: the program did not want its input; its status tells
  child.stdin?.end(options.input);
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => reject(new EngineError("system", `cannot run "${program}": ${cause.message}`, { cause })));
    child.on("close", (code, signal) =>
      resolve({ status: exitStatus(code, signal), stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/** The shell's convention: the exit status, or 128 plus the signal's number. */
export function exitStatus(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  const { constants: os } = process.getBuiltinModule("node:os");
  return 128 + (signal ? os.signals[signal] : 0);
}
