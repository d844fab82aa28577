/**
 * Content hashes remembered between builds, so that an unchanged context costs only stats. A hash is trusted while the
 * file's device, inode, size and ctime are what they were; ctime cannot be set back by a user, so a changed file
 * is never mistaken for the old one. One file per context directory; losing it costs time, nothing else.
 */
import { createHash, hash as hashOf } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats } from "node:fs";
import { attributesText, readAttributes } from "../../image/layer/index.ts";
import { decodeName, fsPath } from "../../image/tar/index.ts";
import { replaceFile } from "../../replace-file.ts";

/** Files changed within the kernel's clock tick of the scan could change again without a new mtime: not remembered. */
const racyMs = 50;

export class HashCache {
  readonly #file: string;
  /** path → [signature, hash], as of the last scan. */
  #known = new Map<string, readonly [signature: string, hash: string]>();
  #seen = new Map<string, readonly [signature: string, hash: string]>();
  #changed = false;
  readonly #reads: (bytes: number) => void;

  /**
   * @param file where the hashes are kept; a missing or damaged one is an empty cache
   * @param reads called with each file that must be read, before it is read
   */
  constructor(file: string, reads: (bytes: number) => void = () => {}) {
    this.#file = file;
    this.#reads = reads;
    let text = "";
    try {
      text = decodeName(readFileSync(file));
    } catch {
      return; // first scan of this context
    }
    const fields = text.split("\0");
    for (let i = 0; i + 2 < fields.length; i += 3) this.#known.set(fields[i] as string, [fields[i + 1] as string, fields[i + 2] as string]);
  }

  /** See `hashFile`. @param stats of the file as the walk saw it */
  hash(path: string, absolute: string | Buffer, stats: Stats): string {
    const signature = signatureOf(stats);
    const known = this.#known.get(path);
    if (known && known[0] === signature) {
      this.#seen.set(path, known);
      return known[1];
    }
    this.#reads(stats.size);
    const { hash, stable } = hashFile(absolute);
    this.#changed = true;
    if (stable === signature) this.#seen.set(path, [signature, hash]);
    else this.#seen.delete(path);
    return hash;
  }

  /** Writes what was learnt. @param complete the whole context was walked: what was not seen is gone */
  save(complete: boolean): void {
    if (!this.#changed && !(complete && this.#seen.size !== this.#known.size)) return;
    const entries = complete ? this.#seen : new Map([...this.#known, ...this.#seen]);
    const fields: string[] = [];
    for (const [path, [signature, hash]] of entries) fields.push(path, signature, hash);
    replaceFile(this.#file, fsPath(`${fields.join("\0")}\0`), { mode: 0o600 });
  }
}

/**
 * ctime moves with every change of content, size, owner, attributes or mtime. Whole milliseconds do: what is remembered is older than
 * `racyMs`, so that the next change falls into another one.
 */
function signatureOf({ dev, ino, size, ctimeMs }: Stats): string {
  return `${dev}:${ino}:${size}:${Math.floor(ctimeMs)}`;
}

/** Files are read through one buffer: one for each would leave as many megabytes to be collected as the context has. */
let buffer: Buffer | undefined;
const chunk = 1 << 20;

/**
 * Hashes a file's content (SHA-256, hex), and its extended attributes where it has any; `stable` is its signature when it
 * did not change meanwhile and is old enough to be trusted later.
 */
export function hashFile(absolute: string | Buffer): { hash: string; stable: string | undefined } {
  const fd = openSync(absolute, "r");
  try {
    const before = fstatSync(fd);
    const attributes = attributesText(readAttributes(absolute));
    const hash = hashContent(fd) + (attributes && `+${hashOf("sha256", attributes, "hex")}`);
    const after = fstatSync(fd);
    const signature = signatureOf(after);
    const settled = Math.max(after.ctimeMs, after.mtimeMs) < Date.now() - racyMs;
    return { hash, stable: settled && signature === signatureOf(before) ? signature : undefined };
  } finally {
    closeSync(fd);
  }
}

function hashContent(fd: number): string {
  buffer ??= Buffer.allocUnsafeSlow(chunk);
  const first = readSync(fd, buffer);
  // Most files end here: one call is half the price of three.
  if (first < chunk && readSync(fd, buffer, first, 1, null) === 0) return hashOf("sha256", buffer.subarray(0, first), "hex");
  return hashLarge(fd, buffer);
}

function hashLarge(fd: number, buffer: Buffer): string {
  const hash = createHash("sha256");
  let at = 0;
  for (let size = readSync(fd, buffer, 0, chunk, 0); size > 0; size = readSync(fd, buffer, 0, chunk, at)) {
    hash.update(buffer.subarray(0, size));
    at += size;
  }
  return hash.digest("hex");
}
