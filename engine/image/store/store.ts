/** The records of images and of the references that name them. Layers are layers.ts; commands' views are list.ts and inspect.ts. */

import { rmSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import { damage, damagedRecord, parseColumn } from "../../state/column.ts";
import { emit } from "../../state/events.ts";
import type { Ground } from "../../state/ground.ts";
import { keepsakeOf, writeKeepsake } from "../../state/keepsake.ts";
import {
  chainsOf,
  familiar,
  full,
  parseImageConfig,
  parseReference,
  type Reference,
  type Refuse,
  repository,
  sha256,
  withTag,
} from "../documents/index.ts";
import { layersOf, releaseHolds } from "../layers/index.ts";
import type { Descriptor, ImageConfig } from "../types.ts";
import { namesLeadingTo } from "./parts.ts";

export interface ImageRow {
  /** "sha256:…" of the config. */
  id: string;
  /** The config's exact bytes. */
  config: string;
  chain_id: string;
  parent: string;
  /** JSON */
  annotations: string;
  size: number;
  created: number;
}

export interface Found {
  image: ImageRow;
  /** The reference that named it; undefined when it was found by its id. */
  reference?: Reference;
  /** The index that it is taken for, whatever its names stand for. */
  top?: string;
}

const idPattern = /^(?:sha256:)?([0-9a-f]{1,64})$/;

export function imageById(ground: Ground, id: string): ImageRow | undefined {
  return ground.db.get<ImageRow>("SELECT * FROM images WHERE id = ?", id);
}

function imageByReference(ground: Ground, reference: Reference): ImageRow | undefined {
  return ground.db.get<ImageRow>("SELECT images.* FROM tags JOIN images ON images.id = tags.image WHERE reference = ?", full(reference));
}

/** By the digest of its own manifest, when a name of that repository leads to it, as that of an index does. */
function imageByManifest(ground: Ground, reference: Reference, digest: string): ImageRow | undefined {
  const row = ground.db.get<{ image: string }>("SELECT image FROM manifests WHERE digest = ? LIMIT 1", digest);
  if (
    !row ||
    !namesLeadingTo(ground)
      .get(row.image)
      ?.some((each) => sameRepository(each, reference))
  )
    return undefined;
  return imageById(ground, row.image);
}

/**
 * An image by full id, by reference, then by id prefix, in docker's order.
 * @throws EngineError `ambiguous` when an id prefix fits several, `invalid` when the text can be neither
 */
export function findImage(ground: Ground, text: string): Found | undefined {
  const hex = idPattern.exec(text)?.[1];
  if (hex?.length === 64) {
    const image = imageById(ground, `sha256:${hex}`);
    return image && { image };
  }
  const reference = tryReference(text, hex !== undefined);
  // A digest says more than a tag beside it (docker: the tag is ignored).
  const named = reference && withTag(reference.digest ? { ...reference, tag: undefined } : reference);
  const image = named && imageByReference(ground, named);
  if (image) return { image, reference: named };
  const part = named?.digest === undefined ? undefined : imageByManifest(ground, named, named.digest);
  if (part) return { image: part };
  return hex === undefined ? undefined : findByPrefix(ground, hex);
}

function tryReference(text: string, mayBeId: boolean): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (mayBeId) return undefined;
    throw error;
  }
}

function findByPrefix(ground: Ground, hex: string): Found | undefined {
  const rows = ground.db.all<ImageRow>("SELECT * FROM images WHERE id >= ? AND id < ? LIMIT 2", `sha256:${hex}`, `sha256:${hex}g`);
  if (rows.length > 1) throw new EngineError("ambiguous", `several images have an id that begins with "${hex}"`);
  return rows[0] && { image: rows[0] };
}

