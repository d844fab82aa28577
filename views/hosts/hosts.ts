/**
 * The hosts of the UI: which there are, which one is in use, and whose containers stand beside its own. Others are only spoken with
 * while their list, or that of all containers, is on the screen.
 */
import { EngineError } from "../../engine/errors.ts";
import type { ContainerSummary, Engine } from "../../engine/index.ts";
import type { HostEngine, TuiHost } from "../../src/tui-hosts.ts";
import type { AppState } from "../state.ts";
import type { Store } from "../store.ts";
import { HostWatch } from "./host-watch.ts";
import { routedEngine } from "./routed.ts";

/** A row of the list. */
export interface HostRow {
  name: string;
  address: string;
  isUsed: boolean;
  status: HostWatch["status"];
  /** "docker 28.0.1". */
  engine: string;
  facts: HostWatch["facts"];
  usage: HostWatch["usage"];
  error: EngineError | undefined;
  /** Milliseconds since the epoch: when it went away. */
  lostSince: number | undefined;
  /** Milliseconds that its last answer took. */
  latency: number | undefined;
}

const owners = new WeakMap<object, string>();

/** The host of a container in a list of several hosts'; undefined in a list of one. */
export const hostOf = (row: object): string | undefined => owners.get(row);

/** Flags that name a host, by how they may be written. */
const naming: Readonly<Record<string, string>> = { "-c": "-c", "--context": "-c", "-H": "-H", "--host": "-H" };

export interface HostsParts {
  opened: HostEngine;
  /** Reads which there are. */
  read(): Promise<TuiHost[]>;
  store: Store<AppState>;
  /** The rows of hosts, or of all containers, are not what they were. */
  onChange(resource: "hosts" | "containers"): void;
  /** Another host is in use, or the one in use is there again. */
  onUse(): void;
}

export class Hosts {
  readonly engine: Engine;
  readonly #parts: HostsParts;
  readonly #watches = new Map<string, HostWatch>();
  #used: HostWatch;
  #wasLost = false;
  #unsubscribe: () => void = () => {};

  constructor(parts: HostsParts) {
    this.#parts = parts;
    const address = parts.opened.connection?.address;
    const name = address ?? "local";
    const flags = address === undefined ? ["-H", "local"] : ["-H", address];
    this.#used = this.#watchOf({ name, address: address ?? "this machine", flags, isOpened: true, open: async () => parts.opened });
    this.engine = routedEngine(
      () => this.current,
      (id) => this.#ownerOf(id)?.engine,
    );
    void this.#used.open();
    this.#tellUsed();
  }

  /** The engine of the host in use: what a command runs on to its end, whichever is in use then. */
  get current(): HostEngine {
    return this.#used.engine ?? this.#parts.opened;
  }

  /** What a line has to begin with to be about the host in use, or another of the list: nothing where the UI was opened on the one in use. */
  flagsOf(name = this.#used.host.name): readonly string[] {
    const watch = this.#watches.get(name) ?? this.#used;
    return watch.host.isOpened && watch === this.#used ? [] : watch.host.flags;
  }

