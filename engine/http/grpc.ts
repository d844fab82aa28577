/**
 * gRPC (its specification, "gRPC over HTTP2") on connections that were taken over: berth answers calls on one, and makes calls on
 * another, whose client has turned server. Messages are bytes here; what they mean is the callers' business.
 */
import type { ClientHttp2Session, Http2Session, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { EngineError, toEngineError } from "../errors.ts";
import { GrpcStream } from "./grpc-stream.ts";

export type Metadata = Record<string, string | string[]>;

/** Codes of grpc-status, those that mean something here. */
export const grpcCodes = { cancelled: 1, unknown: 2, unimplemented: 12 } as const;

/** A call that came in. */
export interface GrpcRequest {
  /** "/moby.buildkit.v1.Control/Solve" */
  path: string;
  metadata: IncomingHttpHeaders;
  stream: GrpcStream;
  /** Aborts when the caller gives up, or is gone. */
  signal: AbortSignal;
}

/** How a call ends that failed: google.rpc.Status in bytes goes along as its details. */
export interface GrpcFailure {
  code: number;
  message: string;
  details?: Uint8Array;
}

export interface GrpcService {
  /** Answers a call; it ends when this resolves. */
  handle(request: GrpcRequest): Promise<void>;
  failure(error: EngineError): GrpcFailure;
  /** What is said before anything is answered. */
  headers?(): Record<string, string>;
}

/** Bytes on the way that nobody has acknowledged: the protocol's 64 KiB would make every piece wait for an answer. */
const windowSize = 4 << 20;
const settings = { initialWindowSize: windowSize, maxFrameSize: 1 << 18, enablePush: false };

const http2 = () => process.getBuiltinModule("node:http2");

/** Resolves when the connection is closed. @param signal closes it */
export function serveGrpc(connection: Duplex, service: GrpcService, signal: AbortSignal): Promise<void> {
  const session = http2().performServerHandshake(connection, { settings });
  // It fails for a client that gave its call up in the same breath as it began it.
  session.on("stream", (stream, headers) => void answer(stream, headers, service).catch(() => stream.destroy()));
  return over(session, connection, signal);
}

async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, service: GrpcService): Promise<void> {
  const gone = new AbortController();
  stream.on("error", () => {}).once("close", () => gone.abort());
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...service.headers?.() }, { waitForTrailers: true });
  let trailers: Record<string, string> = { "grpc-status": "0" };
  stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  try {
    await service.handle({
      path: headers[":path"] ?? "",
      metadata: headers,
      stream: new GrpcStream(stream),
      signal: gone.signal,
    });
  } catch (thrown) {
    trailers = trailersOf(service.failure(toEngineError(thrown)));
  }
  if (stream.destroyed) return;
  stream.resume(); // what nobody reads would hold the connection's window
  stream.end();
}

function trailersOf({ code, message, details }: GrpcFailure): Record<string, string> {
  return {
    "grpc-status": String(code),
    "grpc-message": encodeURIComponent(message).replaceAll("%20", " "),
    ...(details && { "grpc-status-details-bin": Buffer.from(details).toString("base64") }),
  };
}

/** The side that calls. */
export class GrpcClient {
  readonly #session: ClientHttp2Session;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;

  /** @param signal closes it */
  constructor(connection: Duplex, signal: AbortSignal) {
    this.#session = http2().connect("http://localhost", { createConnection: () => connection, settings });
    this.closed = over(this.#session, connection, signal);
  }

  get isClosed(): boolean {
    return this.#session.closed || this.#session.destroyed;
  }

  /** Begins a call. @param signal gives it up */
  call(path: string, metadata: Metadata, signal: AbortSignal): GrpcStream {
    if (this.isClosed) throw new EngineError("cancelled", "the client is gone");
    const stream = this.#session.request(
      { ...metadata, ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" },
      { signal },
    );
    return new GrpcStream(stream, true);
  }

  /** A call of one message each way. */
  async ask(path: string, message: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const call = this.call(path, {}, signal);
    await call.send(message);
    call.end();
    let answer: Buffer | undefined;
    for await (const each of call.messages()) answer ??= each;
    if (!answer) throw new EngineError("system", `the client gave no answer to "${path}"`);
    return answer;
  }
}

function over(session: ServerHttp2Session | ClientHttp2Session, connection: Duplex, signal: AbortSignal): Promise<void> {
  // Node takes what the connection held already on the next tick, and breaks when the session is gone by then.
  const close = () => process.nextTick(() => session.destroy());
  if (signal.aborted) close();
  signal.addEventListener("abort", close, { once: true });
  session.on("error", () => {}); // "close" follows
  // A client that ends its side is gone: HTTP/2 has no half of a connection.
  connection.on("error", () => {}).once("end", close);
  session.once("connect", () => widen(session));
  if (!session.connecting) widen(session);
  return new Promise((resolve) => {
    session.once("close", () => {
      signal.removeEventListener("abort", close);
      connection.destroy();
      resolve();
    });
  });
}

function widen(session: Http2Session): void {
  if (!session.destroyed) session.setLocalWindowSize(windowSize);
}
