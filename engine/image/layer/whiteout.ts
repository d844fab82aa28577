/**
 * How a layer says that something of the layers below is gone. In a tar: a file ".wh.NAME", or ".wh..wh..opq" for
 * everything in its directory (OCI image-spec, "Whiteouts"). On disk: overlayfs's form, a character device 0/0 and an
 * attribute of the directory.
 */
import type { BigIntStats, Stats } from "node:fs";
import { EngineError } from "../../errors.ts";

export const whiteoutPrefix = ".wh.";
export const opaqueMarker = ".wh..wh..opq";
/** Names that aufs kept for itself; they mean nothing here. */
const reservedPrefix = ".wh..wh.";

export const opaqueAttribute = "trusted.overlay.opaque";
export const opaqueValue: Buffer = Buffer.from("y");

export type Whiteout = { kind: "opaque" } | { kind: "reserved" } | { kind: "file"; name: string };

/**
 * What a base name means in a layer; undefined for an ordinary file.
 * @throws EngineError `archive` for a whiteout that would name a directory itself or its parent
 */
export function parseWhiteout(base: string): Whiteout | undefined {
  if (!base.startsWith(whiteoutPrefix)) return undefined;
  if (base === opaqueMarker) return { kind: "opaque" };
  if (base.startsWith(reservedPrefix)) return { kind: "reserved" };
  const name = base.slice(whiteoutPrefix.length);
  if (name === "" || name === "." || name === "..") throw new EngineError("archive", `refused whiteout "${base}": it names no file`);
  return { kind: "file", name };
}

/** True for overlayfs's whiteout. */
export function isWhiteout(stats: Stats | BigIntStats): boolean {
  return stats.isCharacterDevice() && Number(stats.rdev) === 0;
}

/** Attributes that belong to a mount of the layer, not to the layer: an image must not set them, nor carry them. */
export function isOverlayAttribute(name: string): boolean {
  return name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.");
}
