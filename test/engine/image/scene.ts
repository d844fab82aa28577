/** What tests of the image store share: archives made entry by entry, unpacked layers looked at, images of several layers. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { House } from "../../../engine/house.ts";
import { layerTar } from "../../../engine/image/archive/save.ts";
import { unpackLayer } from "../../../engine/image/layers/layer-store.ts";
import { findLayer, layerDirectory } from "../../../engine/image/layers/layers.ts";
import type { TarHeader } from "../../../engine/image/tar/header.ts";
import { readTar } from "../../../engine/image/tar/reader.ts";
import { encodeEntry, tarHeader, trailer } from "../../../engine/image/tar/writer.ts";

export type Entry = Partial<TarHeader> & { name: string; content?: string | Buffer };

/** An archive of entries, in order, as they are: nothing is checked. */
export function tarOf(...entries: Entry[]): Buffer {
  const parts = entries.map(({ content = "", ...header }) => encodeEntry(tarHeader(header), Buffer.from(content)));
  return Buffer.concat([...parts, trailer]);
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function streamOf(...chunks: Buffer[]): Readable {
  return Readable.from(chunks, { objectMode: false });
}

/** The files of an archive, by name. */
export async function entriesOf(archive: Buffer): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for await (const entry of readTar(streamOf(archive))) {
    const parts: Buffer[] = [];
    for await (const part of entry.content()) parts.push(part);
    found.set(entry.header.name, Buffer.concat(parts));
  }
  return found;
}

/** Puts a layer on a chain; returns its chain id and the directory with its files. */
export async function addLayer(house: House, archive: Buffer, parent = ""): Promise<{ chainId: string; diffId: string; files: string }> {
  await using pending = await unpackLayer(house, streamOf(archive));
  const chainId = await pending.register(parent);
  return { chainId, diffId: pending.result.diffId, files: join(layerDirectory(house, findLayer(house, chainId)!.dir), "diff") };
}

/** The layer's tar, rebuilt. */
export async function rebuilt(house: House, chainId: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of layerTar(house, findLayer(house, chainId)!)) parts.push(part);
  return Buffer.concat(parts);
}

/** "path type mode uid:gid" for everything in a tree, with contents of files and targets of links. */
export function listing(directory: string, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(directory, prefix)).sort()) {
    const path = join(prefix, name);
    const stats = lstatSync(join(directory, path));
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isDirectory()) Object.assign(found, { [`${path}/`]: `${mode} ${stats.uid}:${stats.gid}` }, listing(directory, path));
    else if (stats.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(directory, path))}`;
    else if (stats.isFile()) found[path] = `${mode} ${stats.uid}:${stats.gid} ${readFileSync(join(directory, path), "utf8").slice(0, 40)}`;
    else found[path] = `${stats.isCharacterDevice() ? "char" : stats.isBlockDevice() ? "block" : "fifo"} ${stats.rdev}`;
  }
  return found;
}

/** Names under ROOT that hold layers, half-made things or temporary files. */
export function leftovers(house: House): string[] {
  const { layers, links, tmp } = house.paths;
  return [...readdirSync(layers), ...readdirSync(links), ...readdirSync(tmp)];
}
