/**
 * What a statement runs in. Statements that follow each other share a frame; a block, a function or a branch beside others
 * gets a frame that differs in what it says, and nothing is put back afterwards.
 */
import type { Passage } from "../../../engine/errors.ts";
import type { Engine, ProgressEvent, Streams } from "../../../engine/index.ts";
import type { Context, Io } from "../../commands/command.ts";
import { putSoon } from "../../print.ts";
import type { Parsed } from "../language/index.ts";
import type { SourceText, Variables } from "./variables.ts";

export interface Frame {
  readonly text: SourceText;
  readonly signal: AbortSignal;
  readonly variables: Variables;
  readonly place: Place;
  /** What `defer` left to do when the block of this frame ends, the last first. */
  readonly defers: Deferred[];
  /** It is what was deferred: an `exit` before has not ended it. */
  readonly isCleaning?: boolean;
  /** Calls and sourced files that led here, the innermost first. */
  readonly passages: readonly Passage[];
}

/** Where commands run and what they print goes: shared by what follows each other, copied for what runs side by side. */
export interface Place {
  engine: Engine;
  io: Io;
  /** Takes what is printed; undefined: this process's own output. */
  output?: Output | undefined;
  /** Shows a person a result that is larger than the screen; false: it is printed as ever. */
  page?: ((text: string) => Promise<boolean>) | undefined;
  /** A person types here: Ctrl-C leaves what was there before, and does not end it. */
  isPrompt?: boolean;
}

export interface Output {
  put(data: string | Uint8Array, stream: "stdout" | "stderr"): unknown;
  /** Takes the events of commands as they are, and no text of them. */
  event?(event: ProgressEvent): unknown;
  /** It only listens: commands draw on this process's own output as ever, by these streams, and what they show is told. */
  shown?: {
    streams(own: Streams, isInteractive: boolean): Streams;
    heard(data: string | Uint8Array): void;
  };
}

export interface Deferred {
  statement: Parsed & { kind: "defer" };
  frame: Frame;
}

/** A statement that leaves its block. */
export type Leap = { kind: "break" | "continue" | "exit" } | { kind: "return"; value: unknown };

/** Writes a text of the language's own: print, vars, screen. */
export async function say({ place }: Frame, text: string): Promise<void> {
  await (place.output ? place.output.put(text, "stdout") : putSoon("stdout", text));
}

/** What a command of this frame gets. */
export function contextOf({ place, signal }: Frame, io: Io = place.io): Context {
  return { engine: place.engine, io, signal };
}
