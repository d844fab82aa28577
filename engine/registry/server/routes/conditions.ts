/** Conditional requests (RFC 9110, section 13): a content's tag is its digest. */
import type { IncomingHttpHeaders } from "node:http";
import { problem } from "../protocol/problem.ts";

export const tagOfContent = (digest: string): string => `"${digest}"`;

/** Of what could not be compared with where it comes from (RFC 7234, section 5.5). */
export const staleHeaders = { Warning: '111 - "the upstream registry could not be asked: this is what it had before"' };

/** Whether the client has it. */
export function isUnchanged(headers: IncomingHttpHeaders, digest: string): boolean {
  return names(headers["if-none-match"], digest);
}

/**
 * For a change: whether what is there is what the client thinks.
 * @param digest of what is there
 * @throws EngineError `invalid` with 412
 */
export function requireCondition(headers: IncomingHttpHeaders, digest: string | undefined): void {
  const wanted = headers["if-match"];
  const unwanted = headers["if-none-match"];
  if ((wanted !== undefined && !names(wanted, digest)) || names(unwanted, digest))
    throw problem("MANIFEST_INVALID", `it stands for ${digest ?? "nothing"} by now`, { status: 412 });
}

function names(header: string | undefined, digest: string | undefined): boolean {
  if (header === undefined || digest === undefined) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(tagOfContent(digest));
}
