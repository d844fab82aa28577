/** Free space and inodes where images and containers are kept. */
import { statfsSync } from "node:fs";
import { type Check, error, type Finding, ok, warning } from "../check.ts";

export interface DiskFacts {
  /** Bytes. */
  free: number;
  total: number;
  /** Inodes; 0 in all where the file system has no fixed number. */
  freeInodes: number;
  totalInodes: number;
}

const GiB = 2 ** 30;
const prune = "berth system prune -a";

/** Pure. Below 100 MiB hardly any image fits; below 2 GiB a build may end in the middle. */
export function judgeDisk(facts: DiskFacts, directory: string): Finding {
  const detail = `${(facts.free / GiB).toFixed(1)} GiB of ${(facts.total / GiB).toFixed(1)} GiB free on ${directory}`;
  if (facts.free < 0.1 * GiB) return error(detail, prune);
  if (facts.totalInodes > 0 && facts.freeInodes < 1000) return error(`only ${facts.freeInodes} inodes free on ${directory}`, prune);
  return facts.free < 2 * GiB ? warning(detail, prune) : ok(detail);
}

export const disk: Check = {
  name: "disk",
  run({ paths, db }) {
    void db; // makes the directory
    const { bavail, blocks, bsize, ffree, files } = statfsSync(paths.root);
    return judgeDisk({ free: bavail * bsize, total: blocks * bsize, freeInodes: ffree, totalInodes: files }, paths.root);
  },
};
