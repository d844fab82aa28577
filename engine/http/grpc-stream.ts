/** One call of gRPC: messages each way, each behind a head of five bytes, and the status at its end. */
import type { ClientHttp2Stream, Http2Stream, IncomingHttpHeaders } from "node:http2";
import { EngineError } from "../errors.ts";

/** Bytes of a message; the peers of BuildKit send no larger ones. */
const messageLimit = 16 << 20;
const headSize = 5;

/** Messages each way. */
export interface MessageStream {
  messages(): AsyncIterable<Buffer>;
  send(message: Uint8Array): Promise<void>;
  end(): void;
}

export class GrpcStream implements MessageStream {
  readonly #stream: Http2Stream;
  readonly #status: Promise<EngineError | undefined>;
  readonly #calls: boolean;

  /** @param calls this side has begun it, and hears how it ended */
  constructor(stream: Http2Stream, calls = false) {
    this.#stream = stream;
    this.#calls = calls;
    this.#status = calls ? statusOf(stream as ClientHttp2Stream) : Promise.resolve(undefined);
  }

  /** The other side's messages, to their end; who stops before that gives up a call of its own. @throws EngineError for a call that failed */
  async *messages(): AsyncGenerator<Buffer> {
    const parts = new Parts();
    try {
      for await (const chunk of this.#stream.iterator({ destroyOnReturn: this.#calls }) as AsyncIterable<Buffer>) {
        parts.add(chunk);
        for (let message = parts.take(); message; message = parts.take()) yield message;
      }
    } catch (error) {
      throw (await this.#status) ?? error;
    }
    const failure = await this.#status;
    if (failure) throw failure;
  }

  /** The one message of a call that has one. Nobody waits for more: that the other side gives up would not be heard. */
  async message(): Promise<Buffer> {
    let first: Buffer | undefined;
    for await (first of this.messages()) break;
    this.#stream.resume();
    if (!first) throw new EngineError("invalid", "a call without a message");
    return first;
  }

  /** Resolves when the other side has room for more. */
  send(message: Uint8Array): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return Promise.resolve(); // how it ended is told by `messages`
    const head = Buffer.alloc(headSize);
    head.writeUInt32BE(message.length, 1);
    stream.cork();
    stream.write(head);
    const hasRoom = stream.write(message);
    stream.uncork();
    return hasRoom ? Promise.resolve() : drained(stream);
  }

  /** No more of this side's messages. */
  end(): void {
    this.#stream.end();
  }

  /** Gives it up. */
  close(): void {
    this.#stream.close(process.getBuiltinModule("node:http2").constants.NGHTTP2_CANCEL);
  }
}

function drained(stream: Http2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}

/** Pieces of a stream until a message is whole: put together once, however many there are. */
class Parts {
  #parts: Buffer[] = [];
  #length = 0;
  #wanted = headSize;

  add(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#length += chunk.length;
  }

  take(): Buffer | undefined {
    if (this.#length < this.#wanted) return undefined;
    const whole = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [whole];
    const size = headSize + lengthIn(whole);
    this.#wanted = size;
    if (whole.length < size) return undefined;
    const rest = whole.subarray(size);
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    this.#wanted = headSize;
    return whole.subarray(headSize, size);
  }
}

/** @throws EngineError for a message that is compressed, which was not agreed upon, or too long */
function lengthIn(whole: Buffer): number {
  const length = whole.readUInt32BE(1);
  if (whole[0] !== 0) throw new EngineError("invalid", "a message of gRPC is compressed, which was not agreed upon");
  if (length > messageLimit) throw new EngineError("invalid", `a message of gRPC is longer than ${messageLimit} bytes`);
  return length;
}

/** How a call ended that this side has made; undefined for well. */
function statusOf(stream: ClientHttp2Stream): Promise<EngineError | undefined> {
  let said: IncomingHttpHeaders = {};
  const hear = (headers: IncomingHttpHeaders) => {
    if (headers["grpc-status"] !== undefined) said = headers;
  };
  let broken: Error | undefined;
  stream.on("response", hear).on("trailers", hear);
  stream.on("error", (error) => (broken = error));
  return new Promise((resolve) => stream.once("close", () => resolve(failureIn(said, broken))));
}

function failureIn(headers: IncomingHttpHeaders, broken: Error | undefined): EngineError | undefined {
  const code = headers["grpc-status"];
  if (code === "0") return undefined;
  const message = decode(String(headers["grpc-message"] ?? "")) || broken?.message || "the client has ended the call";
  return new EngineError(codeOf(code), message, { details: { grpc: Number(code ?? 14) } });
}

function codeOf(code: unknown): "cancelled" | "not-found" | "unsupported" | "system" {
  if (code === undefined || code === "1") return "cancelled";
  if (code === "5") return "not-found";
  return code === "12" ? "unsupported" : "system";
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
