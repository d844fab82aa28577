/** Files that this user's programs keep for one another: only taken if they are this user's. Loads nothing of the bundle. */
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** A file's content, if it is this user's; undefined otherwise. */
export function readOwn(path: string): Buffer | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    if (fstatSync(fd).uid === process.geteuid?.()) return readFileSync(fd);
  } catch {
    // Not there yet, or no file.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return undefined;
}

/**
 * Whole or not at all, after a power cut too: V8 takes damaged code at its word. As replaceFile, which is of the bundle.
 * @throws what node:fs throws
 */
export function keepOwn(path: string, data: Buffer | string): void {
  const made = `${path}.${process.pid}`;
  try {
    writeFileSync(made, data, { mode: 0o600, flush: true, flag: "wx" });
    renameSync(made, path);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}
