/**
 * `rmi`: takes a name away, and the image with its last name. What stops it is docker's: an image that a running
 * container uses or that others are made from stays; one of a stopped container, or with several names, needs force.
 */
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { chainsOf } from "./chain.ts";
import { collectChain } from "./layers.ts";
import { familiar, full, type Reference, repository } from "./reference.ts";
import { emitImage, type Found, type ImageRow, parseConfig, referencesOf, requireImage, sameRepository } from "./store.ts";
import type { ImageDeleteRow } from "./types.ts";

export interface RemoveOptions {
  force?: boolean;
  /** Keep untagged parents. */
  noPrune?: boolean;
}

interface Outcome {
  rows: ImageDeleteRow[];
  /** Chains that lost an image. */
  chains: string[];
  events: { action: "untag" | "delete"; id: string; name: string }[];
}

/**
 * @returns what was done, in order: names taken away, images and layers deleted
 * @throws EngineError `not-found`, `ambiguous`, `in-use`
 */
export async function removeImage(house: House, ref: string, options: RemoveOptions = {}): Promise<ImageDeleteRow[]> {
  return (await removeAndMeasure(house, ref, options)).rows;
}

/** The same, with the bytes that became free. */
export async function removeAndMeasure(
  house: House,
  ref: string,
  options: RemoveOptions,
): Promise<{ rows: ImageDeleteRow[]; bytes: number }> {
  const outcome: Outcome = { rows: [], chains: [], events: [] };
  house.db.transaction(() => {
    const found = requireImage(house, ref);
    if (found.reference) removeName(house, found as Required<Found>, options, outcome);
    else removeById(house, found.image, ref, options, outcome);
  });
  for (const event of outcome.events) emitImage(house, event.action, event.id, event.name);
  let bytes = 0;
  for (const chain of outcome.chains) bytes += (await collectChain(house, chain)).bytes;
  return { rows: outcome.rows, bytes };
}

function removeName(house: House, { image, reference }: Required<Found>, options: RemoveOptions, outcome: Outcome): void {
  const others = referencesOf(house, image.id).filter((each) => full(each) !== full(reference));
  // The digests of a repository go with its last tag.
  const digests = others.filter((each) => each.digest !== undefined && sameRepository(each, reference));
  const tagsLeft = others.filter((each) => each.tag !== undefined);
  const keepsRepository = tagsLeft.some((each) => sameRepository(each, reference));
  const isLast = tagsLeft.length === 0 && others.length === digests.length;
  if (isLast && !options.force) checkContainers(house, image, familiar(reference), options);
  for (const each of keepsRepository ? [reference] : [reference, ...digests]) untag(house, image, each, outcome);
  if (isLast && !isInUse(house, image)) deleteImage(house, image, options, outcome);
}

function removeById(house: House, image: ImageRow, ref: string, options: RemoveOptions, outcome: Outcome): void {
  const references = referencesOf(house, image.id);
  const repositories = new Set(references.filter((each) => each.tag !== undefined).map(repository));
  const tags = references.filter((each) => each.tag !== undefined);
  if (!options.force && (repositories.size > 1 || tags.length > 1)) {
    throw new EngineError("in-use", `cannot delete "${ref}": the image has several names (${tags.map(familiar).join(", ")})`, {
      hint: "remove the names one by one, or force with -f",
    });
  }
  if (hasChildren(house, image))
    throw new EngineError("in-use", `cannot delete "${ref}": other images are made from it`, { hint: "remove those images first" });
  checkContainers(house, image, ref, options);
  for (const each of references) untag(house, image, each, outcome);
  if (!isInUse(house, image)) deleteImage(house, image, options, outcome);
}

function untag(house: House, image: ImageRow, reference: Reference, outcome: Outcome): void {
  house.db.run("DELETE FROM tags WHERE reference = ?", full(reference));
  outcome.rows.push({ Untagged: familiar(reference) });
  outcome.events.push({ action: "untag", id: image.id, name: familiar(reference) });
}

function containersOf(house: House, image: ImageRow): { id: string; status: string }[] {
  return house.db.all("SELECT id, status FROM containers WHERE image = ?", image.id);
}

function hasChildren(house: House, image: ImageRow): boolean {
  return house.db.get("SELECT 1 AS found FROM images WHERE parent = ? LIMIT 1", image.id) !== undefined;
}

/** A stopped container still needs its image's layers: even with force the image then only loses its names. */
function isInUse(house: House, image: ImageRow): boolean {
  return hasChildren(house, image) || containersOf(house, image).length > 0;
}

function checkContainers(house: House, image: ImageRow, ref: string, { force }: RemoveOptions): void {
  const containers = containersOf(house, image);
  const running = containers.find(({ status }) => status === "running" || status === "paused" || status === "restarting");
  const used = running ?? containers[0];
  if (!used || (force && !running)) return;
  const state = running ? "running" : "stopped";
  const hint = running
    ? `stop and remove the container first: berth rm -f ${used.id.slice(0, 12)}`
    : "remove the container first, or force with -f";
  throw new EngineError("in-use", `cannot delete "${ref}": the ${state} container ${used.id.slice(0, 12)} uses it`, { hint });
}

function deleteImage(house: House, image: ImageRow, options: RemoveOptions, outcome: Outcome): void {
  house.db.run("DELETE FROM images WHERE id = ?", image.id);
  outcome.rows.push({ Deleted: image.id });
  outcome.events.push({ action: "delete", id: image.id, name: image.id });
  outcome.chains.push(image.chain_id);
  outcome.rows.push(...deletedLayers(house, image));
  const parent = image.parent && house.db.get<ImageRow>("SELECT * FROM images WHERE id = ?", image.parent);
  if (!parent || options.noPrune) return;
  if (referencesOf(house, parent.id).length === 0 && !isInUse(house, parent)) deleteImage(house, parent, options, outcome);
}

/** The layers that go with the image, topmost first: docker names them too. */
function deletedLayers(house: House, image: ImageRow): ImageDeleteRow[] {
  const needed = (chain: string, child: string | undefined) =>
    house.db.get(
      "SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM images WHERE chain_id = ?) OR EXISTS (SELECT 1 FROM build_cache WHERE chain_id = ?) OR EXISTS (SELECT 1 FROM layers WHERE parent = ? AND chain_id != ?)",
      chain,
      chain,
      chain,
      child ?? "",
    ) !== undefined;
  const rows: ImageDeleteRow[] = [];
  let child: string | undefined;
  for (const chain of chainsOf(parseConfig(image).rootfs.diff_ids).reverse()) {
    if (needed(chain, child)) break;
    rows.push({ Deleted: chain });
    child = chain;
  }
  return rows;
}
