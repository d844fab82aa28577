/** The line to a host: which version of the API is spoken, requests, and what their answers mean when they are no success. */
import type { Duplex, Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { dialTcp, dialUnix } from "../../http/dial.ts";
import { Wire, type WireAnswer, type WireRequest } from "../../http/wire.ts";
import { type Endpoint, parseAddress } from "./address.ts";
import type { Connection, ConnectionState, Peer } from "./connection.ts";
import { failure, unreachable } from "./failure.ts";
import { Pulse } from "./pulse.ts";
import { SshDialer } from "./ssh.ts";
import { complete, parse } from "./template.ts";
import { negotiate } from "./versions.ts";

export type Query = Record<string, string | number | boolean | undefined | readonly string[] | object>;

export interface Ask {
  query?: Query;
  /** Sent as JSON. */
  value?: unknown;
  /** Sent as it is: a tar archive. */
  body?: Readable | Uint8Array;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** The head of the answer may come as late as it likes, though the request only asks. */
  takesLong?: boolean;
  /** Statuses beside 2xx that are a success, too. */
  also?: readonly number[];
}

export interface LinkOptions {
  /** The context that names the host. */
  name?: string | undefined;
  /** ssh may ask for a password at the terminal. */
  asks?: boolean;
  /** What is told besides when the host cannot be reached. */
  hint?: string | undefined;
  /** The version of the API to speak, in place of the newest that both know. */
  version?: string | undefined;
  /** Milliseconds that a question may take, and an answer may stop for. */
  patience?: { answer?: number; stall?: number };
}

/** Milliseconds. */
const usualPatience = { answer: 60_000, ping: 6000, login: 30_000 };

export class Link implements Connection, AsyncDisposable {
  readonly address: string;
  readonly name: string | undefined;
  readonly #wire: Wire;
  readonly #ssh: SshDialer | undefined;
  readonly #options: LinkOptions;
  readonly #pulse: Pulse;
  #peer: Promise<Peer> | undefined;

  /** @throws EngineError `usage` (address), `system` (no ssh) */
  constructor({ address, tls }: Endpoint, options: LinkOptions = {}) {
    this.address = address;
    this.name = options.name;
    this.#options = options;
    const where = parseAddress(address, tls !== undefined);
    if (where.kind === "ssh") this.#ssh = new SshDialer(where, options.asks ?? false);
    const dial = () => {
      if (where.kind === "unix") return dialUnix(where.path);
      if (where.kind === "tcp") return dialTcp(where.host, where.port, where.tls ? (tls ?? {}) : undefined);
      return this.#ssh!.dial();
    };
    this.#wire = new Wire(dial, { stall: options.patience?.stall });
    this.#pulse = new Pulse({
      ping: (patience) => this.#ping(patience).catch((error) => Promise.reject(unreachable(error, address))),
      isSlowToDial: this.#ssh !== undefined,
      onLost: () => {
        this.#peer = undefined;
        this.#wire.dropIdle();
      },
      breakOff: (error) => this.#wire.breakOff(error),
    });
  }

  get state(): ConnectionState {
    return this.#pulse.state;
  }

  watch(listener: (state: ConnectionState) => void): () => void {
    return this.#pulse.watch(listener);
  }

  /** Who is there. @throws EngineError `network`, `unsupported` (a version that berth does not speak) */
  peer(): Promise<Peer> {
    const known = (this.#peer ??= this.#meet());
    known.catch(() => this.#peer === known && (this.#peer = undefined));
    return known;
  }

  /** True when the host's API is at least of this version: 142 is 1.42. */
  async speaks(api: number): Promise<boolean> {
    return (await this.peer()).api >= api;
  }

  /** @throws EngineError `unsupported` when the host's API is older: docker's client says the same */
  async needs(api: number, what: string): Promise<void> {
    const { api: has, version } = await this.peer();
    const text = `${Math.floor(api / 100)}.${api % 100}`;
    if (has < api)
      throw new EngineError(
        "unsupported",
        `"${what}" requires API version ${text}, but the API version of "${this.address}" is ${version}`,
        {
          hint: "update the server over there, or leave it out",
        },
      );
  }

  async #meet(): Promise<Peer> {
    for (;;) {
      try {
        const begun = performance.now();
        const headers = await this.#pulse.during(() => this.#ping(this.#ssh ? usualPatience.login : usualPatience.ping));
        const peer = negotiate(headers, this.#options.version);
        this.#pulse.answered(peer, performance.now() - begun);
        return peer;
      } catch (error) {
        const mayTryNext = (error as NodeJS.ErrnoException).code === "EPROGRAM" && this.#ssh?.tryNext();
        if (!mayTryNext) throw this.#explain(error);
      }
    }
  }

  async #ping(patience: number): Promise<WireAnswer["headers"]> {
    const { status, headers, read } = await this.#wire.request({ method: "GET", path: "/_ping", patience });
    const text = (await read(4096)).toString();
    const message = messageIn(text);
    if (status !== 200 && message) throw failure(status, message, this.address);
    if (status !== 200) throw notThis(`it answers with status ${status}`);
    return headers;
  }

  /** @throws EngineError for whatever is no success */
  async request(method: WireRequest["method"], path: string, ask: Ask = {}): Promise<WireAnswer> {
    const wired = await this.#prepare(method, path, ask);
    const answer = await this.#pulse
      .during(() => this.#wire.request(wired))
      .catch((error) => Promise.reject(this.#explain(error, ask.signal)));
    return this.#judge(answer, ask, method === "HEAD");
  }

  async #prepare(
    method: WireRequest["method"],
    path: string,
    { query, value, body, headers, signal, takesLong }: Ask,
  ): Promise<WireRequest> {
    signal?.throwIfAborted();
    const { version } = await this.peer();
    const sent = value === undefined ? body : JSON.stringify(value);
    const type = value !== undefined ? "application/json" : body !== undefined ? "application/x-tar" : undefined;
    const isQuick = (method === "GET" || method === "HEAD") && !takesLong;
    return {
      method,
      path: `/v${version}${path}${queryText(query)}`,
      headers: { ...(type !== undefined && { "Content-Type": type }), ...lengthOf(sent), ...headers },
      ...(sent !== undefined && { body: sent }),
      signal,
      patience: isQuick ? (this.#options.patience?.answer ?? usualPatience.answer) : undefined,
    };
  }

  async #judge(answer: WireAnswer, { also = [] }: Ask, isHead: boolean): Promise<WireAnswer> {
    const { status } = answer;
    if ((status >= 200 && status < 300) || also.includes(status)) return answer;
    const text = isHead ? "" : (await answer.read().catch(() => Buffer.alloc(0))).toString();
    answer.body.destroy();
    throw failure(status, messageIn(text), this.address);
  }

  /** For what has no answer but that it is done. */
  async tell(method: "GET" | "POST" | "DELETE" | "PUT", path: string, ask: Ask = {}): Promise<number> {
    const answer = await this.request(method, path, ask);
    await this.#reading(answer);
    return answer.status;
  }

  /** An answer in JSON, as the example has it. */
  async json<T>(method: "GET" | "POST" | "DELETE", path: string, example: T, ask: Ask = {}) {
    const bytes = await this.#reading(await this.request(method, path, ask));
    const what = `the answer to ${method} ${path}`;
    return this.reading(() => complete(example, bytes.length === 0 ? undefined : parse(bytes.toString("utf8"), what), what));
  }

  async #reading({ read, signal }: WireAnswer): Promise<Buffer> {
    return read().catch((error) => Promise.reject(this.#explain(error, signal)));
  }

  /** Runs what looks at an answer; what does not fit is this host's fault. */
  reading<T>(look: () => T): T {
    try {
      return look();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** The body of an answer as it comes. */
  async *bytes(answer: WireAnswer): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of answer.body as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw this.#explain(error, answer.signal);
    } finally {
      answer.body.destroy();
    }
  }

  /**
   * Takes a connection over.
   * @throws EngineError for an answer that is no success
   */
  async hijack(path: string, ask: Ask = {}): Promise<Duplex> {
    const wired = await this.#prepare("POST", path, ask);
    const answer = await this.#pulse
      .during(() => this.#wire.upgrade(wired))
      .catch((error) => Promise.reject(this.#explain(error, ask.signal)));
    if ("connection" in answer) return answer.connection;
    const { body } = await this.#judge(answer, ask, false);
    body.destroy();
    throw this.#explain(notThis("it does not hand over its connection"));
  }

  /** @param signal of who asked: what they have called off says nothing of the host */
  #explain(error: unknown, signal?: AbortSignal): EngineError {
    if (signal?.aborted) return error instanceof EngineError ? error : new EngineError("cancelled", "cancelled", { cause: error });
    const known = this.#hinted(unreachable(error, this.address), error);
    const isLost = known.code === "network" && !(error instanceof EngineError) && !String(known.details?.["code"]).startsWith("EBAD");
    if (isLost) this.#pulse.lose(known);
    return known;
  }

  #hinted(known: EngineError, error: unknown): EngineError {
    const { hint } = this.#options;
    if (hint === undefined || known.code !== "network" || known === error) return known;
    return new EngineError("network", known.message, { ...known, cause: error, hint: `${known.hint}; ${hint}` });
  }

  /** What went wrong with the line, as an error of the engine. */
  explain(error: unknown, signal?: AbortSignal): EngineError {
    return this.#explain(error, signal);
  }

  close(): void {
    this.#pulse.stop();
    this.#wire.breakOff();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/** Whoever answers does not speak Docker's API. */
const notThis = (why: string) => Object.assign(new Error(why), { code: "EBADJSON" });

const lengthOf = (body: string | Readable | Uint8Array | undefined): Record<string, string> =>
  typeof body === "string" || body instanceof Uint8Array ? { "Content-Length": String(Buffer.byteLength(body)) } : {};

/** docker's: `{"message": "…"}`; a proxy in between sends what it likes. */
function messageIn(text: string): string {
  try {
    const { message, cause } = JSON.parse(text) as { message?: unknown; cause?: unknown };
    return typeof message === "string" ? message : typeof cause === "string" ? cause : "";
  } catch {
    return text.length < 400 && !text.includes("<") ? text : "";
  }
}

function queryText(query: Query = {}): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false || value === "") continue;
    if (Array.isArray(value)) for (const each of value as string[]) words.append(name, each);
    else words.append(name, value === true ? "1" : typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  const text = words.toString();
  return text && `?${text}`;
}

/** A name as a part of a path; slashes of image names stay. */
export const segment = (name: string): string => encodeURIComponent(name);
export const namePath = (name: string): string =>
  name.split("/").map(encodeURIComponent).join("/").replaceAll("%3A", ":").replaceAll("%40", "@");
