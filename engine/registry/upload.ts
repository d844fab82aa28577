/** Sending blobs (distribution-spec, "Pushing blobs"): found there, mounted from another repository, or streamed. */
import { createHash } from "node:crypto";
import { EngineError } from "../errors.ts";
import { sha256 } from "../image/documents/index.ts";
import type { RegistryClient } from "./client.ts";
import { acceptedManifests } from "./manifest.ts";

/** True when the repository has the blob. */
export async function hasBlob(client: RegistryClient, digest: string): Promise<boolean> {
  const response = await client.call(`blobs/${digest}`, { method: "HEAD" });
  response.discard();
  return response.status === 200;
}

/** True when the repository has the manifest or index. */
export async function hasManifest(client: RegistryClient, digest: string): Promise<boolean> {
  const response = await client.call(`manifests/${digest}`, { method: "HEAD", headers: { accept: acceptedManifests } });
  response.discard();
  return response.status === 200;
}

/** Lets the registry take a blob from another of its repositories; false when it wants it sent. */
export async function mountBlob(client: RegistryClient, digest: string, from: string): Promise<boolean> {
  const query = new URLSearchParams({ mount: digest, from });
  const response = await client.call(`blobs/uploads/?${query}`, { method: "POST" });
  response.discard();
  if (response.status === 202) await cancelUpload(client, new URL(response.headers["location"] ?? "", response.url));
  return response.status === 201;
}

/** An upload that nobody finishes would stay with the registry for a week. */
export async function cancelUpload(client: RegistryClient, location: URL): Promise<void> {
  (await client.call(location, { method: "DELETE" })).discard();
}

/** @returns where its bytes go */
export async function beginUpload(client: RegistryClient): Promise<URL> {
  const response = await client.call("blobs/uploads/", { method: "POST" });
  const location = response.headers["location"];
  if (response.status !== 202 || !location) throw await client.refusal(response, `upload to "${client.reference.path}"`, "make");
  response.discard();
  return new URL(location, response.url);
}

/**
 * How far an upload is that broke off (distribution-spec, "Pushing a blob in chunks").
 * @returns undefined when the registry has nothing of it
 */
export async function uploadedBytes(client: RegistryClient, location: URL): Promise<{ location: URL; size: number } | undefined> {
  const response = await client.call(location);
  response.discard();
  if (response.status !== 204 && response.status !== 202) return undefined;
  const last = Number(/^(?:bytes=)?0-(\d+)$/.exec(response.headers["range"] ?? "")?.[1] ?? 0);
  // "0-0" is said of no byte as well as of one.
  return last > 0 ? { location: new URL(response.headers["location"] ?? location.href, response.url), size: last + 1 } : undefined;
}

/** Stores what was sent, and with it what is given, under its digest. */
export async function endUpload(client: RegistryClient, location: URL, digest: string, body?: Uint8Array): Promise<void> {
  location.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream", ...(!body && { "content-length": "0" }) };
  const response = await client.call(location, { method: "PUT", headers, body });
  if (response.status !== 201) throw await client.refusal(response, `upload of ${digest}`, "make");
  response.discard();
}

/** Sends a small blob whole. */
export async function uploadBytes(client: RegistryClient, bytes: Buffer): Promise<void> {
  const digest = sha256(bytes);
  if (!(await hasBlob(client, digest))) await endUpload(client, await beginUpload(client), digest, bytes);
}

/**
 * Streams a blob whose digest is known only at its end.
 * @param wanted the digest that it must have
 * @throws EngineError `registry`, `registry-auth`, `corrupt` for another digest than the wanted, and what the stream throws
 */
export async function uploadStream(
  client: RegistryClient,
  stream: AsyncIterable<Buffer>,
  wanted?: string,
): Promise<{ digest: string; size: number }> {
  const location = await beginUpload(client);
  const hash = createHash("sha256");
  let size = 0;
  const body = (async function* () {
    for await (const chunk of stream) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  })();
  try {
    const response = await client.call(location, { method: "PATCH", headers: { "content-type": "application/octet-stream" }, body });
    const next = response.headers["location"];
    if (response.status !== 202 || !next) throw await client.refusal(response, `upload to "${client.reference.path}"`, "make");
    response.discard();
    const digest = `sha256:${hash.digest("hex")}`;
    if (wanted !== undefined && digest !== wanted) {
      await cancelUpload(client, new URL(next, response.url));
      throw new EngineError("corrupt", `cannot send blob ${wanted}: its content is ${digest}`);
    }
    await endUpload(client, new URL(next, response.url), digest);
    return { digest, size };
  } finally {
    // Whoever answers before the end reads no more: what makes the stream would wait for ever.
    await body.return(undefined);
  }
}

/**
 * Stores a manifest or an index under a tag, or under its digest.
 * @returns `isListed` when the registry lists it among what refers to its subject
 */
export async function putManifest(
  client: RegistryClient,
  name: string,
  mediaType: string,
  text: string,
): Promise<{ digest: string; isListed: boolean }> {
  const response = await client.call(`manifests/${name}`, {
    method: "PUT",
    headers: { "content-type": mediaType },
    body: Buffer.from(text),
  });
  if (response.status !== 201) throw await client.refusal(response, `manifest of "${client.reference.path}:${name}"`, "push");
  response.discard();
  const stored = response.headers["docker-content-digest"];
  const digest = sha256(text);
  const isListed = response.headers["oci-subject"] !== undefined;
  if (stored && stored !== digest)
    throw new EngineError("corrupt", `the registry stored the manifest as ${stored}, it was sent as ${digest}`);
  return { digest, isListed };
}
