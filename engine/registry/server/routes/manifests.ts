/** Manifests and indexes: got, put, deleted, by tag or digest (distribution-spec, "Pulling manifests", "Pushing Manifests"). */
import type { Answer, Call, RegistryRoute } from "../call.ts";
import { readPushed } from "../protocol/document.ts";
import { algorithmOf, digestOf, isDigest, isTag } from "../protocol/names.ts";
import { problem } from "../protocol/problem.ts";
import type { StoredManifest } from "../storage/storage.ts";
import { arriving } from "../streams.ts";
import { requireDigest } from "./blobs.ts";
import { isUnchanged, requireCondition, staleHeaders, tagOfContent } from "./conditions.ts";

export const manifestRoutes: readonly RegistryRoute[] = [
  { methods: ["GET", "HEAD"], place: "manifest", action: "pull", summary: "Get a manifest", handle: get },
  { methods: ["PUT"], place: "manifest", action: "push", summary: "Put a manifest, by its digest or under a tag", handle: put },
  {
    methods: ["DELETE"],
    place: "manifest",
    action: "delete",
    summary: "Delete a tag, or a manifest with its tags",
    async handle({ storage, name, reference, tell }) {
      if (isTag(reference)) await storage.deleteTag(name, reference);
      else await storage.deleteManifest(name, requireDigest(reference));
      tell({ action: "delete", kind: "manifests", ...(isTag(reference) ? { tag: reference } : { digest: reference }) });
      return { status: 202 };
    },
  },
];

async function get({ exchange, storage, name, reference, copy, tell }: Call): Promise<Answer> {
  if (!isTag(reference)) requireDigest(reference);
  const given = await copy?.manifest(reference);
  const found = given?.value ?? (await storage.findManifest(name, reference));
  if (!found) throw problem("MANIFEST_UNKNOWN", `no such manifest: "${reference}"`, { detail: { reference } });
  const headers = { ...headersOf(found), ...(given?.isStale && staleHeaders) };
  if (isUnchanged(exchange.headers, found.digest)) return { status: 304, headers };
  const body = await storage.readManifest(found.digest);
  if (exchange.method === "GET") tell({ action: "pull", kind: "manifests", ...found, ...(isTag(reference) && { tag: reference }) });
  return { status: 200, headers, body };
}

const headersOf = ({ digest, mediaType }: StoredManifest) => ({
  "Content-Type": mediaType,
  "Docker-Content-Digest": digest,
  ETag: tagOfContent(digest),
});

async function put(call: Call): Promise<Answer> {
  const { exchange, storage, name, reference, query } = call;
  const byDigest = isDigest(reference);
  if (!byDigest && reference.includes(":")) requireDigest(reference);
  const tags = [...(byDigest ? [] : [reference]), ...query.getAll("tag")];
  const bad = tags.find((tag) => !isTag(tag));
  if (bad !== undefined) throw problem("MANIFEST_INVALID", `not a tag: "${bad}"`);
  const bytes = await readDocument(call);
  const digest = digestOf(bytes, byDigest ? algorithmOf(reference) : "sha256");
  if (byDigest && digest !== reference) throw problem("DIGEST_INVALID", `its content is ${digest}`, { detail: { digest: reference } });
  const { mediaType, parts, subject } = readPushed(bytes, exchange.headers["content-type"]);
  const check = (present: StoredManifest | undefined) => requireCondition(exchange.headers, present?.digest);
  await storage.putManifest(name, { ...{ digest, mediaType, bytes, parts, tags, check }, ...(subject !== undefined && { subject }) });
  const pushed = { action: "push", kind: "manifests", digest, mediaType, size: bytes.length } as const;
  for (const tag of tags.length > 0 ? tags : [undefined]) call.tell({ ...pushed, ...(tag !== undefined && { tag }) });
  return {
    status: 201,
    headers: {
      ...{ Location: `/v2/${name}/manifests/${digest}`, "Docker-Content-Digest": digest },
      ...(subject !== undefined && { "OCI-Subject": subject }),
      ...(query.has("tag") && { "OCI-Tag": tags.join(", ") }),
    },
  };
}

async function readDocument({ exchange, limits: { manifest: limit } }: Call): Promise<Buffer> {
  const tooLarge = () => problem("SIZE_INVALID", `a manifest has ${limit} bytes at most`, { status: 413 });
  if (Number(exchange.headers["content-length"] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of arriving(exchange)) {
    if ((size += chunk.length) > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
