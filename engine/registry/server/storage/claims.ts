/**
 * What keeps a digest from being collected though nothing on disk names it yet: a request that is about to, and what was named since a collection
 * began to look. All of it in one process, between two turns of the event loop: whoever claims first wins, and the other sees it.
 */
export class Claims {
  readonly #held = new Map<string, number>();
  /** While a collection looks. */
  #named: Set<string> | undefined;

  /** @param digests not collected until the work is over; to be looked for only inside of it */
  async hold<T>(digests: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const digest of digests) this.#held.set(digest, (this.#held.get(digest) ?? 0) + 1);
    try {
      return await work();
    } finally {
      for (const digest of digests) this.#release(digest);
    }
  }

  #release(digest: string): void {
    this.#named?.add(digest);
    const count = this.#held.get(digest)! - 1;
    if (count > 0) this.#held.set(digest, count);
    else this.#held.delete(digest);
  }

  /** From now on until `forget`, what was held is remembered. */
  remember(): void {
    this.#named = new Set();
  }

  forget(): void {
    this.#named = undefined;
  }

  has(digest: string): boolean {
    return this.#held.has(digest) || (this.#named?.has(digest) ?? false);
  }
}
