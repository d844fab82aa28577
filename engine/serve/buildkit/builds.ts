/** Builds that BuildKit's clients have begun, by the reference that they chose: asked about by other calls than the one that began them. */

import { aborted } from "../../aborted.ts";
import type { gatewaySolveRequest } from "./messages.ts";
import { StatusFeed } from "./status.ts";
import type { Decoded } from "./wire.ts";

export type GatewayRequest = Decoded<typeof gatewaySolveRequest>;

/** What a client that steers its build wants exported; undefined for nothing. */
export interface Returned {
  request?: GatewayRequest;
}

export class ClientBuild {
  readonly ref: string;
  readonly status: StatusFeed;
  readonly #requests = new Map<string, GatewayRequest>();
  readonly #returned = Promise.withResolvers<Returned>();
  readonly #session = Promise.withResolvers<string>();

  constructor(ref: string) {
    this.ref = ref;
    this.status = new StatusFeed(ref);
    this.#returned.promise.catch(() => {}); // nobody may wait for it
  }

  /** The call that carries it is there. @param session the client's, which that call alone names */
  begin(session: string): void {
    this.#session.resolve(session);
  }

  /** Resolves when the call that carries it is there. */
  session(signal: AbortSignal): Promise<string> {
    return Promise.race([this.#session.promise, aborted(signal).then(() => Promise.reject(signal.reason))]);
  }

  /** Remembers what is to be built. @returns the name by which it is asked for */
  plan(request: GatewayRequest): string {
    const id = `${this.ref}-${this.#requests.size}`;
    this.#requests.set(id, request);
    return id;
  }

  /** The client has decided. @param id "" for nothing */
  decide(id: string): void {
    const request = this.#requests.get(id);
    this.#returned.resolve(request ? { request } : {});
  }

  giveUp(error: Error): void {
    this.#returned.reject(error);
  }

  /** Resolves when the client has decided. */
  decided(signal: AbortSignal): Promise<Returned> {
    const gone = () => this.giveUp(signal.reason instanceof Error ? signal.reason : new Error("cancelled"));
    signal.addEventListener("abort", gone, { once: true });
    return this.#returned.promise.finally(() => signal.removeEventListener("abort", gone));
  }
}

/** Those of one connection: calls about a build come in any order, by the connection that began it. */
export class ClientBuilds {
  readonly #builds = new Map<string, ClientBuild>();

  has(ref: string): boolean {
    return this.#builds.has(ref);
  }

  of(ref: string): ClientBuild {
    const build = this.#builds.get(ref) ?? new ClientBuild(ref);
    this.#builds.set(ref, build);
    return build;
  }
}
