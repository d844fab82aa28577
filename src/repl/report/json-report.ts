/**
 * A session for programs: one JSON object a line on standard output, for each statement that ran, and for what happened meanwhile.
 * The shapes are version 1, described in docs/scripting.md; members may be added, none change.
 */
import { isUtf8 } from "node:buffer";
import type { EngineError, SourceLocation } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { put } from "../../print.ts";
import { type Frame, type Output, statusOf } from "../frame/index.ts";
import { locate, type Parsed, withoutSecrets } from "../language/index.ts";
import type { Observer } from "../session.ts";
import { holdsOthers, writtenAs } from "./written.ts";

const schemaVersion = 1;

type Stream = "stdout" | "stderr";

export class JsonReport implements Observer, Output {
  /** Errors that the statement which they began in has told. */
  readonly #told = new WeakSet<EngineError>();
  /** Bytes of a character that is not all there yet. */
  readonly #rest: Record<Stream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly #write: (line: string) => unknown;

  constructor(write: (line: string) => unknown = (line) => put("stdout", line)) {
    this.#write = write;
  }

  put(data: string | Uint8Array, stream: Stream): unknown {
    const bytes = Buffer.concat([this.#rest[stream], Buffer.from(data)]);
    const end = bytes.length - unfinished(bytes);
    this.#rest[stream] = Buffer.from(bytes.subarray(end));
    return this.#output(bytes.subarray(0, end), stream);
  }

  #output(bytes: Buffer, stream: Stream): unknown {
    if (bytes.length === 0) return undefined;
    return this.#line({ type: "output", stream, ...(isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString("base64") }) });
  }

  event(event: ProgressEvent): unknown {
    if (event.type === "output") return this.put(event.data, event.stream);
    return this.#line(event);
  }

  async end(statement: Parsed, frame: Frame, { milliseconds, error }: Parameters<NonNullable<Observer["end"]>>[2]): Promise<void> {
    await this.#flush();
    if (holdsOthers(statement) && (!error || this.#told.has(error))) return;
    if (error) this.#told.add(error);
    const { source, file } = frame.text;
    const { line, column } = locate(source, file, statement.start);
    await this.#line({
      type: "statement",
      file,
      line,
      col: column,
      command: withoutSecrets(writtenAs(statement, source), () => "***"),
      ok: !error,
      exit: error ? statusOf(error) : 0,
      ms: Math.round(milliseconds * 1000) / 1000,
      ...(error ? { error: asData(error, { file, line, column }) } : { result: resultOf(statement, frame) }),
    });
  }

  async #flush(): Promise<void> {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#rest[stream];
      this.#rest[stream] = Buffer.alloc(0);
      await this.#output(rest, stream);
    }
  }

  #line(value: object): unknown {
    return this.#write(`${JSON.stringify({ v: schemaVersion, ...value })}\n`);
  }
}

/** Bytes at the end that begin a character of UTF-8 without ending it. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** What a statement gave; null where it gives nothing. */
function resultOf(statement: Parsed, { variables }: Frame): unknown {
  if (statement.kind === "let" || statement.kind === "assign") return variables.get(statement.name) ?? null;
  return statement.kind === "command" ? variables.get("_") || null : null;
}

/** @param statement its place where the error has none, as it was called off */
function asData({ code, message, hint, suggestion, location, details }: EngineError, statement: SourceLocation) {
  const { source: _source, ...place } = location ?? statement;
  return { code, message, hint, suggestion, location: place, details };
}
