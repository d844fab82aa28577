/** Whether the state directory can carry overlay mounts: tried with a real one, as kernels and file systems differ. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountOverlay, unmountOverlay } from "../../image/layers/index.ts";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { type Check, error, ok } from "../check.ts";

export const overlay: Check = {
  name: "overlay",
  run(ground) {
    void ground.db;
    const directory = mkdtempSync(join(ground.paths.tmp, "doctor-"));
    using _lease = takeLease(ground, "temporary", directory.slice(ground.paths.tmp.length + 1));
    try {
      tryMount(directory);
      return ok(`mounts work in ${ground.paths.root}`);
    } catch (cause) {
      return error((cause as Error).message, remedyFor(ground));
    } finally {
      unmountOverlay(join(directory, "merged"));
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

function tryMount(directory: string): void {
  const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ];
  mkdirSync(lower);
  writeFileSync(join(lower, "file"), "below");
  mountOverlay({ lower: [lower], upper, work, merged });
  writeFileSync(join(merged, "file"), "above");
}

function remedyFor({ paths }: Ground): string {
  return `modprobe overlay; the state directory needs a local file system such as ext4, xfs (ftype=1) or btrfs: choose one with --root if ${paths.root} is on another`;
}
