/**
 * `rmi`: takes a name away, and the image with its last name. The rules and their words are docker's: an image that a
 * running container uses or that others are made from stays; one of a stopped container, or with several names, needs
 * force. One rule is stricter: a stopped container needs its image to start again, so that even force takes only the
 * names away, and the image goes with `image prune` after the container.
 */
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import type { Lease } from "../../state/leases.ts";
import { chainsOf, familiar, full, type Reference } from "../documents/index.ts";
import { collectChain, oweCollection } from "../layers/index.ts";
import {
  collectBlobs,
  configOf,
  emitImage,
  type Found,
  type ImageRow,
  imageById,
  keepImage,
  oweBlobs,
  partsOfNames,
  referencesOf,
  requireImage,
  sameRepository,
} from "../store/index.ts";
import type { ImageDeleteRow } from "../types.ts";

export interface RemoveOptions {
  force?: boolean;
  /** Keep untagged parents. */
  noPrune?: boolean;
}

interface Outcome {
  rows: ImageDeleteRow[];
  /** Chains that lost an image, each with the lease that says so (`oweCollection`). */
  chains: { chain: string; duty: Lease }[];
  events: { action: "untag" | "delete"; id: string; name: string }[];
}

/**
 * @returns what was done, in order: names taken away, images and layers deleted
 * @throws EngineError `not-found`, `ambiguous`, `in-use`
 */
export async function removeImage(ground: Ground, ref: string, options: RemoveOptions = {}): Promise<ImageDeleteRow[]> {
  return (await removeAndMeasure(ground, ref, options)).rows;
}

/** The same, with the bytes that became free. */
export async function removeAndMeasure(
  ground: Ground,
  ref: string,
  options: RemoveOptions,
): Promise<{ rows: ImageDeleteRow[]; bytes: number }> {
  if (ref.trim() === "")
    throw new EngineError("invalid", "image name cannot be blank", { hint: "name an image, as 'berth images' lists them" });
  const outcome: Outcome = { rows: [], chains: [], events: [] };
  const owed = ground.db.transaction(() => {
    const found = requireImage(ground, ref);
    const parts = partsOfNames(ground);
    if (found.reference) removeName(ground, found as Required<Found>, ref, options, outcome);
    else removeById(ground, found.image, options, outcome);
    removeParts(ground, parts, options, outcome);
    return oweBlobs(ground);
  });
  let bytes = collectBlobs(ground, [owed]);
  for (const id of new Set(outcome.events.map((event) => event.id))) keepImage(ground, id);
  for (const event of outcome.events) emitImage(ground, event.action, event.id, event.name);
  for (const { chain, duty } of outcome.chains) bytes += (await collectChain(ground, chain, duty)).bytes;
  return { rows: outcome.rows, bytes };
}

/** The other platforms of what had its last name taken away. */
function removeParts(ground: Ground, before: ReadonlyMap<string, Reference[]>, options: RemoveOptions, outcome: Outcome): void {
  if (before.size === 0) return;
  const now = partsOfNames(ground);
  for (const id of before.keys()) {
    const image = now.has(id) ? undefined : imageById(ground, id);
    if (image && !conflictOf(ground, image)) deleteImage(ground, image, options, outcome);
  }
}

function removeName(ground: Ground, { image, reference }: Required<Found>, ref: string, options: RemoveOptions, outcome: Outcome): void {
  const references = referencesOf(ground, image.id);
  const [user] = ground.lent.containers.usersOf(image.id);
  if (!options.force && isSingle(references) && user) {
    throw new EngineError(
      "in-use",
      `conflict: unable to remove repository reference "${ref}" (must force) - container ${short(user.id)} is using its referenced image ${short(image.id)}`,
      { hint: `remove the container first with 'berth rm ${short(user.id)}', or force with -f` },
    );
  }
  untag(ground, image, reference, outcome);
  const others = references.filter((each) => full(each) !== full(reference));
  // The digests of a repository go with its last tag.
  const keepsDigests = reference.tag === undefined || others.some((each) => each.tag !== undefined && sameRepository(each, reference));
  const orphans = keepsDigests ? [] : others.filter((each) => sameRepository(each, reference));
  for (const each of orphans) untag(ground, image, each, outcome);
  if (others.length === orphans.length && !conflictOf(ground, image)) deleteImage(ground, image, options, outcome);
}

