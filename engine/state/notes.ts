/**
 * Notes that any process may leave for the next one, and that all can do without: texts by name, private, bounded, gone after a reboot.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../replace-file.ts";
import { sha256 } from "../sys/digest.ts";
import type { Ground } from "./ground.ts";

/** Characters of a note; what is longer is not kept. */
const longest = 1 << 20;
/** Notes of a state directory: of more, the oldest go. */
const most = 32;

/** undefined where there is none. */
export function readNote({ paths }: Ground, name: string): string | undefined {
  try {
    return readFileSync(join(paths.notes, sha256(name)), "utf8");
  } catch {
    return undefined;
  }
}

/** What cannot be written is not missed: the disk is full. */
export function writeNote({ paths }: Ground, name: string, text: string): void {
  if (text.length > longest) return;
  const file = join(paths.notes, sha256(name));
  try {
    mkdirSync(paths.notes, { recursive: true, mode: 0o700 });
    replaceFile(file, text, { mode: 0o600 });
    removeOldest(paths.notes);
  } catch {
    // Without it things take longer.
  }
}

function removeOldest(directory: string): void {
  const names = readdirSync(directory);
  if (names.length <= most) return;
  const age = (name: string) => statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const oldest = names.map((name) => ({ name, age: age(name) })).sort((a, b) => a.age - b.age);
  for (const { name } of oldest.slice(0, names.length - most)) rmSync(join(directory, name), { force: true });
}