/** @throws EngineError `not-found` besides those of `findImage` */
export function requireImage(ground: Ground, text: string): Found {
  const found = findImage(ground, text);
  if (!found)
    throw new EngineError("not-found", `No such image: ${/[:@][^/]*$/.test(text) ? text : `${text}:latest`}`, {
      hint: "list the images with 'berth images', or fetch it with 'berth pull'",
    });
  return found;
}

/** @throws EngineError `corrupt` when the record is damaged */
export function parseConfig(image: ImageRow): ImageConfig {
  const config = configOf(image);
  if (config) return config;
  throw damagedRecord(damage("image", image.id, "config"), `berth rmi ${image.id.slice("sha256:".length, 19)}`);
}

/** The same; undefined when the record is damaged. */
export function configOf(image: ImageRow): ImageConfig | undefined {
  return parseColumn<ImageConfig>(image.config, {} as ImageConfig);
}

/** The references of an image, parsed: tags and digests. */
export function referencesOf(ground: Ground, id: string): Reference[] {
  return ground.db
    .all<{ reference: string }>("SELECT reference FROM tags WHERE image = ? ORDER BY reference", id)
    .map((row) => parseReference(row.reference));
}

/** "python:3.9" and "python@sha256:…" of an image, as docker lists them. */
export function familiarNames(references: Reference[]): { tags: string[]; digests: string[] } {
  return {
    tags: references.filter((each) => each.tag !== undefined).map(familiar),
    digests: references.filter((each) => each.digest !== undefined).map(familiar),
  };
}

export interface NewImage {
  /** The config's exact bytes. */
  config: string;
  /** Names it gets; taken from the image that has them now. */
  references?: Reference[];
  parent?: string;
  annotations?: Record<string, string>;
  /** Digests of what it came with, which the blob store has: the manifest, and what the references name, an index or the same. */
  manifest?: string;
  top?: string;
}

export interface StoredImage {
  Id: string;
  /** True when the store had it already. */
  existed: boolean;
}

/**
 * Makes an image visible, with its names, in one transaction; its layers must be in the store.
 * @throws EngineError `conflict` when a layer is missing, `archive` when the config is no image config
 */
export function insertImage(ground: Ground, image: NewImage): StoredImage {
  const config = parseImageConfig(image.config, malformedConfig);
  const id = sha256(image.config);
  const chains = chainsOf(config.rootfs.diff_ids);
  const stored = ground.db.transaction(() => {
    const layers = layersOf(ground, chains.at(-1) ?? "");
    if (!layers) throw new EngineError("conflict", `cannot store image "${id}": a layer of it is not in the store`);
    const existed = imageById(ground, id) !== undefined;
    if (!existed) {
      const size = layers.reduce((sum, layer) => sum + layer.size, 0);
      insertRow(ground, id, image, { chain: chains.at(-1) ?? "", size, created: Date.parse(config.created ?? "") || 0 });
    }
    if (image.manifest) addManifest(ground, id, image.manifest);
    for (const reference of image.references ?? []) setReference(ground, reference, id, image.top);
    return { Id: id, existed };
  });
  keepImage(ground, stored.Id);
  releaseHolds(ground, chains);
  return stored;
}

const malformedConfig: Refuse = (why, cause) => new EngineError("archive", `the image's config is malformed: ${why}`, { cause });

function insertRow(ground: Ground, id: string, image: NewImage, facts: { chain: string; size: number; created: number }): void {
  const { config, parent = "", annotations = {} } = image;
  const row = { id, config, chain_id: facts.chain, parent, annotations: JSON.stringify(annotations) };
  ground.db.insert("images", { ...row, size: facts.size, created: facts.created, stored: Date.now() });
}

/** Keeps a copy of an image's row, with its names and since when they are its. After each change of them. */
export function keepImage(ground: Ground, id: string): void {
  const image = ground.db.get("SELECT * FROM images WHERE id = ?", id);
  if (!image) {
    rmSync(keepsakeOf.image(ground, id), { force: true });
    return;
  }
  const names = ground.db.all("SELECT reference, updated, digest FROM tags WHERE image = ?", id);
  writeKeepsake(keepsakeOf.image(ground, id), { ...image, names: JSON.stringify(names) });
}

