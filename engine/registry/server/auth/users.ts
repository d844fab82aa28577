/** Users and their passwords: an htpasswd file with bcrypt's entries, read again when it has changed. */
import { createHmac, randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { EngineError } from "../../../errors.ts";
import { problem } from "../protocol/problem.ts";

/** Passwords that wait to be checked: each takes a tenth of a second of the processor, and a flood of them must not take all of it. */
const waitLimit = 32;
/** Milliseconds that a password which was right is remembered, by a hash with a key of this process. */
const memory = 60_000;
const rememberedLimit = 10_000;
/** Rounds are two to this power: more would take minutes for each try. */
const costLimit = 14;
const entryForm = /^([^:\s]{1,255}):(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53})$/;
/** What an unknown user's password is compared with, so that it takes as long. */
const nobody = "$2y$10$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

export class Users {
  readonly #file: string;
  readonly #key = randomBytes(32);
  /** Until when (ms since the epoch), by hash of name, password and entry. */
  readonly #right = new Map<string, number>();
  #entries = new Map<string, string>();
  #state = "";
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws EngineError `invalid` with its place, and the system's */
  constructor(file: string) {
    this.#file = file;
    this.#state = stateOf(file);
    this.#entries = parseUsers(readFileSync(file, "utf8"), file);
  }

  /** Whether there is such a user now: tokens outlive users. */
  has(name: string): boolean {
    this.#refresh();
    return this.#entries.has(name);
  }

  /** @throws EngineError `in-use` when too many passwords wait to be checked */
  async verify(name: string, password: string): Promise<boolean> {
    this.#refresh();
    const entry = this.#entries.get(name);
    const hash = createHmac("sha256", this.#key)
      .update(JSON.stringify([name, password, entry]))
      .digest("base64");
    if ((this.#right.get(hash) ?? 0) > Date.now()) return true;
    const isRight = (await this.#compare(password, entry ?? nobody)) && entry !== undefined;
    if (isRight && this.#right.size >= rememberedLimit) this.#right.clear();
    if (isRight) this.#right.set(hash, Date.now() + memory);
    return isRight;
  }

  /** One after the other. */
  async #compare(password: string, entry: string): Promise<boolean> {
    if (this.#waiting >= waitLimit)
      throw problem("TOOMANYREQUESTS", "too many passwords are being checked", { headers: { "Retry-After": "5" } });
    this.#waiting++;
    const { compare } = await import("bcryptjs");
    const mine = this.#last.then(() => compare(password, entry));
    this.#last = mine.catch(() => {});
    return mine.finally(() => this.#waiting--);
  }

  /** A file that is being written, or is bad now, changes nothing. */
  #refresh(): void {
    try {
      const state = stateOf(this.#file);
      if (state === this.#state) return;
      this.#entries = parseUsers(readFileSync(this.#file, "utf8"), this.#file);
      this.#state = state;
    } catch {
      // the users stay who they were until the file is good again
    }
  }
}

function stateOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file);
  return `${ino} ${size} ${mtimeMs}`;
}

/** @throws EngineError `invalid` with its place */
export function parseUsers(text: string, file: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, name = "", entry = "", cost = ""] = entryForm.exec(line) ?? [];
    const fail = (why: string) => {
      throw new EngineError("invalid", `${file}:${at + 1}: ${why}`, {
        hint: "make entries with 'berth registry login-user', or htpasswd -B",
      });
    };
    if (name === "" || name === "anonymous" || name === "*") fail("this is no NAME:HASH with a hash of bcrypt");
    if (Number(cost) > costLimit) fail(`a cost of ${cost} takes too long: ${costLimit} is the most`);
    entries.set(name, entry);
  }
  return entries;
}

/** bcrypt's usual cost of today: 2 to the tenth rounds. */
const usualCost = 10;

/** An entry's hash. @throws EngineError `invalid` for what bcrypt would cut off */
export async function hashPassword(password: string): Promise<string> {
  if (Buffer.byteLength(password) > 72) throw new EngineError("invalid", "the password is longer than the 72 bytes that bcrypt looks at");
  const { hash } = await import("bcryptjs");
  return hash(password, usualCost);
}

/** The text of an htpasswd file in which a user has that hash; the others stay as they are. @throws EngineError `invalid` */
export function withUser(text: string, name: string, hash: string): string {
  const entry = `${name}:${hash}`;
  parseUsers(entry, "the new entry");
  const lines = text.split("\n").filter((line, at, all) => line !== "" || at < all.length - 1);
  const at = lines.findIndex((line) => line.startsWith(`${name}:`));
  return `${(at < 0 ? [...lines, entry] : lines.with(at, entry)).join("\n")}\n`;
}
