/** What a bill of materials is about, and what it says of itself. */
import { createHash } from "node:crypto";
import type { Distribution } from "./package.ts";

export interface BillSubject {
  /** What the image is called. */
  name: string;
  /** "sha256:…" of its manifest, or of its config while it has none. */
  digest: string;
  /** RFC 3339, in whole seconds. */
  created: string;
  distribution: Distribution;
  /** Berth's. */
  version: string;
  /** A UUID: the same for the same image at the same time. */
  identity: string;
}

export function billSubject(about: Omit<BillSubject, "identity" | "created"> & { time: Date }): BillSubject {
  const { time, ...rest } = about;
  const created = `${time.toISOString().slice(0, 19)}Z`;
  return { ...rest, created, identity: uuidOf(`${rest.name}\0${rest.digest}\0${created}`) };
}

/** RFC 9562, version 8: of a hash that is nobody's standard. */
function uuidOf(text: string): string {
  const hash = createHash("sha256").update(text).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
