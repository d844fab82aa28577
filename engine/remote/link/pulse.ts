/**
 * Whether a host is there: told by what is asked of it anyway, and by asking it again and again while somebody watches, or while an answer
 * lets wait for itself. A host that is silent is lost soon; what goes on with it is broken off later, as a network may come back.
 */
import type { IncomingHttpHeaders } from "node:http";
import { EngineError } from "../../errors.ts";
import type { ConnectionState, Peer } from "./connection.ts";
import { negotiate } from "./versions.ts";

export interface PulseOptions {
  /** Asks; rejects when there is no answer within so many milliseconds. */
  ping(patience: number): Promise<IncomingHttpHeaders>;
  /** A fresh connection takes seconds (ssh): one that is slow is not given up for another. */
  isSlowToDial: boolean;
  onLost(): void;
  /** Ends whatever waits for the host. */
  breakOff(error: Error): void;
}

/** Milliseconds: between two questions, of silence until it is lost, until what waits for it is broken off. */
const times = { beat: 500, lost: 1400, broken: 10_000, quiet: 2000 };
/** Milliseconds after which a question is given up for one on another connection. */
const patience = { quick: 3000, slow: 15_000 };

export class Pulse {
  readonly #options: PulseOptions;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  #state: ConnectionState = { status: "connecting" };
  #pending = 0;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  #stopped = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  watch(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    this.#schedule(0);
    return () => void this.#listeners.delete(listener);
  }

  /** Runs a question; when its answer lets wait for itself, the host is looked after meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#pending++;
    this.#schedule(times.quiet);
    try {
      return await work();
    } finally {
      this.#pending--;
    }
  }

  /** Something that was asked of it has failed. */
  lose(error: EngineError): void {
    if (this.#state.status === "lost" || this.#stopped) return;
    this.#options.onLost();
    this.#become({ status: "lost", since: Date.now(), error });
  }

  /** It is there. */
  answered(peer: Peer, latency: number): void {
    this.#become({ status: "connected", peer, latency });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #become(state: ConnectionState): void {
    const isNews = state.status !== this.#state.status;
    this.#state = state;
    if (isNews) for (const listener of [...this.#listeners]) listener(state);
  }

  get #isWanted(): boolean {
    return !this.#stopped && (this.#listeners.size > 0 || this.#pending > 0);
  }

  #schedule(time: number): void {
    if (this.#isAsking || this.#stopped || (this.#timer && time > 0)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isWanted) void this.#beat();
    }, time).unref();
  }

  async #beat(): Promise<void> {
    this.#isAsking = true;
    const { isSlowToDial, ping } = this.#options;
    const silent = setTimeout(() => this.lose(silence), times.lost).unref();
    const begun = performance.now();
    try {
      const headers = await ping(isSlowToDial ? patience.slow : patience.quick);
      this.answered(negotiate(headers), performance.now() - begun);
    } catch (error) {
      this.lose(error instanceof EngineError ? error : silence);
      this.#breakOffInTime();
    } finally {
      clearTimeout(silent);
      this.#isAsking = false;
      if (this.#isWanted) this.#schedule(times.beat);
    }
  }

  #breakOffInTime(): void {
    const { state } = this;
    if (state.status === "lost" && Date.now() - state.since > times.broken)
      this.#options.breakOff(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
  }
}

const silence = new EngineError("network", "the host does not answer", { hint: "check the network connection", exit: 1 });
