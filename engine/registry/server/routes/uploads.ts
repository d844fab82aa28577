/** Blobs on their way here: in one request, in two, in chunks, or from another repository (distribution-spec, "Pushing blobs"). */
import type { EngineError } from "../../../errors.ts";
import type { Answer, Call, RegistryRoute } from "../call.ts";
import { algorithmOf, isAlgorithm, isRepository } from "../protocol/names.ts";
import { problem } from "../protocol/problem.ts";
import { readContentRange, unsatisfiable } from "../protocol/ranges.ts";
import type { Upload } from "../storage/storage.ts";
import { arriving } from "../streams.ts";
import { requireDigest } from "./blobs.ts";

export const uploadRoutes: readonly RegistryRoute[] = [
  {
    methods: ["POST"],
    place: "uploads",
    action: "push",
    summary: "Begin an upload, send a blob, or mount another repository's",
    handle: begin,
  },
  { methods: ["PATCH"], place: "upload", action: "push", summary: "Add to an upload", handle: addChunk },
  { methods: ["PUT"], place: "upload", action: "push", summary: "End an upload", handle: end },
  {
    methods: ["GET", "HEAD"],
    place: "upload",
    action: "push",
    summary: "Ask how far an upload is",
    handle: async (call) => ({ status: 204, headers: progress(call, await find(call)) }),
  },
  {
    methods: ["DELETE"],
    place: "upload",
    action: "push",
    summary: "Cancel an upload",
    async handle(call) {
      await (await find(call)).cancel();
      return { status: 204 };
    },
  },
];

const find = ({ storage, name, reference }: Call) => storage.findUpload(name, reference);

async function begin(call: Call): Promise<Answer> {
  const { storage, name, query } = call;
  if (query.has("mount") && (await mount(call))) return created(call, query.get("mount")!, query.get("from") ?? undefined);
  const digest = query.has("digest") ? requireDigest(query.get("digest")) : undefined;
  const algorithm = query.get("digest-algorithm") ?? (digest ? algorithmOf(digest) : "sha256");
  if (!isAlgorithm(algorithm)) throw problem("DIGEST_INVALID", `no digests are made with "${algorithm}" here`);
  const upload = storage.startUpload(name, algorithm);
  if (digest === undefined) return { status: 202, headers: progress(call, upload) };
  await upload.append(within(call, 0)).catch(async (error) => {
    await upload.cancel(); // its client was never told its name
    throw error;
  });
  await upload.finish(digest);
  return created(call, digest);
}

/** From the repository that the client names, or from any that has it; from none that the client may not pull from. */
async function mount({ storage, name, query, visitor }: Call): Promise<boolean> {
  const digest = requireDigest(query.get("mount"));
  const from = query.get("from");
  if (from !== null) return isRepository(from) && visitor.may(from, "pull") && storage.mountBlob(name, digest, from);
  for await (const holder of storage.holders(digest))
    if (visitor.may(holder, "pull") && (await storage.mountBlob(name, digest, holder))) return true;
  return false;
}

async function addChunk(call: Call): Promise<Answer> {
  const upload = await find(call);
  await append(call, upload);
  return { status: 202, headers: progress(call, upload) };
}

async function end(call: Call): Promise<Answer> {
  const digest = requireDigest(call.query.get("digest"));
  const upload = await find(call);
  await append(call, upload);
  await upload.finish(digest);
  return created(call, digest);
}

/** @throws EngineError `invalid` with 416 when the chunk is not the next */
async function append(call: Call, upload: Upload): Promise<void> {
  const { headers } = call.exchange;
  const before = upload.size;
  const range = readContentRange(headers["content-range"]);
  if (range && range.start !== before) throw unsatisfiable(`the next byte of this upload is ${before}`, progress(call, upload));
  if (headers["content-length"] === "0" && !range) return;
  await upload.append(within(call, before)).catch(async (error: EngineError) => {
    if (error.details?.["problem"] === "SIZE_INVALID") await upload.cancel(); // it can never be ended
    throw error;
  });
  const received = upload.size - before;
  if (!range || received === range.end - range.start + 1) return;
  await upload.truncate(before);
  throw problem("SIZE_INVALID", `the chunk has ${received} bytes, and is said to be ${range.start}-${range.end}`);
}

/** The body, as long as the blob is no larger than blobs may be. @param before bytes that are here */
async function* within({ exchange, limits: { blob: limit } }: Call, before: number): AsyncGenerator<Buffer> {
  const tooLarge = () => problem("SIZE_INVALID", `a blob has ${limit} bytes at most`, { status: 413 });
  let size = before;
  if (size + Number(exchange.headers["content-length"] ?? 0) > limit) throw tooLarge();
  for await (const chunk of arriving(exchange)) {
    if ((size += chunk.length) > limit) throw tooLarge();
    yield chunk;
  }
}

function progress({ name }: Call, { id, size }: Upload): Record<string, string> {
  return { Location: `/v2/${name}/blobs/uploads/${id}`, Range: `0-${Math.max(0, size - 1)}`, "Docker-Upload-UUID": id };
}

async function created({ storage, name, tell }: Call, digest: string, from?: string): Promise<Answer> {
  const size = await storage.blobSize(name, digest);
  const pushed = { action: "push", kind: "blobs", digest, mediaType: "application/octet-stream" } as const;
  tell({ ...pushed, ...(size !== undefined && { size }), ...(from !== undefined && { from }) });
  return { status: 201, headers: { Location: `/v2/${name}/blobs/${digest}`, "Docker-Content-Digest": digest } };
}
