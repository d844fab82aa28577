/** Docker's API as its clients see it: a server on a socket of its own, requests, and connections that are taken over. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Engine } from "../../engine/index.ts";
import { serveEngine } from "../../engine/serve/serve.ts";

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at shapes that no type describes
  json: any;
}

export class ApiClient implements AsyncDisposable {
  readonly socket: string;
  #release: () => Promise<void>;

  constructor(socket: string, release: () => Promise<void> = async () => {}) {
    this.socket = socket;
    this.#release = release;
  }

  /** @param body an object is sent as JSON */
  async call(method: string, path: string, body?: object | Uint8Array, headers: Record<string, string> = {}): Promise<Reply> {
    const isJson = body !== undefined && !(body instanceof Uint8Array);
    const bytes = isJson ? Buffer.from(JSON.stringify(body)) : body;
    const sent = request({
      socketPath: this.socket,
      method,
      path,
      headers: { ...(bytes && { "content-length": bytes.length }), ...(isJson && { "content-type": "application/json" }), ...headers },
      agent: false,
    });
    sent.end(bytes);
    const [response] = await once(sent, "response");
    const whole = await buffer(response);
    return {
      status: response.statusCode,
      headers: response.headers,
      body: whole,
      text: whole.toString(),
      get json() {
        return JSON.parse(whole.toString());
      },
    };
  }

  get = (path: string) => this.call("GET", path);
  post = (path: string, body?: object) => this.call("POST", path, body);

  /** Sends bytes as they are; the connection is half closed only when asked. */
  raw(text: string): Connection {
    return new Connection(connect({ path: this.socket, allowHalfOpen: true }), text);
  }

  /** A request that takes the connection over, as docker's command line sends it. */
  upgrade(path: string, body?: object): Connection {
    const json = body === undefined ? "" : JSON.stringify(body);
    const head = `POST ${path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n`;
    return this.raw(head + json);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#release();
  }
}

/** What a connection gives, waited for. */
export class Connection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(socket: Socket, first: string) {
    this.socket = socket;
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => socket.once("end", resolve).once("close", () => resolve()));
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.write(first);
  }

  /** Behind the head of the answer. */
  get bytes(): Buffer {
    const at = this.#received.indexOf("\r\n\r\n");
    return at < 0 ? Buffer.alloc(0) : this.#received.subarray(at + 4);
  }

  get head(): string {
    const at = this.#received.indexOf("\r\n\r\n");
    return this.#received.subarray(0, at < 0 ? undefined : at).toString();
  }

  async until(holds: (connection: this) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  get frames(): string[] {
    return framesOf(this.bytes);
  }
}

/** The frames that are whole: "stdout: text". */
export function framesOf(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    if (at + 8 + length > bytes.length) break;
    found.push(`${bytes[at] === 2 ? "stderr" : "stdout"}: ${bytes.subarray(at + 8, at + 8 + length)}`);
    at += 8 + length;
  }
  return found;
}

/** Serves an engine on a socket, by default in a directory of its own. */
export async function serveOver(engine: Engine, socket?: string): Promise<ApiClient> {
  const directory = mkdtempSync(join(tmpdir(), "berth-api-"));
  const path = socket ?? join(directory, "docker.sock");
  const listener = await serveEngine(engine, { address: { kind: "unix", path, gid: 0 }, version: "1.2.3" });
  return new ApiClient(path, async () => {
    await listener.close(1000);
    rmSync(directory, { recursive: true, force: true });
  });
}
