/** How often somebody may ask: a bucket of tokens for each, which fills at a steady rate. Pure, but for the clock that it is given. */
import { problem } from "./problem.ts";

export interface Rate {
  /** Requests a second, in the long run. */
  perSecond: number;
  /** That may come at once after a silence. */
  burst: number;
}

interface Bucket {
  tokens: number;
  /** Milliseconds: when they were counted. */
  at: number;
}

/** Buckets that are kept: of who has been silent long enough there is nothing to keep. */
const bucketLimit = 10_000;

export class RateLimiter {
  readonly #rate: Rate;
  readonly #now: () => number;
  /** The one used last is the last. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Counts a request of somebody. @throws EngineError `in-use` with 429, and with when to come again */
  take(who: string): void {
    const { perSecond, burst } = this.#rate;
    const at = this.#now();
    const before = this.#buckets.get(who) ?? { tokens: burst, at };
    const tokens = Math.min(burst, before.tokens + ((at - before.at) / 1000) * perSecond);
    this.#buckets.delete(who);
    this.#buckets.set(who, { tokens: tokens < 1 ? tokens : tokens - 1, at });
    if (this.#buckets.size > bucketLimit) this.#buckets.delete(this.#buckets.keys().next().value!);
    if (tokens >= 1) return;
    const seconds = Math.ceil((1 - tokens) / perSecond);
    throw problem("TOOMANYREQUESTS", "too many requests: come again later", { headers: { "Retry-After": String(seconds) } });
  }
}

/** Whose requests are counted together: of IPv6 a whole /64, as that is what one client has. */
export function clientOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head.split(":").filter(Boolean);
  const rest = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => "0");
  return `${[...groups, ...zeros, ...rest].slice(0, 4).join(":")}::/64`;
}
