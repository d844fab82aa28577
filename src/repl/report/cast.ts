/** `--cast FILE`: a session as asciicast v2, for players and pictures: each statement as if it were typed, then what it printed. */
import { closeSync, openSync, writeSync } from "node:fs";
import { EngineError } from "../../../engine/errors.ts";
import { put } from "../../print.ts";
import { reportError } from "../../report.ts";
import { usersFileMode } from "../../umask.ts";
import type { Frame, Output } from "../frame/index.ts";
import { type Parsed, withoutSecrets } from "../language/index.ts";
import type { Observer } from "../session.ts";

const size = { width: 100, height: 30 };

export class Cast implements Observer, Output {
  readonly #fd: number;
  readonly #began = performance.now();
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  readonly #show: (data: string | Uint8Array, stream: "stdout" | "stderr") => unknown;
  /** Statements in each other: the outermost are typed. */
  #depth = 0;

  /** @throws EngineError `invalid` when the file cannot be written */
  constructor(
    path: string,
    title: string,
    show: (data: string | Uint8Array, stream: "stdout" | "stderr") => unknown = (data, stream) => put(stream, data),
  ) {
    try {
      this.#fd = openSync(path, "w", usersFileMode());
    } catch (cause) {
      throw new EngineError("invalid", `cannot write to "${path}": ${(cause as Error).message}`, { cause, hint: "check the path" });
    }
    this.#show = show;
    this.#line({ version: 2, ...size, timestamp: Math.floor(Date.now() / 1000), title });
  }

  begin(statement: Parsed, { text: { source } }: Frame): void {
    if (this.#depth++ > 0) return;
    const typed = withoutSecrets(source.slice(statement.start, statement.end), () => "***");
    this.#event(`\x1b[1mberth>\x1b[0m ${typed.replaceAll("\n", "\n   ... ")}\n`);
  }

  end(_statement: Parsed, _frame: Frame, { error }: Parameters<NonNullable<Observer["end"]>>[2]): void {
    if (--this.#depth === 0 && error) this.#event(reportError(error, { colour: true }));
  }

  put(data: string | Uint8Array, stream: "stdout" | "stderr"): unknown {
    this.#event(typeof data === "string" ? data : this.#decoders[stream].decode(data, { stream: true }));
    return this.#show(data, stream);
  }

  #event(text: string): void {
    const seconds = Math.round((performance.now() - this.#began) * 1000) / 1e6;
    if (text !== "") this.#line([seconds, "o", text.replace(/\r?\n/g, "\r\n")]);
  }

  #line(value: unknown): void {
    writeSync(this.#fd, `${JSON.stringify(value)}\n`);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
