/**
 * The cache in a directory (`--cache-to`, `--cache-from` type=local):
 *
 *     DIRECTORY/berth-cache.json    the steps: key, layer, time
 *     DIRECTORY/blobs/sha256/HEX    each layer's tar, gzip; HEX is its diff id
 */
import { closeSync, createWriteStream, existsSync, fstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { layerTar } from "../../image/archive/index.ts";
import { findLayer as findStored } from "../../image/layers/index.ts";
import { replaceFile } from "../../replace-file.ts";
import type { Ground } from "../../state/ground.ts";
import { usersMode } from "../../state/users-mode.ts";
import { openRegular, readLimited } from "../../sys/limited-file.ts";
import type { CachedLayer } from "../cache/index.ts";
import { type CarriedStep, isGood, type UsedStep } from "./carried.ts";

const index = "berth-cache.json";
const version = 1;
/** Bytes of an index: steps of thousands of builds. */
const maxIndex = 64 << 20;

interface Index {
  version: number;
  steps: { key: string; diffId: string; created: string }[];
}

/** The steps that a directory offers. Throws when it is not there, or no cache. */
export function readDirectory(directory: string): CarriedStep[] {
  const parsed = JSON.parse(readLimited(join(directory, index), { limit: maxIndex, name: `"${index}"` }).toString("utf8")) as Index;
  if (parsed.version !== version || !Array.isArray(parsed.steps)) throw new Error("it is of another version");
  return parsed.steps.filter(isGood).map((step) => ({ ...step, open: () => openBlob(blobOf(directory, step.diffId)) }));
}

function openBlob(blob: string): ReturnType<CarriedStep["open"]> {
  if (!existsSync(blob)) return undefined;
  const fd = openRegular(blob, `"${blob}"`);
  return { source: { fd, start: 0, end: fstatSync(fd).size }, [Symbol.dispose]: () => closeSync(fd) };
}

function blobOf(directory: string, diffId: string): string {
  return join(directory, "blobs", "sha256", diffId.slice("sha256:".length));
}

/** Writes the steps; layers that are there already are left alone. */
export async function writeDirectory(ground: Ground, directory: string, used: readonly UsedStep[], signal: AbortSignal): Promise<void> {
  mkdirSync(join(directory, "blobs", "sha256"), { recursive: true, mode: usersMode(ground, 0o777) });
  for (const { layer } of used) await writeBlob(ground, directory, layer, signal);
  const steps = used.map(({ key, layer: { diffId, created } }) => ({ key, diffId, created }));
  replaceFile(join(directory, index), JSON.stringify({ version, steps } satisfies Index), { mode: usersMode(ground, 0o666) });
}

async function writeBlob(ground: Ground, directory: string, { chainId, diffId }: CachedLayer, signal: AbortSignal): Promise<void> {
  const blob = blobOf(directory, diffId);
  const layer = findStored(ground, chainId);
  if (!layer || existsSync(blob)) return;
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  const { createGzip } = process.getBuiltinModule("node:zlib");
  const temporary = `${blob}.${process.pid}`;
  try {
    await pipeline(
      layerTar(ground, layer, { signal }),
      createGzip({ level: 1 }),
      createWriteStream(temporary, { mode: usersMode(ground, 0o666) }),
    );
    renameSync(temporary, blob);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
