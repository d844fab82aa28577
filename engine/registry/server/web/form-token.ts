/** Proof that a form was ours: a token that only who has read one of our pages knows, for some hours. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Milliseconds for which a token is made; it is good for as long again. */
const period = 2 * 60 * 60 * 1000;

export class FormTokens {
  readonly #key = randomBytes(32);
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @param user for whom alone it is good; undefined where nobody logs in */
  issue(user: string | undefined): string {
    return this.#tokenOf(user, this.#epoch());
  }

  isOurs(token: string, user: string | undefined): boolean {
    const given = Buffer.from(token, "base64url");
    return [0, 1].some((ago) => {
      const good = Buffer.from(this.#tokenOf(user, this.#epoch() - ago), "base64url");
      return given.length === good.length && timingSafeEqual(given, good);
    });
  }

  #epoch(): number {
    return Math.floor(this.#now() / period);
  }

  #tokenOf(user: string | undefined, epoch: number): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([user ?? null, epoch]))
      .digest("base64url");
  }
}
