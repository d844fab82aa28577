/**
 * What an operation tells of itself, as lines of JSON (docker's jsonmessage): a client shows them as bars and lines. As long as nothing
 * is told an error is an answer of its own; afterwards it is the last line.
 */
import type { Writable } from "node:stream";
import { toEngineError } from "../errors.ts";
import type { ProgressEvent, TransferEvent } from "../events.ts";
import { toJson } from "./answers.ts";
import { deliver } from "./frames.ts";

export type Line = Record<string, unknown>;

export class JsonLines {
  readonly #open: () => Writable;
  #target: Writable | undefined;

  /** @param open sends the head of the answer */
  constructor(open: () => Writable) {
    this.#open = open;
  }

  get hasBegun(): boolean {
    return this.#target !== undefined;
  }

  write(line: Line): Promise<void> {
    this.#target ??= this.#open();
    return deliver(this.#target, Buffer.from(`${toJson(line)}\r\n`));
  }

  /** @throws the error, when nothing was told before */
  async fail(thrown: unknown, code?: number): Promise<void> {
    if (!this.#target) throw thrown;
    const message = toEngineError(thrown).message;
    await this.write({ errorDetail: { ...(code !== undefined && { code }), message }, error: message });
  }

  end(): void {
    this.#target ??= this.#open();
    this.#target.end();
  }
}

/** "3.5MB" */
function humanSize(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}

/** "[=====>     ]  1MB/2MB", fifty wide. */
function bar(current: number, total: number): string {
  const done = total > 0 ? Math.min(50, Math.floor((current / total) * 50)) : 0;
  const drawn = done === 50 ? "=".repeat(50) : `${"=".repeat(done)}>${" ".repeat(49 - done)}`;
  return `[${drawn}]  ${humanSize(current)}/${humanSize(total)}`;
}

function transferLine({ id, status, current, total, done }: TransferEvent): Line {
  if (current === undefined || done) return { status, progressDetail: {}, id };
  const progressDetail = { current, ...(total && { total }) };
  return { status, progressDetail, progress: total ? bar(current, total) : humanSize(current), id };
}

/** undefined for what clients are not told. */
export function progressLine(event: ProgressEvent): Line | undefined {
  if (event.type === "transfer") return transferLine(event);
  if (event.type !== "message" && event.type !== "warning") return undefined;
  const [, id, status] = /^([\w.:-]+): (Pulling from .*)$/.exec(event.text) ?? [];
  return id === undefined ? { status: event.text } : { status, id };
}

/**
 * Tells what an operation says, and gives its result. The first message waits for what follows it: when that is an error, such as that
 * nobody has the image, it is an answer of its own.
 */
export async function tellProgress<T>(lines: JsonLines, operation: AsyncGenerator<ProgressEvent, T>): Promise<T> {
  let waiting: Line | undefined;
  for (;;) {
    const step = await operation.next();
    if (waiting) await lines.write(waiting);
    waiting = undefined;
    if (step.done) return step.value;
    const line = progressLine(step.value);
    if (line && step.value.type === "message") waiting = line;
    else if (line) await lines.write(line);
  }
}
