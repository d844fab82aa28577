/**
 * The door through which berth serves HTTP: a socket in the file system, a port, or sockets that systemd has opened. Who may
 * come in is decided here; what is answered is the caller's business.
 */
import type { Server as HttpServer, IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { EngineError } from "../errors.ts";
import { Exchange } from "./exchange.ts";
import { claimSocket, type SocketClaim } from "./unix-socket.ts";

export type Address =
  /** Mode 0660, of root and the group. */
  | { kind: "unix"; path: string; gid: number }
  | { kind: "tcp"; host: string; port: number }
  /** A descriptor that listens already. */
  | { kind: "descriptor"; fd: number };

/** PEM. Clients must show a certificate of the authority. */
export interface Identity {
  ca: string;
  cert: string;
  key: string;
}

/** PEM, for clients without a certificate of their own. Called for each connection: files that were renewed are served at once. */
export type ServerIdentity = () => { cert: string; key: string };

export interface ServeOptions {
  address: Address;
  tls?: Identity | ServerIdentity;
  /** Where others are wanted than Docker's clients need: milliseconds, and bytes of a connection that wait to be read. */
  limits?: { keepAliveTimeout: number; headersTimeout: number; highWaterMark?: number };
  /** Answers a request; what it throws is a fault of ours. */
  handle(exchange: Exchange): Promise<void>;
  /** Whether a request to upgrade is given as such; others of them are served as if they had not asked. */
  upgrades(method: string, url: string): boolean;
}

export interface HttpListener {
  /** As a client would write it: "unix:///run/x.sock", "tcp://127.0.0.1:2375". */
  readonly url: string;
  /** Requests that are being answered, and connections that were taken over. */
  readonly busy: number;
  /** Calls back when the last of them is over; returns the unsubscriber. */
  onIdle(listener: () => void): () => void;
  /** Takes no more; ends what waits for events; resolves when all else is answered, or the time (ms) is over. */
  close(patience: number): Promise<void>;
}

/** Build contexts take hours; heads do not. Docker's clients keep connections for as long as they like. */
const limits = {
  requestTimeout: 0,
  headersTimeout: 60_000,
  keepAliveTimeout: 0,
  maxHeaderSize: 1 << 20,
  noDelay: true,
} satisfies ServerOptions;

/** @throws EngineError `in-use`, `invalid`, `permission`, `system` */
export async function listen(options: ServeOptions): Promise<HttpListener> {
  const { address } = options;
  const claim = address.kind === "unix" ? await claimSocket(address.path, address.gid) : undefined;
  const listener = new Listener(options, claim);
  try {
    await listener.open();
  } catch (cause) {
    claim?.release();
    throw new EngineError("system", `cannot listen on "${nameOf(address)}": ${(cause as Error).message}`, { cause });
  }
  return listener;
}

function nameOf(address: Address): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  return address.kind === "tcp" ? `tcp://${address.host}:${address.port}` : `fd://${address.fd}`;
}

class Listener implements HttpListener {
  readonly #idleListeners = new Set<() => void>();
  readonly #server: HttpServer | HttpsServer;
  readonly #options: ServeOptions;
  readonly #claim: SocketClaim | undefined;
  readonly #exchanges = new Set<Exchange>();
  readonly #sockets = new Set<Socket>();
  /** Of each connection. */
  readonly #last = new WeakMap<Socket, ServerResponse>();
  #busy = 0;

