/**
 * Bearer tokens (docker's "Token Authentication", RFC 7519 with HS256): what somebody may do for some minutes. The keys are this process's,
 * made anew each hour; a restart makes all tokens worthless, and clients fetch new ones.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** docker's shape. */
export interface Access {
  type: "repository" | "registry";
  name: string;
  actions: string[];
}

export interface Claims {
  /** The user's name; absent for who showed no password. */
  sub?: string;
  access: Access[];
}

interface SignedClaims extends Claims {
  iss: "berth";
  /** Seconds since the epoch. */
  iat: number;
  exp: number;
  jti: string;
}

/** Seconds. Docker's clients take less than 60 for a mistake. */
export const lifetime = 300;
/** Milliseconds after which a new key signs; the one before still verifies. */
const keyAge = 60 * 60 * 1000;
/** Characters: what is longer is none of ours. */
const tokenLimit = 16_384;

interface Key {
  id: string;
  secret: Buffer;
  made: number;
}

export class Tokens {
  readonly #now: () => number;
  #keys: Key[] = [];

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  issue(claims: Claims): string {
    const key = this.#signingKey();
    const iat = Math.floor(this.#now() / 1000);
    const whole: SignedClaims = { iss: "berth", ...claims, iat, exp: iat + lifetime, jti: randomBytes(12).toString("base64url") };
    const text = `${encode({ alg: "HS256", typ: "JWT", kid: key.id })}.${encode(whole)}`;
    return `${text}.${sign(text, key).toString("base64url")}`;
  }

  /** undefined for what is not ours, was changed, or is over. */
  read(token: string): Claims | undefined {
    const [head = "", body = "", signature = "", ...more] = token.length > tokenLimit ? [] : token.split(".");
    if (more.length > 0) return undefined;
    const given = Buffer.from(signature, "base64url");
    const text = `${head}.${body}`;
    // The head is ours when the signature is: it is not asked which algorithm it would like.
    const isOurs = this.#keys.some((key) => given.length === 32 && timingSafeEqual(given, sign(text, key)));
    if (!isOurs) return undefined;
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as SignedClaims;
    return claims.exp > this.#now() / 1000 ? claims : undefined;
  }

  #signingKey(): Key {
    const newest = this.#keys[0];
    if (newest && this.#now() - newest.made < keyAge) return newest;
    const key = { id: randomBytes(6).toString("base64url"), secret: randomBytes(32), made: this.#now() };
    this.#keys = [key, ...this.#keys.slice(0, 1)];
    return key;
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const sign = (text: string, { secret }: Key) => createHmac("sha256", secret).update(text).digest();