  /** The engine that a line is about, and the line without what names it. @throws EngineError `usage` */
  async forLine(words: readonly string[]): Promise<{ engine: Engine; words: readonly string[] }> {
    const [flag = "", name = ""] = words;
    const asked = naming[flag];
    if (asked === undefined) return { engine: this.current, words };
    await this.#read();
    const found = [...this.#watches.values()].find(({ host }) => host.flags[0] === asked && host.flags[1] === name);
    if (!found)
      throw new EngineError("usage", `there is no host "${name}" here`, {
        hint: "the Hosts list shows them; 'berth context create' adds one",
      });
    return { engine: await found.open(), words: words.slice(2) };
  }

  start(): void {
    this.#unsubscribe = this.#parts.store.subscribe(() => this.#follow());
    if (this.#parts.opened.connection) void this.#used.attend(); // nothing of this machine can go away
  }

  isContext(name: string): boolean {
    return this.#watches.get(name)?.host.flags[0] === "-c";
  }

  /** What is on the screen decides who is spoken with. */
  #follow(): void {
    const { resource, isMerged } = this.#parts.store.get();
    const isShown = resource === "hosts";
    for (const watch of this.#watches.values()) {
      const isOther = watch !== this.#used;
      watch.measure(isShown);
      watch.list(isMerged && isOther);
      if (isShown || isMerged) {
        if (watch.status === "idle") void watch.attend();
      } else if (isOther) watch.ignore();
    }
  }

  /** The rows of the list. Which there are is read again; nothing waits for them. */
  async rows(): Promise<HostRow[]> {
    await this.#read();
    return [...this.#watches.values()].map((watch) => this.#rowOf(watch));
  }

  #rowOf(watch: HostWatch): HostRow {
    const { host, facts, usage, error, status } = watch;
    const state = watch.engine?.connection?.state;
    const kind = state?.status === "connected" ? state.peer.kind : watch.engine && !watch.engine.connection ? "berth" : "";
    return {
      name: host.name,
      address: host.address,
      isUsed: watch === this.#used,
      status,
      engine: [kind, facts?.version].filter(Boolean).join(" "),
      facts,
      usage: status === "lost" ? undefined : usage,
      error: state?.status === "lost" ? state.error : error,
      lostSince: state?.status === "lost" ? state.since : undefined,
      latency: state?.status === "connected" ? state.latency : undefined,
    };
  }

  async #read(): Promise<void> {
    const hosts = await this.#parts.read();
    for (const host of hosts) {
      // The one that is in use from the start gets the name that the list has for it.
      if (host.isOpened && !this.#watches.has(host.name)) this.#rename(host);
      else if (!this.#watches.has(host.name)) this.#watchOf(host);
    }
    for (const [name, watch] of this.#watches) {
      if (watch === this.#used || hosts.some((host) => host.name === name)) continue;
      watch.dispose();
      this.#watches.delete(name);
    }
    this.#follow();
  }

  #rename(host: TuiHost): void {
    const opened = [...this.#watches.values()].find((watch) => watch.host.isOpened);
    if (!opened) return;
    this.#watches.delete(opened.host.name);
    Object.assign(opened.host, { name: host.name, flags: host.flags });
    this.#watches.set(host.name, opened);
  }

  #watchOf(host: TuiHost): HostWatch {
    const watch = new HostWatch({ ...host }, (changed) => this.#changed(changed));
    this.#watches.set(host.name, watch);
    return watch;
  }

  #changed(watch: HostWatch): void {
    const { isMerged } = this.#parts.store.get();
    if (watch === this.#used) this.#tellUsed();
    this.#parts.onChange("hosts");
    if (isMerged) this.#parts.onChange("containers");
  }

  /** The header says which host is in use, and when it is not there. */
  #tellUsed(): void {
    const { host, status, error, engine } = this.#used;
    const state = engine?.connection?.state;
    const why = state?.status === "lost" ? state.error.message : error?.message;
    const isLost = status === "lost";
    const lost = isLost && { lost: why ?? "it does not answer" };
    const isHere = this.current.connection === undefined;
    this.#parts.store.set({ at: { name: host.name, isOpened: host.isOpened, isHere, ...lost } });
    const isBack = this.#wasLost && status === "connected";
    this.#wasLost = isLost || (this.#wasLost && !isBack);
    if (isBack) this.#parts.onUse();
  }

  /** Uses another host. @throws EngineError when it cannot be spoken with at all */
  async use(name: string): Promise<void> {
    const watch = this.#watches.get(name);
    if (!watch || watch === this.#used) return;
    await watch.open();
    this.#used = watch;
    this.#wasLost = false;
    watch.list(false);
    await watch.attend();
    this.#follow();
    this.#tellUsed();
    this.#parts.onUse();
  }

  /** What the containers list shows: where that is of all hosts, the used one's first; each is then known to be its host's. */
  shown(own: readonly ContainerSummary[]): readonly ContainerSummary[] {
    if (!this.#parts.store.get().isMerged) {
      for (const row of own) owners.delete(row);
      return own;
    }
    for (const row of own) owners.set(row, this.#used.host.name);
    const others = [...this.#watches.values()].filter((watch) => watch !== this.#used);
    for (const { host, rows } of others) for (const row of rows) owners.set(row, host.name);
    return [...own, ...others.flatMap(({ rows }) => rows)];
  }

  /** Is this container one of another host's? */
  isForeign(row: object): boolean {
    const host = hostOf(row);
    return host !== undefined && host !== this.#used.host.name;
  }

  #ownerOf(id: string): HostWatch | undefined {
    return [...this.#watches.values()].find((watch) => watch !== this.#used && watch.rows.some(({ Id }) => Id === id));
  }

  dispose(): void {
    this.#unsubscribe();
    for (const watch of this.#watches.values()) watch.dispose();
  }
}
