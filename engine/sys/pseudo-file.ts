/**
 * Files that the kernel writes as they are read: proc(5) and control groups. They claim a size of 0, for which Node's
 * readFileSync makes a new buffer per read and joins them; with a hundred containers' figures that is most of the time.
 */
import { closeSync, openSync, readSync } from "node:fs";

const buffer = Buffer.allocUnsafeSlow(64 * 1024);
/** Bytes after which more may follow: one read gives whole records up to a page, and none in these files is as long as the rest of it. */
const half = 2048;

/**
 * The content as latin1, at most 64 KiB.
 * @throws the system error of open(2) or read(2)
 */
export function readPseudoFile(path: string): string {
  const fd = openSync(path, "r");
  try {
    return contentOf(fd);
  } finally {
    closeSync(fd);
  }
}

function contentOf(fd: number): string {
  let size = readSync(fd, buffer, 0, buffer.length, 0);
  for (let read = size; read >= half && size < buffer.length; size += read) read = readSync(fd, buffer, size, buffer.length - size, size);
  return buffer.toString("latin1", 0, size);
}

/** For who reads the same files again and again: opening and closing one takes longer than reading it, so they stay open. */
export class KeptPseudoFiles implements Disposable {
  #open = new Map<string, number>();
  #wasRead = new Set<string>();
  #most: number;

  /** @param most files kept open; others are read as `readPseudoFile` does */
  constructor(most = 800) {
    this.#most = most;
  }

  /** @throws the system error of open(2) or read(2) */
  readonly read = (path: string): string => {
    this.#wasRead.add(path);
    const kept = this.#open.get(path);
    if (kept === undefined) return this.#first(path);
    try {
      return contentOf(kept);
    } catch {
      this.#close(path, kept); // what it was of is gone; another of its name may be there
      return this.#first(path);
    }
  };

  #first(path: string): string {
    if (this.#open.size >= this.#most) return readPseudoFile(path);
    const fd = openSync(path, "r");
    this.#open.set(path, fd);
    return contentOf(fd);
  }

  #close(path: string, fd: number): void {
    this.#open.delete(path);
    closeSync(fd);
  }

  /** Closes those that were not read since the last time. */
  sweep(): void {
    for (const [path, fd] of this.#open) if (!this.#wasRead.has(path)) this.#close(path, fd);
    this.#wasRead.clear();
  }

  [Symbol.dispose](): void {
    for (const [path, fd] of this.#open) this.#close(path, fd);
  }
}
