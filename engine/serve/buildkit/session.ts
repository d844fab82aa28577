/** Sessions: connections on which docker's clients answer what their builds ask for, known by the id that a build names. */
import type { IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { EngineError } from "../../errors.ts";
import { GrpcClient } from "../../http/grpc.ts";
import { Jobs } from "./jobs.ts";

/** How long a build waits for its session, which is on its way by a connection of its own. ms */
const patience = 10_000;

/** The id by which a session is known. @throws EngineError `invalid` */
export function sessionIn(headers: IncomingHttpHeaders): string {
  const id = headers["x-docker-expose-session-uuid"];
  if (typeof id !== "string" || id === "") throw new EngineError("invalid", "the session has no id");
  return id;
}

export class Sessions {
  readonly #open = new Map<string, GrpcClient>();
  readonly jobs = new Jobs();
  readonly #waiting = new Map<string, Set<(session: GrpcClient) => void>>();

  /** Keeps a session for as long as its connection lasts. */
  async hold(id: string, connection: Duplex, signal: AbortSignal): Promise<void> {
    const session = new GrpcClient(connection, signal);
    this.#open.set(id, session);
    for (const resolve of this.#waiting.get(id) ?? []) resolve(session);
    this.#waiting.delete(id);
    await session.closed;
    if (this.#open.get(id) === session) this.#open.delete(id);
  }

  /** @throws EngineError `not-found` when it does not come */
  async get(id: string): Promise<GrpcClient> {
    const open = this.#open.get(id);
    if (open) return open;
    const { promise, resolve, reject } = Promise.withResolvers<GrpcClient>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const timer = setTimeout(() => {
      waiting.delete(resolve);
      if (waiting.size === 0) this.#waiting.delete(id);
      reject(new EngineError("not-found", `no active session for ${id}: context deadline exceeded`));
    }, patience);
    return promise.finally(() => clearTimeout(timer));
  }
}
