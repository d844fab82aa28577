/** WebSockets (RFC 6455) on a connection that was taken over: bytes in and out, in frames of the client's and of ours. */
import { createHash } from "node:crypto";
import { Duplex } from "node:stream";
import { EngineError } from "../errors.ts";

/** The specification's. */
const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const kinds = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Bytes of a client's frame: docker's send what somebody types. */
const frameLimit = 1 << 20;

/** The header by which a client sees that it was understood. @throws EngineError `invalid` for what is no handshake */
export function websocketHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const key = headers["sec-websocket-key"];
  if (typeof key !== "string" || Buffer.from(key, "base64").length !== 16 || headers["sec-websocket-version"] !== "13")
    throw new EngineError("invalid", "cannot open a WebSocket: it wants Sec-WebSocket-Version 13 and a key");
  return {
    "Sec-WebSocket-Accept": createHash("sha1")
      .update(key + magic)
      .digest("base64"),
  };
}

/** What is sent goes out as binary frames; the client's text and binary frames are what is read. Ends with the connection. */
export class WebSocketStream extends Duplex {
  readonly #connection: Duplex;
  #received = Buffer.alloc(0);
  #isClosing = false;

  constructor(connection: Duplex) {
    super();
    this.#connection = connection;
    connection.on("data", (chunk: Buffer) => this.#receive(chunk));
    connection.once("end", () => this.destroy()).once("close", () => this.destroy());
    connection.on("error", () => this.destroy());
  }

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send(kinds.binary, chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#close(1000);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#connection.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (let frame = takeFrame(this.#received); frame; frame = takeFrame(this.#received)) {
      if (frame === "wrong") {
        this.#close(1002);
        return;
      }
      this.#received = this.#received.subarray(frame.length);
      this.#answer(frame);
    }
  }

  #answer({ kind, payload }: Frame): void {
    if (this.#isClosing) return;
    if (kind === kinds.close) this.#close(1000);
    else if (kind === kinds.ping) this.#send(kinds.pong, payload);
    else if (kind <= kinds.binary && payload.length > 0 && !this.push(payload)) this.#connection.pause();
  }

  #close(code: number): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const reason = Buffer.alloc(2);
    reason.writeUInt16BE(code);
    this.#send(kinds.close, reason);
    // A WebSocket has no half: who has closed it hears no more.
    this.#connection.end(() => this.destroy());
  }

  #send(kind: number, payload: Buffer, done: (error?: Error | null) => void = () => {}): void {
    const connection = this.#connection;
    if (connection.destroyed || connection.writableEnded) {
      done();
      return;
    }
    connection.cork();
    connection.write(frameHead(kind, payload.length));
    connection.write(payload, (error) => done(error));
    connection.uncork();
  }
}

interface Frame {
  kind: number;
  payload: Buffer;
  /** Of all of it. */
  length: number;
}

/** Undefined until it is whole; a client's frame is masked, and uses no extension. */
function takeFrame(bytes: Buffer): Frame | "wrong" | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes[0]!, bytes[1]!];
  const kind = first & 0x0f;
  if (first & 0x70 || !(second & 0x80) || !(Object.values(kinds) as number[]).includes(kind)) return "wrong";
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (size > frameLimit) return "wrong";
  if (bytes.length < start + 4 + size) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, start + 4 + size));
  for (let at = 0; at < payload.length; at++) payload[at]! ^= mask[at & 3]!;
  return { kind, payload, length: start + 4 + size };
}

function frameHead(kind: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | kind, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | kind;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