function removeById(ground: Ground, image: ImageRow, options: RemoveOptions, outcome: Outcome): void {
  const references = referencesOf(ground, image.id);
  const conflict = conflictOf(ground, image, isSingle(references) ? [] : references);
  if (conflict && (!options.force || conflict.isHard)) throw refusal(image, conflict);
  for (const each of references) untag(ground, image, each, outcome);
  const left = conflictOf(ground, image);
  if (!left) deleteImage(ground, image, options, outcome);
  else if (references.length === 0) throw refusal(image, { ...left, isHard: true }); // no name to take away: nothing was done
}

/** Docker's rule for what an id stands for: at most one tag, and nothing beside it but digests of its repository. */
function isSingle(references: readonly Reference[]): boolean {
  const tags = references.filter((each) => each.tag !== undefined);
  const [first] = tags.length > 0 ? tags : references;
  return tags.length <= 1 && references.every((each) => sameRepository(each, first!));
}

function untag(ground: Ground, image: ImageRow, reference: Reference, outcome: Outcome): void {
  ground.db.run("DELETE FROM tags WHERE reference = ?", full(reference));
  outcome.rows.push({ Untagged: familiar(reference) });
  outcome.events.push({ action: "untag", id: image.id, name: familiar(reference) });
}

interface Conflict {
  why: string;
  hint: string;
  /** Force does not help. */
  isHard: boolean;
}

/** The first thing that stands against deleting an image, in docker's order; `references` are names that count as such. */
function conflictOf(ground: Ground, image: ImageRow, references: readonly Reference[] = []): Conflict | undefined {
  if (ground.db.get("SELECT 1 AS found FROM images WHERE parent = ? LIMIT 1", image.id))
    return { why: "image has dependent child images", hint: "remove those images first", isHard: true };
  const containers = ground.lent.containers.usersOf(image.id);
  const running = containers.find(({ status }) => status === "running" || status === "paused" || status === "restarting");
  if (running) {
    const hint = `stop and remove the container first: berth rm -f ${short(running.id)}`;
    return { why: `image is being used by running container ${short(running.id)}`, hint, isHard: true };
  }
  if (references.length > 0) {
    const hint = `remove the names one by one (${references.map(familiar).join(", ")}), or force with -f`;
    return { why: "image is referenced in multiple repositories", hint, isHard: false };
  }
  const [stopped] = containers;
  if (!stopped) return undefined;
  const hint = `remove the container first with 'berth rm ${short(stopped.id)}', or force with -f to take the names away`;
  return { why: `image is being used by stopped container ${short(stopped.id)}`, hint, isHard: false };
}

function refusal(image: ImageRow, { why, hint, isHard }: Conflict): EngineError {
  const force = isHard ? "cannot be forced" : "must be forced";
  return new EngineError("in-use", `conflict: unable to delete ${short(image.id)} (${force}) - ${why}`, { hint });
}

function short(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}

function deleteImage(ground: Ground, image: ImageRow, options: RemoveOptions, outcome: Outcome): void {
  ground.db.run("DELETE FROM images WHERE id = ?", image.id);
  outcome.rows.push({ Deleted: image.id });
  outcome.events.push({ action: "delete", id: image.id, name: image.id });
  outcome.chains.push({ chain: image.chain_id, duty: oweCollection(ground, image.chain_id) });
  outcome.rows.push(...deletedLayers(ground, image));
  const parent = image.parent && ground.db.get<ImageRow>("SELECT * FROM images WHERE id = ?", image.parent);
  if (!parent || options.noPrune) return;
  if (referencesOf(ground, parent.id).length === 0 && !conflictOf(ground, parent)) deleteImage(ground, parent, options, outcome);
}

/** The layers that go with the image, topmost first: docker names them too. */
function deletedLayers(ground: Ground, image: ImageRow): ImageDeleteRow[] {
  const needed = (chain: string, child: string | undefined) =>
    ground.lent.builds.needs(chain) ||
    ground.db.get(
      "SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM images WHERE chain_id = ?1) OR EXISTS (SELECT 1 FROM layers WHERE parent = ?1 AND chain_id != ?2)",
      chain,
      child ?? "",
    ) !== undefined;
  const rows: ImageDeleteRow[] = [];
  let child: string | undefined;
  for (const chain of chainsOf(configOf(image)?.rootfs?.diff_ids ?? []).reverse()) {
    if (needed(chain, child)) break;
    rows.push({ Deleted: chain });
    child = chain;
  }
  return rows;
}
