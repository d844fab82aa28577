/**
 * Copies of rows, for the case that the database is lost: each container, layer, image and volume keeps the part of its row that
 * nothing else on disk tells. Read by `doctor --repair` alone; so a copy that could not be written is no failure.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBounded } from "../sys/bounded.ts";
import { parseColumn } from "./column.ts";
import type { Row } from "./db.ts";
import type { Ground } from "./ground.ts";

/** Bytes: of the largest image config there may be. */
const limit = 16 << 20;

/** Where each copy lies: in the directory of its object, so that both are removed together. */
export const keepsakeOf = {
  container: ({ paths }: Ground, id: string) => join(paths.containers, id, "record.json"),
  layer: ({ paths }: Ground, dir: string) => join(paths.layers, dir, "record.json"),
  image: ({ paths }: Ground, id: string) => join(paths.images, `${id.slice("sha256:".length)}.json`),
  volume: ({ paths }: Ground, name: string) => join(paths.volumes, name, "record.json"),
};

export function writeKeepsake(path: string, row: Row): void {
  try {
    writeFileSync(path, JSON.stringify(row), { mode: 0o600 });
  } catch {
    // The disk is full, or the thing is gone already.
  }
}

/** @returns undefined when there is none that can be read */
export function readKeepsake(path: string): Row | undefined {
  try {
    return parseColumn<Row>(readBounded(path, { limit }).toString("utf8"), {});
  } catch {
    return undefined;
  }
}

/** Names in a directory; none when it is not there. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
