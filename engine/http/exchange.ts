/**
 * One request to a server of ours and its answer: at once, as a stream, or by taking the connection over ("hijacking"), after which
 * both sides send bytes as they like. A request to upgrade gets the same treatment, and may be answered like any other.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex, Readable, Writable } from "node:stream";
import { EngineError } from "../errors.ts";

export type Headers = Record<string, string>;

/** A connection that a client has asked to upgrade: what it sent behind the head of its request. */
interface Upgrade {
  socket: Duplex;
  head: Buffer;
}

const lastChunk = "0\r\n\r\n";

export class Exchange {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #upgrade: Upgrade | undefined;
  readonly #gone = new AbortController();
  #hijacked = false;
  /** While the head of a connection that was taken over is held back. */
  #tell: (() => Promise<void>) | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, upgrade?: Upgrade) {
    this.method = request.method ?? "GET";
    this.url = request.url ?? "/";
    this.headers = request.headers;
    this.#request = request;
    this.#response = response;
    this.#upgrade = upgrade;
    response.on("error", () => {}); // the client is gone, which `signal` tells
    const { socket } = request;
    // Half closed: docker, too, takes that as the end of the client's interest.
    const leave = () => this.#hijacked || this.#gone.abort();
    if (!upgrade) socket.once("end", leave);
    response.once("close", () => {
      socket.off("end", leave);
      if (!response.writableFinished) leave();
    });
  }

  /** Aborts when the client goes before it has its answer, or when the server stops. A connection that was taken over tells itself. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  get isAnswered(): boolean {
    return this.#hijacked || this.#response.headersSent;
  }

  /** The client's address; "" where it has none, or is gone. */
  get remote(): string {
    return this.#request.socket.remoteAddress ?? "";
  }

  /** Of the answer, once there is one. */
  get status(): number {
    return this.#response.statusCode;
  }

  /** What the client asks to change to: "tcp", "h2c", "websocket". */
  get upgrade(): string | undefined {
    return this.#upgrade && this.headers.upgrade?.toLowerCase();
  }

  get body(): Readable {
    return this.#request;
  }

  /** The body, for readers that may give up before its end: what they leave is forgotten. Who reads is told when it breaks off. */
  upload(): Readable {
    const { PassThrough } = process.getBuiltinModule("node:stream");
    const request = this.#request;
    const upload = request.pipe(new PassThrough());
    upload.on("error", () => {}); // nobody may be reading yet, or ever
    request.once("close", () => request.complete || upload.destroy(new EngineError("cancelled", "the request's body breaks off")));
    upload.once("close", () => this.forget());
    return upload;
  }

  /** The whole body. @throws EngineError `invalid` when it is longer than `limit` bytes, `cancelled` when it breaks off */
  async read(limit: number): Promise<Buffer> {
    const tooLong = () => new EngineError("invalid", `the request's body is longer than ${limit} bytes`);
    if (Number(this.headers["content-length"] ?? 0) > limit) throw tooLong();
    if (this.#upgrade) return this.#readAhead(this.#upgrade, Number(this.headers["content-length"] ?? 0));
    const parts: Buffer[] = [];
    let length = 0;
    try {
      for await (const part of this.#request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        parts.push(part);
        if ((length += part.length) > limit) throw tooLong();
      }
    } catch (cause) {
      throw cause instanceof EngineError ? cause : new EngineError("cancelled", "the request's body breaks off", { cause });
    }
    return Buffer.concat(parts);
  }

  /**
   * Before a connection that turns into HTTP/2 is taken over: such a request has no body, though docker-modem's says that it comes in
   * chunks, and sends the last of them (RFC 9112, "Chunked Transfer Coding").
   * @throws EngineError `invalid`, `cancelled`
   */
  async expectNoBody(): Promise<void> {
    if (!this.#upgrade || this.headers["transfer-encoding"] === undefined) return;
    const end = await this.#readAhead(this.#upgrade, lastChunk.length);
    if (end.toString("latin1") !== lastChunk) throw new EngineError("invalid", `a request to upgrade to ${this.upgrade} has no body`);
  }

  /** Node leaves the body of a request to upgrade among what follows it. */
  async #readAhead(upgrade: Upgrade, length: number): Promise<Buffer> {
    while (upgrade.head.length < length) {
      const chunk = await nextChunk(upgrade.socket);
      if (!chunk) throw new EngineError("cancelled", "the request's body breaks off");
      upgrade.head = Buffer.concat([upgrade.head, chunk]);
    }
    const body = upgrade.head.subarray(0, length);
    upgrade.head = upgrade.head.subarray(length);
    return body;
  }

  /**
   * Takes what is left of the body and forgets it, so that a client which is still sending comes to read the answer.
   * @param limit bytes; of a longer one the rest is left, and the connection ends with the answer
   */
  async discard(limit: number): Promise<void> {
    let length = Number(this.headers["content-length"] ?? 0);
    if (this.#request.complete || this.#request.destroyed || length > limit) return;
    length = 0;
    try {
      for await (const part of this.#request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
        if ((length += part.length) > limit) return;
    } catch {
      // the client is gone, and reads no answer
    }
  }

  /** Takes whatever comes of the body from now on, and forgets it: a client that sends all before it reads comes to its answer. */
  forget(): void {
    if (!this.#upgrade) this.#request.resume();
  }

  /** @param body "" for none */
  answer(status: number, headers: Headers, body: string | Uint8Array = ""): void {
    const length = status === 204 || status === 304 ? {} : { "content-length": String(Buffer.byteLength(body)) };
    // What was not read of a request cannot be told from the next one.
    const last = this.#upgrade || !(this.#request.complete || this.#request.readableFlowing) ? { connection: "close" } : {};
    this.#response.writeHead(status, { ...headers, ...length, ...last });
    this.#response.end(body);
  }

  /** Sends the head at once. The stream that it returns takes the body; a write waits for a slow client. */
  stream(status: number, headers: Headers): Writable {
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
    this.#response.socket?.setNoDelay?.(true);
    return this.#response;
  }

  /**
   * Takes the connection over: 101 for who asked for an upgrade, else 200 and a body without an end of its own. The head waits for
   * `tell`, or for the end of the connection.
   * @param headers beside those that an upgrade needs
   */
  hijack(headers: Headers): Duplex {
    this.#hijacked = true;
    if (!this.#upgrade) return this.#hijackPlain(headers);
    const { socket, head } = this.#upgrade;
    const lines = Object.entries({ ...headers, Connection: "Upgrade", Upgrade: this.upgrade ?? "tcp" });
    this.#response.detachSocket(socket as never);
    const text = `HTTP/1.1 101 UPGRADED\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
    socket.cork();
    const written = new Promise<void>((resolve) => socket.write(text, () => setImmediate(resolve)));
    this.#tell = () => {
      socket.uncork();
      return written;
    };
    socket.pause();
    if (head.length > 0) socket.unshift(head);
    return socket;
  }

  /**
   * Sends the head of a connection that was taken over: a client acts on it. Resolves when it is written: Node's HTTP/2 takes the
   * socket's handle, and aborts the process when it hears the end of a write that was another's.
   */
  async tell(): Promise<void> {
    const tell = this.#tell;
    this.#tell = undefined;
    await tell?.();
  }

  #hijackPlain(headers: Headers): Duplex {
    const response = this.#response;
    response.removeHeader("transfer-encoding"); // the body ends with the connection
    response.shouldKeepAlive = false;
    response.writeHead(200, headers);
    this.#tell = async () => response.flushHeaders();
    const { Duplex } = process.getBuiltinModule("node:stream");
    return Duplex.from({ readable: this.#request, writable: response });
  }

  /** The server stops: what goes on ends as if the client had gone. */
  abandon(): void {
    this.#gone.abort();
  }
}

/** undefined at its end. */
function nextChunk(stream: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const done = (chunk?: Buffer) => {
      stream.pause();
      stream.off("data", done).off("end", done).off("close", done);
      resolve(chunk);
    };
    stream.on("data", done).on("end", done).on("close", done);
    stream.resume();
  });
}
