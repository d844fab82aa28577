/** File systems too small for what a test does on them. */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mountsBelow } from "./leaks.ts";

/** A tmpfs of its own, by mount(8)'s options; gone with the scope. */
export function smallDisk(options: string): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "berth-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "none", path]);
  return {
    path,
    [Symbol.dispose]() {
      for (const target of [...mountsBelow(path).reverse(), path]) execFileSync("umount", ["-l", target]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Writes until nothing fits any more. */
export function fill(path: string): void {
  const file = openSync(join(path, "filler"), "w");
  for (let size = 64 * 1024; size >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(size));
    } catch {
      size >>= 1;
    }
  }
  closeSync(file); // who removes it gets the room back
}
