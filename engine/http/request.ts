/**
 * The one door for HTTP: requests with redirects, proxies from the environment, and errors that say what to do. A
 * response is streamed: the caller must read its body or dispose of it.
 */
import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { EngineError } from "../errors.ts";
import { type Pace, Pacemaker, tooSlow, usualPace } from "./pace.ts";

export interface HttpRequest {
  method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Record<string, string>;
  body?: Uint8Array | AsyncIterable<Uint8Array>;
  signal?: AbortSignal;
  /** Accept any certificate. */
  insecure?: boolean;
  /** Certificate authorities besides the system's, PEM. */
  ca?: string[];
  /** This client's certificates and their keys, PEM. */
  cert?: string[];
  key?: string[];
  /** Give redirects back instead of following them. */
  manual?: boolean;
  /** How fast the server has to be. */
  pace?: Pace | undefined;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  /** After redirects. */
  url: URL;
  body: AsyncIterable<Buffer>;
  /** The whole body as text; more than `limit` bytes is an error. */
  text(limit?: number): Promise<string>;
  /** Drops the body. */
  discard(): void;
}

/** A server that says nothing for this long is gone. Milliseconds. */
const idleTimeout = 60_000;
const redirectLimit = 10;
const textLimit = 4 << 20;

/**
 * Sends a request and resolves with the response's head.
 * @throws EngineError `registry` when there is no response, with a remedy; `cancelled`
 */
export async function request(url: URL, options: HttpRequest = {}): Promise<HttpResponse> {
  let target = url;
  let headers = options.headers ?? {};
  let { cert, key } = options;
  for (let redirects = 0; ; redirects++) {
    const response = await send(target, { ...options, headers, cert, key });
    const location = response.headers.location;
    const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && location;
    if (!isRedirect || options.manual) return wrap(response, target, options.pace);
    response.destroy();
    if (redirects === redirectLimit) throw new EngineError("registry", `cannot fetch ${url.href}: more than ${redirectLimit} redirects`);
    const next = URL.parse(location, target.href);
    if (!next || !/^https?:$/.test(next.protocol))
      throw new EngineError("registry", `cannot fetch ${url.href}: the server redirects to ${JSON.stringify(location)}`);
    if (target.protocol === "https:" && next.protocol !== "https:" && !options.insecure) {
      throw new EngineError("registry", `cannot fetch ${url.href}: the server redirects to plain HTTP at ${next.host}`);
    }
    // Credentials are for the host they were given for: a storage service behind a redirect must not see them.
    if (next.host !== target.host) {
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"));
      cert = key = undefined;
    }
    target = next;
  }
}

function wrap(response: IncomingMessage, url: URL, pace?: Pace): HttpResponse {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  const body = readBody(response, url, pace);
  return {
    status: response.statusCode ?? 0,
    headers,
    url,
    body,
    discard: () => void response.destroy(),
    text: async (limit = textLimit) => {
      const parts: Buffer[] = [];
      let length = 0;
      for await (const part of body) {
        length += part.length;
        if (length > limit) throw new EngineError("registry", `cannot read ${url.href}: the answer is longer than ${limit} bytes`);
        parts.push(part);
      }
      return Buffer.concat(parts).toString("utf8");
    },
  };
}

async function* readBody(response: IncomingMessage, url: URL, pace = usualPace): AsyncGenerator<Buffer> {
  const pacemaker = new Pacemaker(pace);
  try {
    let since = performance.now();
    for await (const chunk of response as AsyncIterable<Buffer>) {
      pacemaker.count(chunk.length, performance.now() - since);
      yield chunk;
      since = performance.now();
    }
  } catch (cause) {
    throw explain(cause, url);
  } finally {
    response.destroy();
  }
}

const agents = new Map<string, Agent>();

/** Connections are kept between requests; a proxy is taken from the environment, but never for this host itself. */
function agentFor(url: URL, insecure: boolean): Agent {
  const direct = isLoopback(url.hostname);
  const key = `${url.protocol}${insecure}${direct}`;
  let agent = agents.get(key);
  if (!agent) {
    const { Agent } = url.protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
    const proxy = direct ? {} : { proxyEnv: process.env };
    agents.set(key, (agent = new Agent({ keepAlive: true, maxSockets: 8, ...proxy })));
  }
  return agent;
}

/** True for names and addresses of this host itself. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127(\.\d{1,3}){3}$/.test(hostname) ||
    hostname === "[::1]" ||
    hostname === "::1"
  );
}

/** A kept connection may have been closed by the server just now. What only asks is asked again: at last on a fresh one. */
async function send(url: URL, options: HttpRequest): Promise<IncomingMessage> {
  const { method = "GET", body } = options;
  const asks = body === undefined && (method === "GET" || method === "HEAD");
  for (;;) {
    try {
      return await sendOnce(url, options);
    } catch (cause) {
      const { code = "", reused } = cause as { code?: string; reused?: boolean };
      if (!asks || !reused || !["ECONNRESET", "EPIPE"].includes(code)) throw explain(cause, url);
    }
  }
}

