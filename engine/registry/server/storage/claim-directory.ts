/** A directory becomes a registry's, and one server's: of something else's nothing is touched. */
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../../errors.ts";
import { LOCK, tryFlock } from "../../../sys/libc.ts";
import { algorithms } from "../protocol/names.ts";
import type { Layout } from "./layout.ts";
import { readIfThere } from "./repository-index.ts";

const formatVersion = 1;

/**
 * @returns the descriptor that holds it
 * @throws EngineError `in-use` when another server has it, `conflict` when it is something else's, `unsupported`
 */
export function claimDirectory(layout: Layout): number {
  mkdirSync(layout.root, { recursive: true, mode: 0o700 });
  refuseOthers(layout);
  const lock = openSync(layout.lock, "a", 0o600);
  if (!tryFlock(lock, LOCK.EX)) {
    closeSync(lock);
    throw new EngineError("in-use", `cannot use the directory "${layout.root}": another registry serves it`, {
      hint: "stop that one first",
    });
  }
  for (const directory of [layout.repositories, layout.uploads, layout.staging]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const algorithm of algorithms) mkdirSync(join(layout.root, "blobs", algorithm), { recursive: true, mode: 0o700 });
  return lock;
}

/** What is in a directory that is no registry's is not ours to add to. */
function refuseOthers(layout: Layout): void {
  const text = readIfThere(layout.format);
  if (text === undefined) begin(layout);
  const version = text === undefined ? formatVersion : (JSON.parse(text) as { formatVersion?: number }).formatVersion;
  if (version === formatVersion) return;
  throw new EngineError("unsupported", `cannot use the directory "${layout.root}": its format is ${version}`, {
    hint: "a newer berth has made it: use that",
  });
}

function begin(layout: Layout): void {
  const strangers = readdirSync(layout.root).filter((name) => name !== "lock" && name !== "lost+found");
  if (strangers.length > 0)
    throw new EngineError("conflict", `cannot use the directory "${layout.root}": it is not empty, and no registry's`, {
      hint: "name an empty directory, or one that a registry has made",
    });
  writeFileSync(layout.format, `${JSON.stringify({ formatVersion })}\n`, { mode: 0o600, flush: true });
}
