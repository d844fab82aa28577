/** Manifests that were read lately, by digest, no more than some bytes of them. */

/** Bytes of all that are kept. */
const limit = 16 << 20;
/** Bytes of one that is kept: the usual are small. */
const largest = 256 << 10;

export class Recent {
  /** The one used last is the last. */
  readonly #kept = new Map<string, Buffer>();
  #size = 0;

  get(digest: string): Buffer | undefined {
    const bytes = this.#kept.get(digest);
    if (bytes && this.#kept.delete(digest)) this.#kept.set(digest, bytes);
    return bytes;
  }

  /** @returns the bytes */
  put(digest: string, bytes: Buffer): Buffer {
    if (bytes.length > largest || this.#kept.has(digest)) return bytes;
    this.#kept.set(digest, bytes);
    this.#size += bytes.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#size <= limit) break;
      this.#kept.delete(oldest);
      this.#size -= length;
    }
    return bytes;
  }
}
