/** Random names from the kernel. `node:crypto` would do, but loading it costs a cold process 4 ms. */
import { closeSync, openSync, readSync } from "node:fs";

/** Cryptographically strong bytes (random(4)). */
function randomBuffer(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const fd = openSync("/dev/urandom", "r");
  try {
    readSync(fd, bytes, 0, size, null);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

/** Hex digits of `size` random bytes. */
export function randomHex(size: number): string {
  return randomBuffer(size).toString("hex");
}

/** A number from 0 to below `bound`, at most 2^31: even enough for picking words. */
export function randomBelow(bound: number): number {
  return Math.floor((randomBuffer(6).readUIntBE(0, 6) / 2 ** 48) * bound);
}
