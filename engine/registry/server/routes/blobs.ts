/** Blobs that are here: sent, wholly or in part, and deleted (distribution-spec, "Pulling blobs", "Deleting Blobs"). */
import type { Answer, Call, RegistryRoute } from "../call.ts";
import { isDigest } from "../protocol/names.ts";
import { problem } from "../protocol/problem.ts";
import { readRange } from "../protocol/ranges.ts";
import { sendStream } from "../streams.ts";
import { isUnchanged, tagOfContent } from "./conditions.ts";

export const blobRoutes: readonly RegistryRoute[] = [
  { methods: ["GET", "HEAD"], place: "blob", action: "pull", summary: "Get a blob", handle: sendBlob },
  {
    methods: ["DELETE"],
    place: "blob",
    action: "delete",
    summary: "Take a blob from a repository",
    async handle({ storage, name, reference }) {
      await storage.deleteBlob(name, requireDigest(reference));
      return { status: 202 };
    },
  },
];

async function sendBlob({ exchange, storage, name, reference, stream }: Call): Promise<Answer | undefined> {
  const digest = requireDigest(reference);
  const size = await storage.blobSize(name, digest, exchange.method === "HEAD");
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
  await using input = isWhole ? await storage.readBlob(digest, range) : undefined;
  const output = stream(range ? 206 : 200, head);
  if (input) await sendStream(input, output, exchange.signal);
  else output.end();
  return undefined;
}

/** @throws EngineError `invalid` */
export function requireDigest(text: string | null): string {
  if (text === null || !isDigest(text)) throw problem("DIGEST_INVALID", `not a sha256 or sha512 digest: "${text ?? ""}"`);
  return text;
}
