/** How many bytes a repository may have: blobs and manifests, each counted in every repository that has it. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { repositoryGlob } from "../../../image/documents/index.ts";
import { problem } from "../protocol/problem.ts";
import { digestsIn } from "./collect.ts";
import type { Layout } from "./layout.ts";

export interface QuotaRule {
  repositories: readonly string[];
  /** That each of them may have. */
  bytes: number;
}

/** The first rule that is for a repository says how much it may have. @param usual bytes of the others */
export function quotaOf(rules: readonly QuotaRule[], usual = Number.POSITIVE_INFINITY): (name: string) => number {
  const known = rules.map(({ repositories, bytes }) => ({ names: repositories.map(repositoryGlob), bytes }));
  return (name) => known.find(({ names }) => names.some((each) => each.test(name)))?.bytes ?? usual;
}

export class Quota {
  readonly #layout: Layout;
  readonly #limitOf: (name: string) => number;
  /** Bytes, by repository; counted when they are first asked for. */
  readonly #used = new Map<string, Promise<number>>();

  constructor(layout: Layout, limitOf: (name: string) => number) {
    this.#layout = layout;
    this.#limitOf = limitOf;
  }

  /** Bytes that may still come. */
  async room(name: string): Promise<number> {
    const limit = this.#limitOf(name);
    if (limit === Number.POSITIVE_INFINITY) return limit;
    const used = this.#used.get(name) ?? this.#count(name);
    this.#used.set(name, used);
    used.catch(() => this.forget(name));
    return limit - (await used);
  }

  /** @throws EngineError `permission` when that many bytes more are too many */
  async require(name: string, size: number): Promise<void> {
    if (size <= (await this.room(name))) return;
    this.forget(name);
    if (size > (await this.room(name))) throw this.exceeded(name);
  }

  exceeded(name: string) {
    return problem("DENIED", `"${name}" may have ${this.#limitOf(name)} bytes, and would have more`);
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
