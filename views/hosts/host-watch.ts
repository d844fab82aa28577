/**
 * One host of the list while somebody looks at it: whether it is there, what it is, what runs on it and what that takes. Nothing here
 * waits for a host, and nobody waits for this: what is known is there, what is new is told.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type EngineError, toEngineError } from "../../engine/errors.ts";
import type { ContainerSummary } from "../../engine/index.ts";
import type { HostEngine, TuiHost } from "../../src/tui-hosts.ts";

export interface HostFacts {
  version: string;
  running: number;
  total: number;
  cpus: number;
  /** Bytes. */
  memory: number;
}

/** Milliseconds between two looks at how many run. */
const interval = 2000;

export class HostWatch {
  readonly host: TuiHost;
  readonly #onChange: (watch: HostWatch) => void;
  #engine: Promise<HostEngine> | undefined;
  #opened: HostEngine | undefined;
  #unwatch: (() => void) | undefined;
  #asking: AbortController | undefined;
  #listing: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  facts: HostFacts | undefined;
  /** Percent of one CPU, and bytes, of all containers that run. */
  usage: { cpu: number; memory: number } | undefined;
  /** Why it could not be opened, or did not answer. */
  error: EngineError | undefined;
  /** Its containers, while they are shown beside another's. */
  rows: readonly ContainerSummary[] = [];

  constructor(host: TuiHost, onChange: (watch: HostWatch) => void) {
    this.host = host;
    this.#onChange = onChange;
  }

  /** @throws EngineError for an address that cannot be used */
  open(): Promise<HostEngine> {
    this.#engine ??= this.host.open().then((engine) => (this.#opened = engine));
    return this.#engine;
  }

  /** undefined before it was opened. */
  get engine(): HostEngine | undefined {
    return this.#opened;
  }

  get status(): "idle" | "connecting" | "connected" | "lost" {
    if (this.error && !this.#opened) return "lost";
    if (!this.#opened) return "idle";
    return this.#opened.connection?.state.status ?? "connected";
  }

  /** From here on it is known within two seconds when it goes away, and when it is back. */
  async attend(): Promise<void> {
    try {
      const { connection } = await this.open();
      this.error = undefined;
      this.#unwatch ??= connection?.watch(() => this.#changed());
    } catch (error) {
      this.#engine = undefined;
      this.error = toEngineError(error);
    }
    this.#onChange(this);
  }

  #changed(): void {
    if (this.status === "lost") {
      this.rows = [];
      this.usage = undefined;
    } else if (this.#listing) this.#readRows();
    this.#onChange(this);
  }

  ignore(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** What it is and how much it has to do, until told to stop. */
  measure(on: boolean): void {
    if (on === Boolean(this.#asking)) return;
    this.#asking?.abort();
    clearTimeout(this.#timer);
    this.#asking = on ? new AbortController() : undefined;
    if (!this.#asking) return;
    void this.#ask(this.#asking.signal);
    void this.#sum(this.#asking.signal);
  }

  async #ask(signal: AbortSignal): Promise<void> {
    try {
      const { system } = await this.open();
      const { ServerVersion, ContainersRunning, Containers, NCPU, MemTotal } = await system.info();
      this.facts = { version: ServerVersion, running: ContainersRunning, total: Containers, cpus: NCPU, memory: MemTotal };
      this.error = undefined;
    } catch (error) {
      this.error = toEngineError(error);
    }
    if (signal.aborted) return;
    this.#onChange(this);
    this.#timer = setTimeout(() => void this.#ask(signal), interval);
  }

  /** Streams end with the host: another begins when it is back. */
  async #sum(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { containers } = await this.open();
        for await (const samples of containers.stats([], { stream: true, signal })) {
          if (signal.aborted) return;
          const add = (of: (sample: (typeof samples)[number]) => number) => samples.reduce((sum, sample) => sum + of(sample), 0);
          this.usage = { cpu: add(({ cpu }) => cpu.percent), memory: add(({ memory }) => memory.usage) };
        }
      } catch {
        this.usage = undefined; // why, its state says
      }
      await pause(interval, undefined, { signal }).catch(() => {}); // called off
    }
  }

  /** Its containers, kept current until told to stop. */
  list(on: boolean): void {
    if (on === Boolean(this.#listing)) return;
    this.#listing?.abort();
    this.#listing = on ? new AbortController() : undefined;
    this.rows = [];
    if (this.#listing) void this.#follow(this.#listing.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const engine = await this.open();
        await this.#readRows();
        for await (const { Type } of engine.events({ follow: true, signal })) if (Type === "container") void this.#readRows();
      } catch {
        // why, its state says; it may come back
      }
      await pause(interval, undefined, { signal }).catch(() => {}); // called off
    }
  }

  async #readRows(): Promise<void> {
    const listing = this.#listing;
    try {
      const rows = await (await this.open()).containers.list({ all: true });
      if (this.#listing !== listing || !listing) return;
      this.rows = rows;
      this.#onChange(this);
    } catch {
      // as above
    }
  }

  dispose(): void {
    this.ignore();
    this.measure(false);
    this.list(false);
    if (!this.host.isOpened) void this.#opened?.close();
  }
}
