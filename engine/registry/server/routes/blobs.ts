/** Blobs that are here: sent, wholly or in part, and deleted (distribution-spec, "Pulling blobs", "Deleting Blobs"). */
import type { Answer, Call, RegistryRoute } from "../call.ts";
import { isDigest } from "../protocol/names.ts";
import { problem } from "../protocol/problem.ts";
import { readRange } from "../protocol/ranges.ts";
import { sendStream } from "../streams.ts";
import type { Incoming } from "../upstream/incoming.ts";
import { isUnchanged, tagOfContent } from "./conditions.ts";

export const blobRoutes: readonly RegistryRoute[] = [
  { methods: ["GET", "HEAD"], place: "blob", action: "pull", summary: "Get a blob", handle: sendBlob },
  {
    methods: ["DELETE"],
    place: "blob",
    action: "delete",
    summary: "Take a blob from a repository",
    async handle({ storage, name, reference, tell }) {
      await storage.deleteBlob(name, requireDigest(reference));
      tell({ action: "delete", kind: "blobs", digest: reference });
      return { status: 202 };
    },
  },
];

async function sendBlob(call: Call): Promise<Answer | undefined> {
  const { exchange, storage, name, reference, stream } = call;
  const digest = requireDigest(reference);
  const here = await storage.blobSize(name, digest, exchange.method === "HEAD");
  const incoming = here === undefined ? await fromUpstream(call, digest) : undefined;
  const size = here ?? incoming?.size;
  if (size === undefined) throw problem("BLOB_UNKNOWN", `no such blob: "${digest}"`, { detail: { digest } });
  const headers = {
    ...{ "Content-Type": "application/octet-stream", "Docker-Content-Digest": digest, "Accept-Ranges": "bytes" },
    ...{ ETag: tagOfContent(digest), "Cache-Control": "max-age=31536000" },
  };
  if (isUnchanged(exchange.headers, digest)) return { status: 304, headers };
  const sameAsBefore = [undefined, tagOfContent(digest)].includes(exchange.headers["if-range"] as string | undefined);
  const range = sameAsBefore ? readRange(exchange.headers.range, size) : undefined;
  const length = range ? range.end - range.start + 1 : size;
  const head = {
    ...{ ...headers, "Content-Length": String(length) },
    ...(range && { "Content-Range": `bytes ${range.start}-${range.end}/${size}` }),
  };
  const isWhole = exchange.method !== "HEAD" && length > 0;
  if (range || incoming?.isOver) await incoming?.finished;
  const coming = range || incoming?.isOver ? undefined : incoming?.chunks?.();
  await using stored = isWhole && !coming ? await storage.readBlob(digest, range) : undefined;
  const input = coming ?? stored;
  const output = stream(range ? 206 : 200, head);
  if (input) await sendStream(input, output, exchange.signal);
  else output.end();
  if (exchange.method === "GET") call.tell({ action: "pull", kind: "blobs", digest, mediaType: "application/octet-stream", size });
  return undefined;
}

/** What a copy does not have yet: on its way, or, for who asks for no more, its size. */
async function fromUpstream(
  { exchange, copy }: Call,
  digest: string,
): Promise<Partial<Pick<Incoming, "size" | "chunks" | "finished" | "isOver">> | undefined> {
  if (!copy || exchange.method !== "HEAD") return copy?.blob(digest);
  const size = await copy.blobSize(digest);
  return size === undefined ? undefined : { size };
}

/** @throws EngineError `invalid` */
export function requireDigest(text: string | null): string {
  if (text === null || !isDigest(text)) throw problem("DIGEST_INVALID", `not a sha256 or sha512 digest: "${text ?? ""}"`);
  return text;
}
