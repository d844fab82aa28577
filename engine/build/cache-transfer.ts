/**
 * The cache in a directory, for other machines (`--cache-to`, `--cache-from` type=local):
 *
 *     DIRECTORY/berth-cache.json    the steps: key, layer, time
 *     DIRECTORY/blobs/sha256/HEX    each layer's tar, gzip; HEX is its diff id
 *
 * A step that is asked for and not in the store is taken from there; its layer's content is checked against its diff id.
 */
import {
  closeSync,
  createWriteStream,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { EngineError, toEngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { storeLayer as unpackLayer } from "../image/layer-store.ts";
import { findLayer as findStored } from "../image/layers.ts";
import { layerTar } from "../image/save.ts";
import { type CachedLayer, findLayer, storeLayer } from "./cache.ts";
import type { BuildOptions } from "./index.ts";
import type { Progress } from "./progress.ts";

const index = "berth-cache.json";
const version = 1;

interface CarriedStep {
  key: string;
  diffId: string;
  /** RFC 3339, of the layer. */
  created: string;
  description: string;
}

interface Index {
  version: number;
  steps: CarriedStep[];
}

/** Steps that can be taken from directories. */
export interface CarriedCache {
  /** Brings a step's layer into the store; undefined when no directory has it. @param parent chain id of the layers below */
  take(key: string, parent: string, signal: AbortSignal): Promise<CachedLayer | undefined>;
}

/** Opens the directories of `--cache-from`. One that is not there, or no cache, is a warning: the build goes on without. */
export function openCarried(
  house: House,
  { cacheFrom = [], cwd = process.cwd() }: BuildOptions,
  progress: Progress,
): CarriedCache | undefined {
  const steps = new Map<string, CarriedStep & { directory: string }>();
  for (const fields of cacheFrom) {
    const directory = resolve(cwd, directoryOf(fields, "src", "--cache-from"));
    try {
      for (const step of readIndex(directory).steps) steps.set(step.key, { ...step, directory });
    } catch (error) {
      progress.warn(`cannot use the cache in "${fields["src"]}": ${(error as Error).message}`);
    }
  }
  if (steps.size === 0) return undefined;
  return {
    async take(key, parent, signal) {
      const step = steps.get(key);
      return step && takeStep(house, step, parent, signal);
    },
  };
}

async function takeStep(
  house: House,
  step: CarriedStep & { directory: string },
  parent: string,
  signal: AbortSignal,
): Promise<CachedLayer | undefined> {
  const { key, diffId, created, description, directory } = step;
  const blob = blobOf(directory, diffId);
  if (!existsSync(blob)) return undefined;
  const fd = openSync(blob, "r");
  try {
    const layer = await unpackLayer(house, parent, { fd, start: 0, end: fstatSync(fd).size }, { signal, diffId });
    return storeLayer(house, key, { ...layer, created }, { description, parent });
  } finally {
    closeSync(fd);
  }
}

function directoryOf(fields: Record<string, string>, member: "src" | "dest", flag: string): string {
  if (fields["type"] !== "local") {
    throw new EngineError("unsupported", `cannot use ${flag} of type "${fields["type"] ?? ""}"`, {
      exit: 1,
      hint: `write ${flag} type=local,${member}=DIRECTORY`,
    });
  }
  const directory = fields[member];
  if (!directory) throw new EngineError("usage", `${flag} names no directory`, { hint: `write ${flag} type=local,${member}=DIRECTORY` });
  return directory;
}

/** Refuses a malformed flag before anything is built. */
export function checkCacheFlags({ cacheFrom = [], cacheTo = [] }: BuildOptions): void {
  for (const fields of cacheFrom) directoryOf(fields, "src", "--cache-from");
  for (const fields of cacheTo) directoryOf(fields, "dest", "--cache-to");
}

function readIndex(directory: string): Index {
  const parsed = JSON.parse(readFileSync(join(directory, index), "utf8")) as Index;
  if (parsed.version !== version || !Array.isArray(parsed.steps)) throw new Error("it is of another version");
  const good = ({ key, diffId }: CarriedStep) => /^[0-9a-f]{64}$/.test(key) && /^sha256:[0-9a-f]{64}$/.test(diffId);
  return { ...parsed, steps: parsed.steps.filter(good) };
}

function blobOf(directory: string, diffId: string): string {
  return join(directory, "blobs", "sha256", diffId.slice("sha256:".length));
}

/** Writes the steps of a build to the directories of `--cache-to`; layers that are there already are left alone. */
export async function writeCarried(
  house: House,
  { cacheTo = [], cwd = process.cwd() }: BuildOptions,
  keys: readonly string[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  for (const fields of cacheTo) {
    const directory = resolve(cwd, directoryOf(fields, "dest", "--cache-to"));
    await progress.step("exporting cache to client directory", async () => {
      try {
        await writeDirectory(house, directory, [...new Set(keys)], signal);
      } catch (error) {
        throw toEngineError(error, `cannot write the cache to "${fields["dest"]}"`);
      }
    });
  }
}

async function writeDirectory(house: House, directory: string, keys: readonly string[], signal: AbortSignal): Promise<void> {
  mkdirSync(join(directory, "blobs", "sha256"), { recursive: true });
  const steps: CarriedStep[] = [];
  for (const key of keys) {
    const layer = findLayer(house, key);
    if (!layer) continue;
    await writeBlob(house, directory, layer, signal);
    const description = house.db.get<{ description: string }>("SELECT description FROM build_cache WHERE key = ?", key)?.description ?? "";
    steps.push({ key, diffId: layer.diffId, created: layer.created, description });
  }
  const temporary = join(directory, `${index}.${process.pid}`);
  writeFileSync(temporary, JSON.stringify({ version, steps } satisfies Index));
  renameSync(temporary, join(directory, index));
}

async function writeBlob(house: House, directory: string, { chainId, diffId }: CachedLayer, signal: AbortSignal): Promise<void> {
  const blob = blobOf(directory, diffId);
  const layer = findStored(house, chainId);
  if (!layer || existsSync(blob)) return;
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  const { createGzip } = process.getBuiltinModule("node:zlib");
  const temporary = `${blob}.${process.pid}`;
  try {
    await pipeline(layerTar(house, layer, signal), createGzip({ level: 1 }), createWriteStream(temporary));
    renameSync(temporary, blob);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
