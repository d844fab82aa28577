/** The files that a log has been rotated into: their names, a further one, and those that are beyond the limit. */
import { closeSync, linkSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { punchHole } from "../../sys/files.ts";
import type { LogLimit } from "../plan/index.ts";

/** Bytes that a file system can give back. */
const page = 4096;

/** The numbers of a log's rotated files, the oldest first. */
export function generations(log: string): number[] {
  const prefix = `${basename(log)}.`;
  let names: string[];
  try {
    names = readdirSync(dirname(log));
  } catch {
    return []; // the container is gone
  }
  const numbers = names.map((name) => (name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN));
  return numbers.filter(Number.isInteger).sort((a, b) => a - b);
}

export const generationPath = (log: string, number: number) => `${log}.${number}`;

/** Which file has a name now. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Gives the log's file the name under which it is kept once another takes its place. */
export function keepGeneration(log: string): string {
  const path = generationPath(log, (generations(log).at(-1) ?? 0) + 1);
  linkSync(log, path);
  return path;
}

/**
 * Removes what is beyond the limit, the oldest first; of a file that became too large, its head. Of the newest the name stays,
 * though it be of an empty file: numbers go on from it, by which a reader knows what it has missed.
 */
export function prune(log: string, { maxSize, maxFile }: LogLimit): void {
  const newest = generations(log).at(-1);
  if (maxFile === 1 && newest !== undefined) empty(generationPath(log, newest));
  let budget = maxSize * (maxFile - 1);
  for (const [age, number] of generations(log).reverse().entries()) {
    const path = generationPath(log, number);
    if (age > 0 && (age >= maxFile - 1 || budget <= 0)) {
      rmSync(path, { force: true });
      continue;
    }
    const { size } = statSync(path);
    if (size - budget >= page) cutHead(path, size - budget);
    budget -= size;
  }
}

/** By another file: a reader may have this one open. */
function empty(path: string): void {
  const fresh = `${path}.tmp`;
  writeFileSync(fresh, "", { mode: statSync(path).mode & 0o777 });
  renameSync(fresh, path);
}

function cutHead(path: string, length: number): void {
  const fd = openSync(path, "r+");
  try {
    punchHole(fd, length - (length % page));
  } finally {
    closeSync(fd);
  }
}
