/** Parts of blobs: what a reader asks for (RFC 9110, section 14), and what an uploader says it sends (distribution-spec). Pure. */
import { problem } from "./problem.ts";

/** First and last byte. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * What part of `size` bytes a header "Range" asks for; undefined for all: there is none, it is not in bytes, or it names several parts,
 * which a server need not serve.
 * @throws EngineError `invalid` with 416
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (start > end) throw unsatisfiable(`no byte of ${size} is in the range "${header}"`, { "Content-Range": `bytes */${size}` });
  return { start, end };
}

/** @throws EngineError `invalid` for what is no range */
export function readContentRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined;
  const [, start, end] = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header.trim()) ?? [];
  if (start === undefined || Number(end) < Number(start)) throw problem("BLOB_UPLOAD_INVALID", `not a range of bytes: "${header}"`);
  return { start: Number(start), end: Number(end) };
}

export function unsatisfiable(message: string, headers: Record<string, string>) {
  return problem("BLOB_UPLOAD_INVALID", message, { status: 416, headers });
}
