/** Registries that this one keeps copies of: which of them a repository comes from. */
import type { RegistryStorage } from "../storage/storage.ts";
import type { UpstreamRule } from "./address.ts";
import { Copy } from "./copy.ts";

/** Copies that are known: what they know is soon learnt anew. */
const limit = 1000;

export class Upstreams implements AsyncDisposable {
  readonly #rules: readonly UpstreamRule[];
  readonly #storage: RegistryStorage;
  /** By repository; the one used last is the last. */
  readonly #copies = new Map<string, Copy>();
  readonly #closed = new AbortController();

  constructor(rules: readonly UpstreamRule[], storage: RegistryStorage) {
    this.#rules = rules.toSorted((one, other) => (other.prefix?.length ?? 0) - (one.prefix?.length ?? 0));
    this.#storage = storage;
  }

  /** Undefined for a repository that is this registry's own. */
  of(name: string): Copy | undefined {
    const known = this.#copies.get(name);
    const copy = known ?? this.#open(name);
    if (!copy) return undefined;
    this.#copies.delete(name);
    this.#copies.set(name, copy);
    const [oldest] = this.#copies;
    if (this.#copies.size > limit && oldest?.[1].isIdle) this.#copies.delete(oldest[0]);
    return copy;
  }

  /** What is on its way is left, and the storage is left alone from then on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await Promise.all([...this.#copies.values()].map((copy) => copy.settled()));
  }

  #open(name: string): Copy | undefined {
    const rule = this.#rules.find(({ prefix }) => (prefix === undefined ? name !== "" : name.startsWith(`${prefix}/`)));
    if (!rule) return undefined;
    const path = rule.prefix === undefined ? name : name.slice(rule.prefix.length + 1);
    return new Copy({ storage: this.#storage, name, path, rule, signal: this.#closed.signal });
  }
}
