/**
 * A client's side of HTTP over connections of any kind (sockets, TLS, a child process's pipes): requests, answers that are streams,
 * connections that change hands. What is sent, and what an answer means, is the caller's business; that no server holds it
 * for ever, or fills its memory, is decided here.
 */
import type { ClientRequest, Agent as HttpAgent, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream";

export interface WireRequest {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | Readable;
  signal?: AbortSignal | undefined;
  /** Milliseconds that the head of the answer may take; default for ever. */
  patience?: number | undefined;
}

export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
  /** The request's: Node says of what it has ended that the connection broke. */
  signal?: AbortSignal | undefined;
  /** The whole body. @throws when it is longer than `limit` bytes, breaks off, or stops for longer than it may */
  read(limit?: number): Promise<Buffer>;
}

/** Bytes of a head. */
const headLimit = 64 << 10;
/** Bytes of an answer that is read as a whole. */
const bodyLimit = 64 << 20;
/** Milliseconds that an answer which is read as a whole may stop for. */
const stallTime = 10_000;

export class Wire {
  readonly #agent: HttpAgent;
  readonly #open = new Set<Duplex>();
  readonly #stall: number;

  /** @param dial makes a fresh connection */
  constructor(dial: () => Promise<Duplex>, { stall = stallTime }: { stall?: number | undefined } = {}) {
    const { Agent } = process.getBuiltinModule("node:http");
    this.#stall = stall;
    this.#agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });
    this.#agent.createConnection = (_options, done) => {
      dial().then(
        (socket) => done?.(null, this.#hold(socket)),
        (error) => done?.(error as Error, undefined as never),
      );
      return undefined;
    };
  }

  #hold(socket: Duplex): Duplex {
    this.#open.add(socket);
    return socket.once("close", () => this.#open.delete(socket));
  }

  /** Sends a request; resolves with the head of the answer. @throws the system's or Node's error */
  async request(options: WireRequest): Promise<WireAnswer> {
    try {
      return await this.#send(options);
    } catch (error) {
      // A kept connection may have been closed by the server just now. What only asks can be asked again, on a fresh one.
      const { code, reused } = error as { code?: string; reused?: boolean };
      const asks = options.method === "GET" || options.method === "HEAD";
      if (!reused || !asks || !["ECONNRESET", "EPIPE"].includes(code ?? "")) throw error;
      this.dropIdle();
      return this.#send(options);
    }
  }

  #send(options: WireRequest): Promise<WireAnswer> {
    return new Promise((resolve, reject) => {
      const call = this.#call(options, {}, (thrown) => reject(Object.assign(thrown, { reused: call.reusedSocket })));
      call.once("response", (response) => resolve(this.#answer(response, options.signal)));
      send(call, options.body);
    });
  }

  /**
   * Asks for the connection itself ("hijacking"). Gives it, once the server has agreed, with what it has sent behind its head already;
   * or the answer, when the server has another.
   */
  upgrade(options: WireRequest): Promise<{ connection: Duplex; headers: IncomingHttpHeaders } | WireAnswer> {
    return new Promise((resolve, reject) => {
      const call = this.#call(options, { Connection: "Upgrade", Upgrade: "tcp" }, reject);
      call.once("upgrade", ({ headers }: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        resolve({ connection: socket, headers });
      });
      call.once("response", (response) => resolve(this.#answer(response, options.signal)));
      send(call, options.body);
    });
  }

  #call(
    { method, path, headers, signal, patience }: WireRequest,
    more: Record<string, string>,
    fail: (error: Error) => void,
  ): ClientRequest {
    const { request } = process.getBuiltinModule("node:http");
    const settings: RequestOptions = { agent: this.#agent, method, path, maxHeaderSize: headLimit, ...(signal && { signal }) };
    const call = request({ ...settings, headers: { Host: "docker", ...headers, ...more } });
    const late = () => call.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
    const timer = patience === undefined ? undefined : setTimeout(late, patience);
    const settled = () => clearTimeout(timer);
    call.once("response", settled).once("upgrade", settled);
    // "close" is the one event that always comes.
    call.once("close", () => {
      settled();
      fail(Object.assign(new Error("no answer"), { code: "ECONNRESET" }));
    });
    call.on("error", fail);
    return call;
  }

  #answer(response: IncomingMessage, signal: AbortSignal | undefined): WireAnswer {
    const read = (limit = bodyLimit) => readWhole(response, limit, this.#stall);
    return { status: response.statusCode ?? 0, headers: response.headers, body: response, signal, read };
  }

  /** Connections that wait for a next request are of no use any more. */
  dropIdle(): void {
    for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy();
  }

  /** Breaks off whatever is under way. What is asked afterwards gets fresh connections. */
  breakOff(error?: Error): void {
    for (const socket of this.#open) socket.destroy(error);
    this.#agent.destroy();
  }
}

function send(call: ClientRequest, body: WireRequest["body"]): void {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
    call.end(body);
    return;
  }
  let isAnswered = false;
  call.once("response", () => (isAnswered = true));
  // The server may answer before it has read all, and close: then its answer is what counts.
  pipeline(body, call, (error) => error && !isAnswered && call.destroy(error));
}

async function readWhole(response: Readable, limit: number, stall: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => response.destroy(Object.assign(new Error("the answer stops"), { code: "ETIMEDOUT" })), stall);
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      timer.refresh();
      parts.push(part);
      if ((length += part.length) > limit) throw Object.assign(new Error(`the answer is longer than ${limit} bytes`), { code: "EMSGSIZE" });
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(parts);
}
