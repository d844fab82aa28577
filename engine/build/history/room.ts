/** How much the files of builds may take: the oldest go first, those of running builds never. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { recordsDirectory } from "./file.ts";
import { runningBuilds } from "./rows.ts";

/** Bytes of all files together. */
const most = 64 << 20;
/** A build that wrote less does not look after the others. */
export const prunedBytes = 64 << 10;

export function pruneRecords(ground: Ground): void {
  const directory = recordsDirectory(ground);
  const running = runningBuilds(ground);
  const files = readdirSync(directory)
    .flatMap((name) => statOf(join(directory, name), name))
    .sort((a, b) => b.changed - a.changed);
  let total = 0;
  for (const { name, size } of files) {
    total += size;
    if (total > most && !running.has(name)) rmSync(join(directory, name), { force: true });
  }
}

function statOf(path: string, name: string): { name: string; size: number; changed: number }[] {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? [{ name, size: found.size, changed: found.mtimeMs }] : [];
}
