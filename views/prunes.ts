/**
 * What a prune would remove, and how much that frees, before it is asked. Read from the engine at that moment: it says what the
 * prune itself will find, unless others change it meanwhile.
 */
import type { CacheRecord, ContainerSummary, Engine, ImageSummary, NetworkInspect, VolumeInspect } from "../engine/index.ts";
import { humanSize } from "../src/format/size.ts";
import type { Question } from "./keymap.ts";
import { counted } from "./keys/named.ts";
import { containerName } from "./resources/containers.ts";
import { shortId } from "./resources/resource.ts";
import type { Tui } from "./tui.ts";

export type PruneKind = "containers" | "images" | "all images" | "volumes" | "networks" | "cache" | "everything";

interface Doomed {
  /** "stopped container", for counting. */
  noun: string;
  items: { name: string; size?: number }[];
  /** Bytes, where that is not the sum of the sizes. */
  frees?: number;
  /** Some of it may be held by something else, that stays. */
  isMost?: boolean;
  /** What is lost with it. */
  loss?: string;
}

/** Items of one kind that are named; more are counted. */
const mostNamed = 8;

/** @returns undefined when nothing would go @throws what the engine says */
export async function pruneQuestion(engine: Engine, kind: PruneKind): Promise<Question | undefined> {
  const doomed = (await doomedBy(engine, kind)).filter(({ items }) => items.length > 0);
  if (doomed.length === 0) return undefined;
  const [only] = doomed;
  const what = doomed.map(({ noun, items }) => counted(items.length, noun)).join(", ");
  const detail = doomed.flatMap((part) => linesOf(part, doomed.length > 1));
  return {
    question: `Remove ${what}${freed(doomed)}?`,
    detail: [...detail, ...(doomed.length === 1 && only?.loss ? [only.loss] : [])],
    grave: true,
  };
}

/** ", which frees 12MB"; nothing where no sizes are known. */
function freed(doomed: readonly Doomed[]): string {
  const sizes = doomed.map(({ items, frees }) => frees ?? sum(items.flatMap(({ size }) => (size === undefined ? [] : [size]))));
  if (doomed.every(({ items }) => items.every(({ size }) => size === undefined))) return "";
  const isMost = doomed.some((part) => part.isMost && part.items.length > 0);
  return `, which frees ${isMost ? "up to " : ""}${humanSize(sum(sizes))}`;
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

/** Largest first: that is what people look for. */
function linesOf({ noun, items }: Doomed, isOneOfMany: boolean): string[] {
  const sorted = [...items].sort((a, b) => (b.size ?? 0) - (a.size ?? 0));
  const more = items.length - mostNamed;
  const sizes = (size: number | undefined) => (size === undefined ? "" : humanSize(size).padStart(9));
  return [
    ...(isOneOfMany ? [`${counted(items.length, noun)}:`] : []),
    ...sorted.slice(0, mostNamed).map(({ name, size }) => `${sizes(size)}  ${name}`),
    ...(more > 0 ? [`${" ".repeat(9)}  and ${more} more`] : []),
  ];
}

async function doomedBy(engine: Engine, kind: PruneKind): Promise<Doomed[]> {
  switch (kind) {
    case "containers":
      return [await stoppedContainers(engine)];
    case "images":
      return [await images(engine, false)];
    case "all images":
      return [await images(engine, true)];
    case "volumes":
      return [await anonymousVolumes(engine)];
    case "networks":
      return [await unusedNetworks(engine)];
    case "cache":
      return [await cache(engine)];
    case "everything": {
      const containers = await stoppedContainers(engine);
      return [containers, ...(await Promise.all([unusedNetworks(engine), images(engine, false), cache(engine)]))];
    }
  }
}

async function stoppedContainers(engine: Engine): Promise<Doomed> {
  const filters = { status: ["created", "exited", "dead"] };
  const rows: ContainerSummary[] = await engine.containers.list({ all: true, size: true, filters });
  return {
    noun: "stopped container",
    items: rows.map((row) => ({ name: containerName(row), size: row.SizeRw ?? 0 })),
    loss: "What they wrote outside of volumes is lost.",
  };
}

/** The build cache may keep layers of theirs. */
async function images(engine: Engine, all: boolean): Promise<Doomed> {
  const rows: ImageSummary[] = await engine.images.list();
  const doomed = rows.filter((row) => row.Containers <= 0 && (all || row.Dangling));
  return {
    noun: all ? "unused image" : "dangling image",
    items: doomed.map((row) => ({ name: row.RepoTags.join(", ") || shortId(row.Id), size: row.Size })),
    frees: await ownLayers(
      engine,
      doomed,
      rows.filter((row) => !doomed.includes(row)),
    ),
    isMost: true,
  };
}

/** Bytes of the layers that none of the others has; each counts once. */
async function ownLayers(engine: Engine, rows: readonly ImageSummary[], others: readonly ImageSummary[]): Promise<number> {
  if (rows.length === 0) return 0;
  const layers = new Map((await Promise.all(rows.map((row) => layersOf(engine, row)))).flat());
  for (const layer of (await Promise.all(others.map((row) => layersOf(engine, row)))).flat()) layers.delete(layer[0]);
  return sum([...layers.values()]);
}

/** Each layer by all that lies below it, with its bytes; the image as one where its history does not tell them. */
async function layersOf(engine: Engine, { Id, Size }: ImageSummary): Promise<[chain: string, bytes: number][]> {
  const [{ RootFS }, history] = await Promise.all([engine.images.inspect(Id), engine.images.history(Id)]);
  const digests = RootFS.Layers ?? [];
  const sizes = [...history].reverse().flatMap((step) => (step.Size > 0 ? [step.Size] : []));
  if (sizes.length !== digests.length) return [[digests.join(" "), Size]];
  return sizes.map((size, at) => [digests.slice(0, at + 1).join(" "), size]);
}

async function anonymousVolumes(engine: Engine): Promise<Doomed> {
  const rows: VolumeInspect[] = await engine.volumes.list({ size: true, filters: { dangling: ["true"] } });
  const isAnonymous = ({ Labels }: VolumeInspect) => Object.hasOwn(Labels ?? {}, "com.docker.volume.anonymous");
  const items = rows.filter(isAnonymous).map(({ Name, UsageData }) => ({ name: Name, size: Math.max(0, UsageData?.Size ?? 0) }));
  return { noun: "unused anonymous volume", items, loss: "All data in them is lost." };
}

async function unusedNetworks(engine: Engine): Promise<Doomed> {
  const rows: NetworkInspect[] = await engine.networks.list({ filters: { dangling: ["true"] } });
  return { noun: "unused network", items: rows.map(({ Name }) => ({ name: Name })) };
}

/** Layers that images use are only forgotten, and stay out of a prune without --all. */
async function cache(engine: Engine): Promise<Doomed> {
  const rows: CacheRecord[] = await engine.builder.du();
  const items = rows.filter(({ InUse, Shared }) => !InUse && !Shared).map(({ Description, Size }) => ({ name: Description, size: Size }));
  return { noun: "build cache record", items, isMost: true };
}

/** Asks with what would go; says so when that is nothing. For an action's `confirm`. */
export const asksToPrune = (kind: PruneKind) => async (tui: Tui) => {
  const question = await pruneQuestion(tui.engine, kind);
  if (!question) tui.notes.info("there is nothing to remove: all of it is in use");
  return question;
};