/** @throws Node's error, with whether the connection had served another request */
function sendOnce(url: URL, options: HttpRequest): Promise<IncomingMessage> {
  const { method = "GET", headers = {}, body, signal, insecure = false, cert, key } = options;
  const { request: open } = url.protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  const length: OutgoingHttpHeaders = body instanceof Uint8Array ? { "content-length": body.byteLength } : {};
  const settings: RequestOptions = {
    method,
    headers: { "user-agent": "berth", ...length, ...headers },
    agent: agentFor(url, insecure),
    signal,
    timeout: idleTimeout,
  };
  // What no header can hold is thrown before anything is sent.
  return new Promise<IncomingMessage>((resolve, reject) => {
    const call = open(url, { ...settings, ...trust(url, options), ...(cert && { cert, key }) } as RequestOptions, resolve);
    // "close" is the one event that always comes: after an upgrade that was not asked for there is no other.
    call.on("close", () => reject(Object.assign(new Error("no answer"), { code: "ECONNRESET" })));
    call.on("timeout", () => call.destroy(Object.assign(new Error("the server stopped answering"), { code: "ETIMEDOUT" })));
    call.on("error", (error) => reject(Object.assign(error, { reused: call.reusedSocket })));
    watchPace(call, options.pace ?? usualPace);
    if (body === undefined || body instanceof Uint8Array) call.end(body);
    else
      void process
        .getBuiltinModule("node:stream")
        .Readable.from(body, { objectMode: false })
        .on("error", (error) => call.destroy(error))
        .pipe(call);
  });
}

/** Ends a call whose server takes in what it is sent too slowly, or then gives the head of its answer too slowly. */
function watchPace(call: ClientRequest, { floor, window, document }: Pace): void {
  let written = 0;
  const look = setInterval(() => {
    const now = call.socket?.bytesWritten ?? 0;
    // Bytes were queued all the time: the server is slow, not the source of the body.
    if (call.writableNeedDrain && (now - written) * 1000 < floor * window) call.destroy(tooSlow(((now - written) * 1000) / window));
    written = now;
  }, window);
  let head: NodeJS.Timeout | undefined;
  call.once("finish", () => {
    clearInterval(look);
    head = setTimeout(() => call.destroy(Object.assign(new Error("no head of an answer"), { code: "ETIMEDOUT" })), document).unref();
  });
  look.unref();
  const stop = () => {
    clearInterval(look);
    clearTimeout(head);
  };
  call.once("response", stop).once("close", stop);
}

let trusted: string[] | undefined;

/** Which certificates to trust: any when insecure; else those of the authorities of Node, of this system, and those given. */
function trust(url: URL, { insecure, ca = [] }: HttpRequest): { ca?: string[]; rejectUnauthorized?: boolean } {
  if (insecure) return { rejectUnauthorized: false };
  if (url.protocol !== "https:") return {};
  if (!trusted) {
    const tls = process.getBuiltinModule("node:tls");
    trusted = [...new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system")])];
    tls.setDefaultCACertificates(trusted); // parsed once, where a list in the options is parsed for each connection
  }
  return ca.length > 0 ? { ca: [...trusted, ...ca] } : {};
}

/** What the causes of a failed connection mean for the user; the codes are Node's. */
const remedies: Record<string, { why: string; hint: string }> = {
  ENOTFOUND: {
    why: "its name is not known",
    hint: "check the spelling of the registry's name, and this host's DNS and network connection",
  },
  EAI_AGAIN: { why: "name resolution does not work", hint: "check this host's network connection and DNS servers (/etc/resolv.conf)" },
  ECONNREFUSED: { why: "nothing listens there", hint: "check the address and the port, and that the registry runs" },
  ECONNRESET: { why: "the connection broke", hint: "try again; a proxy or firewall may be in the way" },
  EPIPE: { why: "the connection broke", hint: "try again; a proxy or firewall may be in the way" },
  ETIMEDOUT: { why: "it does not answer", hint: "check the network connection, and HTTPS_PROXY if there is a proxy" },
  ESLOW: { why: "it is too slow", hint: "try again; check the network connection, and HTTPS_PROXY if there is a proxy" },
  EHOSTUNREACH: { why: "there is no route to it", hint: "check this host's network connection" },
  ENETUNREACH: { why: "there is no network", hint: "check this host's network connection" },
};

const certificateHint = (host: string) =>
  `use the registry's right name, or trust its certificate authority: put it into /etc/docker/certs.d/${host}/ca.crt`;

function explain(cause: unknown, url: URL): EngineError {
  if (cause instanceof EngineError) return cause;
  const { code = "", name, message } = cause as NodeJS.ErrnoException;
  if (name === "AbortError" || code === "ABORT_ERR") return new EngineError("cancelled", "cancelled", { cause });
  const known = remedies[code];
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code);
  const hint = known?.hint ?? (isCertificate ? certificateHint(url.host) : undefined);
  return new EngineError(
    "registry",
    `cannot reach "${url.host}": ${known ? `${known.why} (${code === "ESLOW" ? message : code})` : message}`,
    {
      cause,
      hint,
      details: { code },
    },
  );
}

/** Failures that the same request may survive when it is made again: broken connections, not answers. */
export function isTransient(error: unknown): boolean {
  const code = error instanceof EngineError ? error.details?.["code"] : undefined;
  return ["ECONNRESET", "EPIPE", "ETIMEDOUT", "ESLOW", "EAI_AGAIN"].includes(String(code));
}
