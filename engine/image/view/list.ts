/** `images`: the store's images as docker lists them. */

import { parseMoment } from "../../instant.ts";
import { damage } from "../../state/column.ts";
import type { Ground } from "../../state/ground.ts";
import { full, parseReference, type Reference } from "../documents/index.ts";
import { configOf, descriptorOf, familiarNames, type ImageRow, partsOfNames, requireImage, topOf } from "../store/index.ts";
import type { ImageListOptions, ImageSummary } from "../types.ts";
import { booleanFilter, checkFilters, matchesLabels, matchesReference } from "./filters.ts";
import { manifestSummaries } from "./manifest-summary.ts";

const known = ["dangling", "label", "reference", "before", "since", "until"] as const;

/** Newest first. Images that only serve as parents of others are listed with `all`. */
export function listImages(ground: Ground, options: ImageListOptions = {}): ImageSummary[] {
  const { filters = {}, reference, all = false } = options;
  checkFilters(filters, known);
  const patterns = [...(filters["reference"] ?? []), ...(reference ? [reference] : [])];
  const keep = timeFilter(ground, filters);
  const dangling = booleanFilter(filters, "dangling");
  const facts = gather(ground);
  return ground.db
    .all<ImageRow>("SELECT * FROM images ORDER BY created DESC, id")
    .filter((image) => keep(image.created))
    .flatMap((image) => {
      const names = facts.references.get(image.id) ?? [];
      if (names.length === 0 && facts.parts.has(image.id) && !all) return [];
      const isDangling = isNameless(image.id, facts);
      if (dangling !== undefined && dangling !== isDangling) return [];
      if (names.length === 0 && facts.parents.has(image.id) && !all) return [];
      const shown = patterns.length === 0 ? names : names.filter((name) => patterns.some((pattern) => matchesReference(name, pattern)));
      if (patterns.length > 0 && shown.length === 0) return [];
      if (!configOf(image)) ground.unreadable.add(`${damage("image", image.id, "config")}; remove it with 'berth rmi'`);
      const summary = { ...summarize(image, shown, facts), ...(options.manifests && manifestsFor(ground, image, shown)) };
      return matchesLabels(summary.Labels, filters["label"]) ? [summary] : [];
    });
}

/** Containers of an image, and of the other platforms of its names. */
function usersOf(id: string, { references, parts, containers }: Facts): number {
  const own = new Set((references.get(id) ?? []).map(full));
  const others = [...parts].filter(([, names]) => names.some((name) => own.has(full(name))));
  return [id, ...others.map(([part]) => part)].reduce((sum, each) => sum + (containers.get(each) ?? 0), 0);
}

function manifestsFor(ground: Ground, image: ImageRow, names: Reference[]): Pick<ImageSummary, "Descriptor" | "Manifests"> {
  const reference = names.find(({ tag }) => tag !== undefined) ?? names[0];
  const top = topOf(ground, reference ? { image, reference } : { image });
  return { ...descriptorOf(ground, top), Manifests: manifestSummaries(ground, top) };
}

/** Neither a tag of its own, nor one of an index that it is a platform of. */
function isNameless(id: string, { references, parts }: Facts): boolean {
  return ![...(references.get(id) ?? []), ...(parts.get(id) ?? [])].some((name) => name.tag !== undefined);
}

/** before and since compare with an image's time, until with the clock. */
function timeFilter(ground: Ground, filters: NonNullable<ImageListOptions["filters"]>): (created: number) => boolean {
  const times = (key: string) => (filters[key] ?? []).map((ref) => requireImage(ground, ref).image.created);
  const before = Math.min(...times("before"), ...(filters["until"] ?? []).map((text) => parseMoment(text)));
  const since = Math.max(...times("since"));
  return (created) => created < before && created > since;
}

interface Facts {
  references: Map<string, Reference[]>;
  /** Images that others name as their parent. */
  parents: Set<string>;
  /** Images without names that are platforms of an index, with the names of that. */
  parts: Map<string, Reference[]>;
  /** Containers by image. */
  containers: Map<string, number>;
  /** Bytes of an image's layers that other images use as well. */
  shared: Map<string, number>;
}

function gather(ground: Ground): Facts {
  const references = new Map<string, Reference[]>();
  for (const row of ground.db.all<{ reference: string; image: string }>("SELECT reference, image FROM tags ORDER BY reference")) {
    references.set(row.image, [...(references.get(row.image) ?? []), parseReference(row.reference)]);
  }
  const parents = ground.db.all<{ parent: string }>("SELECT DISTINCT parent FROM images").map((row) => row.parent);
  return {
    references,
    parents: new Set(parents),
    parts: partsOfNames(ground),
    containers: ground.lent.containers.usersByImage(),
    shared: sharedSizes(ground),
  };
}

function sharedSizes(ground: Ground): Map<string, number> {
  type Layer = { chain_id: string; parent: string; size: number };
  const layers = new Map(ground.db.all<Layer>("SELECT chain_id, parent, size FROM layers").map((layer) => [layer.chain_id, layer]));
  const images = ground.db.all<{ id: string; chain_id: string }>("SELECT id, chain_id FROM images");
  const stack = (chain: string) => {
    const found: Layer[] = [];
    for (let layer = layers.get(chain); layer; layer = layers.get(layer.parent)) found.push(layer);
    return found;
  };
  const users = new Map<string, number>();
  for (const image of images) for (const layer of stack(image.chain_id)) users.set(layer.chain_id, (users.get(layer.chain_id) ?? 0) + 1);
  return new Map(
    images.map((image) => [
      image.id,
      stack(image.chain_id).reduce((sum, layer) => sum + (users.get(layer.chain_id)! > 1 ? layer.size : 0), 0),
    ]),
  );
}

function summarize(image: ImageRow, names: Reference[], facts: Facts): ImageSummary {
  const { tags, digests } = familiarNames(names);
  return {
    Id: image.id,
    ParentId: image.parent,
    RepoTags: tags,
    RepoDigests: digests,
    Created: Math.floor(image.created / 1000),
    Size: image.size,
    SharedSize: facts.shared.get(image.id) ?? 0,
    Labels: configOf(image)?.config?.Labels ?? {},
    Containers: usersOf(image.id, facts),
    Dangling: isNameless(image.id, facts),
  };
}
