/**
 * The only writer of the terminal: text and bytes for standard output and error, each by its outlet (outlet.ts), colours,
 * and the end of the process, which comes when everything is out.
 */
import type { Writable } from "node:stream";
import { Outlet, ReaderGone } from "./outlet.ts";
import { isTerminal } from "./terminal.ts";

export { isTerminal, ReaderGone };

export type Target = "stdout" | "stderr";

const outlets: Record<Target, Outlet> = { stdout: new Outlet(1), stderr: new Outlet(2) };
const both = [outlets.stdout, outlets.stderr];
outlets.stdout.other = outlets.stderr;
outlets.stderr.other = outlets.stdout;

/** Writes, in its turn: straight where that takes no time. What is not out yet is waited for at the end. */
export function write(target: Target, data: string | Uint8Array): void {
  void outlets[target].put(data).catch(() => {}); // the outlet keeps it for `flushed`
}

/** Writes; resolves when the system has taken it. @throws ReaderGone, EngineError `system` */
export function put(target: Target, data: string | Uint8Array): Promise<void> {
  return outlets[target].put(data);
}

/** The same for a line of several: see Outlet.putSoon. */
export function putSoon(target: Target, text: string): Promise<void> | undefined {
  return outlets[target].putSoon(text);
}

/** This process's stdout or stderr as a stream. */
export function streamOf(target: Target): Writable {
  return outlets[target].stream;
}

/** The terminal behind standard output for a line editor, which must know its size. What is written there is out at once. */
export function editorOutput(): NodeJS.WriteStream {
  return process.stdout.listenerCount("error") > 0 ? process.stdout : process.stdout.on("error", () => {}); // hung up: the input ends too
}

/** Resolves when all that was written is out. @throws ReaderGone, EngineError `system`: what kept it in */
export async function flushed(): Promise<void> {
  await Promise.all(both.map((outlet) => outlet.flushed()));
}

/** Why no more can be written to one of them, when that is so. */
export function brokenOutput(): Error | undefined {
  return outlets.stdout.failure ?? outlets.stderr.failure;
}

/** @param stop called when the reader of standard output is gone */
export function onBrokenOutput(stop: () => void): void {
  for (const outlet of both) outlet.onFailure = stop;
}

/** The user has cancelled: what no reader has taken yet is not waited for. */
export function abandonOutput(): void {
  for (const outlet of both) outlet.abandon();
}

/** How this process ends at once; unset, or where it returns, by `process.exit`. */
let exitAtOnce: ((status: number) => void) | undefined;

/** @param exit _exit(2), where it can be had */
export function leaveBy(exit: (status: number) => void): void {
  exitAtOnce = exit;
}

/** Ends the process, whatever its threads still do: one may have been left writing for a reader who never reads again. */
export function leave(status: number): never {
  if (both.some(({ isWriting }) => isWriting)) endBySignal(status);
  if (exitAtOnce) {
    process.emit("exit", status); // gives the terminal back
    exitAtOnce(status);
  }
  process.exit(status);
}

/** The signal that cancelled the command, by its status; with its default action, which waits for nothing. */
function endBySignal(status: number): void {
  const { signals } = process.getBuiltinModule("node:os").constants;
  const [name] = Object.entries(signals).find(([, number]) => number === status - 128) ?? ["SIGKILL"];
  process.emit("exit", status); // gives the terminal back
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

/** Colours where a person reads: on a terminal, unless NO_COLOR (no-color.org) or TERM=dumb says otherwise. */
export function hasColour(target: Target): boolean {
  const { NO_COLOR, TERM } = process.env;
  return !NO_COLOR && TERM !== "dumb" && isTerminal(outlets[target].fd);
}

/** Columns and rows of the terminal behind a target; 80 × 24 when it is none. */
export function sizeOf(target: Target): { columns: number; rows: number } {
  const { columns, rows } = process[target] as Partial<NodeJS.WriteStream>;
  return { columns: columns || 80, rows: rows || 24 }; // 0 × 0 is what a terminal has that nobody gave a size
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

export type Style = keyof typeof codes;
export type Paint = (style: Style, text: string) => string;

/** Wraps text in SGR codes, or leaves it. */
export function painter(colour: boolean): Paint {
  return colour ? (style, text) => `\x1b[${codes[style]}m${text}\x1b[0m` : (_style, text) => text;
}
