/** `-s`: bytes of a container's own layer, and of it with its image. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { House } from "../house.ts";
import { filesOf, findById } from "./record.ts";

export async function sizesOf(house: House, id: string): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const record = findById(house, id);
  const SizeRw = directorySize(filesOf(house, id).upper);
  const image = record && (await house.images.inspect(record.image).catch(() => undefined));
  return { SizeRw, SizeRootFs: SizeRw + (image?.Size ?? 0) };
}

/** Bytes of the regular files below; a file with several links counts once. */
export function directorySize(directory: string): number {
  const seen = new Set<number>();
  const sum = (path: string): number => {
    let total = 0;
    for (const entry of entriesOf(path)) {
      const each = join(path, entry.name);
      if (entry.isDirectory()) total += sum(each);
      else if (entry.isFile()) total += fileSize(each, seen);
    }
    return total;
  };
  return sum(directory);
}

function fileSize(path: string, seen: Set<number>): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found || (found.nlink > 1 && seen.has(found.ino))) return 0;
  seen.add(found.ino);
  return found.size;
}

/** A container that runs may remove what is being counted. */
function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
