/** How many bytes a repository may have: blobs and manifests, each counted in every repository that has it. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { problem } from "../protocol/problem.ts";
import { digestsIn } from "./collect.ts";
import type { Layout } from "./layout.ts";

export class Quota {
  readonly #layout: Layout;
  readonly #limit: number;
  /** Bytes, by repository; counted when they are first asked for. */
  readonly #used = new Map<string, Promise<number>>();

  constructor(layout: Layout, limit: number) {
    this.#layout = layout;
    this.#limit = limit;
  }

  /** Bytes that may still come. */
  async room(name: string): Promise<number> {
    if (this.#limit === Number.POSITIVE_INFINITY) return this.#limit;
    const used = this.#used.get(name) ?? this.#count(name);
    this.#used.set(name, used);
    used.catch(() => this.forget(name));
    return this.#limit - (await used);
  }

  /** @throws EngineError `permission` when that many bytes more are too many */
  async require(name: string, size: number): Promise<void> {
    if (size <= (await this.room(name))) return;
    this.forget(name);
    if (size > (await this.room(name))) throw this.exceeded(name);
  }

  exceeded(name: string) {
    return problem("DENIED", `"${name}" may have ${this.#limit} bytes, and would have more`);
  }

  /** What has come, if it was counted already; what has come twice is counted anew before anything is refused. */
  add(name: string, size: number): void {
    const used = this.#used.get(name);
    if (used)
      this.#used.set(
        name,
        used.then((bytes) => bytes + size),
      );
  }

  /** What was counted is not true any more. */
  forget(name: string): void {
    this.#used.delete(name);
  }

  forgetAll(): void {
    this.#used.clear();
  }

  async #count(name: string): Promise<number> {
    const directory = this.#layout.repository(name);
    let sum = 0;
    for (const kind of ["_blobs", "_manifests"])
      for await (const digest of digestsIn(join(directory, kind)))
        sum += (await stat(this.#layout.content(digest)).catch(() => ({ size: 0 }))).size;
    return sum;
  }
}
