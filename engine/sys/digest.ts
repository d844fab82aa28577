/** Digests of what is in memory. `node:crypto` would do, but loading it costs a cold process on Bun as long as the rest of its start. */

declare const Bun: { CryptoHasher: new (algorithm: string) => Hasher };

interface Hasher {
  update(bytes: string | Uint8Array): Hasher;
  digest(encoding: "hex"): string;
}

/** Hex digits. */
export function sha256(bytes: string | Uint8Array): string {
  const hasher: Hasher = process.versions["bun"]
    ? new Bun.CryptoHasher("sha256")
    : process.getBuiltinModule("node:crypto").createHash("sha256");
  return hasher.update(bytes).digest("hex");
}
