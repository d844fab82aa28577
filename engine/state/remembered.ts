/**
 * What a process that lives on has read of the records, kept until they change: a server is asked for the same list again and again, by
 * clients that look every second. What is told by anything but the records (is a process alive, what time is it) has no place here.
 */
import type { Database } from "./db.ts";
import type { Ground } from "./ground.ts";

export class Remembered<T> {
  readonly #kept = new WeakMap<Database, { version: string; value: T }>();
  readonly #read: (ground: Ground) => T;

  /** @param read reads the records only; what it gives is shared by all who ask, and changed by none of them */
  constructor(read: (ground: Ground) => T) {
    this.#read = read;
  }

  of(ground: Ground): T {
    const { db } = ground;
    const { version } = db; // before it is read: what changes meanwhile makes it read again
    const kept = this.#kept.get(db);
    if (kept?.version === version) return kept.value;
    const value = this.#read(ground);
    this.#kept.set(db, { version, value });
    return value;
  }
}