  constructor(options: ServeOptions, claim: SocketClaim | undefined) {
    this.#options = options;
    this.#claim = claim;
    this.#server = createServer(options);
    // Docker's clients half close their connection when their input ends, and go on reading.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on("request", (request, response) => {
      this.#last.set(request.socket, response);
      void this.#serve(new Exchange(request, response), response);
    });
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#server.on("connection", (socket: Socket) => this.#sockets.add(socket.once("close", () => this.#sockets.delete(socket))));
    this.#server.on("clientError", refuse);
    this.#server.on("checkContinue", (request, response) => {
      response.writeContinue();
      this.#server.emit("request", request, response);
    });
  }

  get busy(): number {
    return this.#busy;
  }

  get url(): string {
    const { address } = this.#options;
    const bound = this.#server.address() as AddressInfo | string | null;
    if (address.kind === "tcp" && bound && typeof bound === "object") return nameOf({ ...address, port: bound.port });
    return nameOf(address);
  }

  onIdle(listener: () => void): () => void {
    this.#idleListeners.add(listener);
    return () => void this.#idleListeners.delete(listener);
  }

  async open(): Promise<void> {
    const { address } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    if (address.kind === "unix") this.#server.listen(this.#claim!.bindPath, 512, resolve);
    else if (address.kind === "tcp") this.#server.listen(address.port, address.host, resolve);
    else this.#server.listen({ fd: address.fd }, resolve);
    await promise;
    this.#claim?.publish();
  }

  async close(patience: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#claim?.release();
    for (const exchange of this.#exchanges) exchange.abandon();
    this.#server.closeIdleConnections();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    await Promise.race([Promise.all([closed, this.#idle()]), late]);
    clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#busy === 0) resolve();
      else this.#idleListeners.add(resolve);
    });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { ServerResponse } = process.getBuiltinModule("node:http");
    // Whoever asks for the connection before he has his answers gets neither: Node throws at two answers on one socket.
    if (this.#last.get(socket)?.writableFinished === false) return void socket.destroy();
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.once("finish", () => socket.end());
    socket.on("error", () => {}); // the client is gone: "close" follows
    void this.#serve(new Exchange(request, response, { socket, head }), response);
  }

  async #serve(exchange: Exchange, response: ServerResponse): Promise<void> {
    this.#busy++;
    this.#exchanges.add(exchange);
    try {
      await this.#options.handle(exchange);
      // Whoever is gone may have left a connection that is half closed: nothing but its end is to come, and no event tells of that.
      if (exchange.signal.aborted && !response.writableEnded) response.destroy();
    } catch {
      response.destroy(); // a fault of ours, behind the head of an answer: all that can be done is to break off
    } finally {
      this.#exchanges.delete(exchange);
      if (--this.#busy === 0) for (const listener of this.#idleListeners) listener();
    }
  }
}

function createServer({ tls, upgrades, limits: own }: ServeOptions): HttpServer | HttpsServer {
  const settings = {
    ...limits,
    ...own,
    shouldUpgradeCallback: ({ method = "", url = "", headers }: IncomingMessage) =>
      (headers["transfer-encoding"] === undefined || headers.upgrade?.toLowerCase() === "h2c") && upgrades(method, url),
  };
  if (!tls) return process.getBuiltinModule("node:http").createServer(settings);
  if (typeof tls === "function") return createRenewedServer(settings, tls);
  const { ca, cert, key } = tls;
  const strict = { ca, cert, key, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2" } as const;
  return process.getBuiltinModule("node:https").createServer({ ...settings, ...strict });
}

/** A certificate that is renewed while the server runs: what a connection is shown is looked up when it begins. */
function createRenewedServer(settings: ServerOptions, identity: ServerIdentity): HttpsServer {
  let shown = identity();
  const server = process.getBuiltinModule("node:https").createServer({ ...settings, ...shown, minVersion: "TLSv1.2" });
  server.prependListener("connection", () => {
    const now = identity();
    if (now !== shown) server.setSecureContext({ ...(shown = now), minVersion: "TLSv1.2" });
  });
  return server;
}

/** What is no HTTP. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [status, text] = error.code === "HPE_HEADER_OVERFLOW" ? [431, "Request Header Fields Too Large"] : [400, "Bad Request"];
  socket.end(`HTTP/1.1 ${status} ${text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status} ${text}`);
}