/**
 * Points a reference to an image. A digest's reference never moves by a tag's.
 * @param top the index or manifest that it stands for; "" while there is none
 */
export function setReference(ground: Ground, reference: Reference, id: string, top = ""): void {
  const digest = reference.digest ?? top;
  ground.db.insert("tags", { reference: full(reference), image: id, updated: Date.now(), digest }, "OR REPLACE");
}

/** A name stands for another index or manifest from now on, if it is still the image's. */
export function changeTop(ground: Ground, reference: Reference, id: string, top: string): void {
  ground.db.run("UPDATE tags SET digest = ? WHERE reference = ? AND image = ?", top, full(reference), id);
}

/** What names of a reference's repository stand for: of its tag alone, when it has one that is here. */
export function digestsBeside(ground: Ground, { domain, path, tag }: Reference): string[] {
  const rows = ground.db
    .all<{ reference: string; digest: string }>("SELECT reference, digest FROM tags WHERE digest <> '' ORDER BY reference")
    .map((row) => ({ ...row, reference: parseReference(row.reference) }))
    .filter((row) => sameRepository(row.reference, { domain, path }));
  const tagged = rows.filter(({ reference }) => tag !== undefined && reference.tag === tag);
  return [...new Set((tagged.length > 0 ? tagged : rows).map(({ digest }) => digest))];
}

/** The tags of a reference's repository. */
export function tagsBeside(ground: Ground, reference: Reference): Reference[] {
  return ground.db
    .all<{ reference: string }>("SELECT reference FROM tags ORDER BY reference")
    .map((row) => parseReference(row.reference))
    .filter((each) => sameRepository(each, reference) && each.tag !== undefined);
}

/** Notes a manifest of the blob store as an image's. */
export function addManifest(ground: Ground, image: string, digest: string): void {
  ground.db.insert("manifests", { image, digest }, "OR IGNORE");
}

/** The manifests that an image came or left with, newest first. */
export function manifestsOf(ground: Ground, image: string): string[] {
  return ground.db
    .all<{ digest: string }>("SELECT digest FROM manifests WHERE image = ? ORDER BY rowid DESC", image)
    .map(({ digest }) => digest);
}

/** The indexes and manifests that an image's names stand for. */
export function topsOf(ground: Ground, image: string): string[] {
  const rows = ground.db.all<{ digest: string }>(
    "SELECT DISTINCT digest FROM tags WHERE image = ? AND digest <> '' ORDER BY digest",
    image,
  );
  return rows.map(({ digest }) => digest);
}

/** The index or manifest that what was found stands for; "" for an image that never had one. */
export function topOf(ground: Ground, { image, reference, top }: Found): string {
  if (top !== undefined) return top;
  const named = reference && ground.db.get<{ digest: string }>("SELECT digest FROM tags WHERE reference = ?", full(reference))?.digest;
  return named || (manifestsOf(ground, image.id)[0] ?? "");
}

/** Records what happened to an image, as docker's events do: with its labels, while it is there. */
export function emitImage(ground: Ground, action: string, id: string, name?: string): void {
  const image = imageById(ground, id);
  const labels = image && configOf(image)?.config?.Labels;
  emit(ground, "image", action, id, { ...labels, name: name ?? id });
}

/** True when two references name the same repository. */
export function sameRepository(left: Reference, right: Reference): boolean {
  return repository(left) === repository(right);
}

/** Of the index or manifest, as docker with its containerd image store shows it. */
export function descriptorOf(ground: Ground, digest: string): { Descriptor?: Descriptor } {
  const row = ground.db.get<{ media_type: string; size: number }>("SELECT media_type, size FROM blobs WHERE digest = ?", digest);
  return row ? { Descriptor: { mediaType: row.media_type, digest, size: row.size } } : {};
}
