/** Signatures in a registry: found, and added beside those that are there. */
import { EngineError } from "../errors.ts";
import { isDocumentType, mediaTypes, parseManifest, type Refuse, sha256 } from "../image/documents/index.ts";
import type { StoredDocument } from "../image/store/index.ts";
import type { Descriptor, Manifest } from "../image/types.ts";
import { readBlob } from "../registry/blob.ts";
import type { RegistryClient } from "../registry/client.ts";
import { fetchDocument } from "../registry/manifest.ts";
import { listReferrers, putReferrer } from "../registry/referrers.ts";
import { uploadBytes } from "../registry/upload.ts";
import {
  type Carrier,
  largestSignature,
  mayHoldSignatures,
  mostSignatures,
  readCarrier,
  signatureLayers,
  signatureTag,
  signatureTypes,
} from "./evidence.ts";

/**
 * All that a registry has of signatures and attestations of a digest.
 * @throws EngineError `registry`, `registry-auth`; one that is damaged comes without its blobs
 */
export async function fetchSignatures(client: RegistryClient, digest: string): Promise<Carrier[]> {
  const carriers: Carrier[] = [];
  for (const suffix of ["sig", "att"] as const) {
    const document = await documentIfThere(client, signatureTag(digest, suffix));
    if (document) carriers.push(await fetchCarrier(client, document));
  }
  const referrers = (await listReferrers(client, digest)).filter(mayHoldSignatures);
  for (const referrer of referrers.slice(0, mostSignatures)) {
    const document = await documentIfThere(client, referrer.digest, referrer.digest);
    if (document) carriers.push(await fetchCarrier(client, document));
  }
  return carriers;
}

/** @param digest what its content must be */
async function documentIfThere(client: RegistryClient, name: string, digest?: string): Promise<StoredDocument | undefined> {
  try {
    const document = await fetchDocument(client, name, digest);
    return isDocumentType(document.mediaType) ? document : { ...document, mediaType: mediaTypes.ociManifest };
  } catch (error) {
    if (error instanceof EngineError && (error.code === "not-found" || error.code === "corrupt")) return undefined;
    throw error;
  }
}

async function fetchCarrier(client: RegistryClient, document: StoredDocument): Promise<Carrier> {
  const blobs: Carrier["blobs"] = [];
  for (const descriptor of wantedBlobs(document)) {
    const bytes = await fetchSmall(client, descriptor);
    if (bytes) blobs.push({ descriptor, bytes });
  }
  return { document, blobs };
}

/** Its signatures, and its config, without which it could not be kept. */
function wantedBlobs(document: StoredDocument): Descriptor[] {
  try {
    const manifest = readCarrier(document);
    const layers = signatureLayers(manifest);
    return layers.length > 0 ? [manifest.config, ...layers] : [];
  } catch {
    return []; // told where it is judged
  }
}

/** undefined for what is not there, too large, or not what its digest says. */
async function fetchSmall(client: RegistryClient, descriptor: Descriptor): Promise<Buffer | undefined> {
  if (descriptor.size > largestSignature) return undefined;
  const parts: Buffer[] = [];
  try {
    for await (const part of readBlob(client, descriptor)) parts.push(part);
  } catch (error) {
    if (error instanceof EngineError && (error.code === "not-found" || error.code === "corrupt")) return undefined;
    throw error;
  }
  const bytes = Buffer.concat(parts);
  return sha256(bytes) === descriptor.digest ? bytes : undefined;
}

/** Other signers that put theirs at the same moment: each of them waits for none of the others. */
const attempts = 20;

/**
 * Adds a signature to the manifest behind cosign's tag. Two who do so at once must not lose one: the registry is told what it has to
 * replace, and is asked afterwards whether it did, as not every one minds.
 * @throws EngineError `registry`, `registry-auth`, `conflict`
 */
export async function addSimpleSignature(
  client: RegistryClient,
  digest: string,
  payload: Buffer,
  annotations: Record<string, string>,
): Promise<string> {
  const tag = signatureTag(digest, "sig");
  const layer: Descriptor = { mediaType: signatureTypes.simple, size: payload.length, digest: sha256(payload), annotations };
  await uploadBytes(client, payload);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const present = await documentIfThere(client, tag);
    const next = withLayer(client, present, layer);
    await uploadBytes(client, next.config);
    const isStored = await putConditionally(client, tag, next.text, present?.digest);
    if (isStored && hasLayer(await documentIfThere(client, tag), layer)) return sha256(next.text);
  }
  throw new EngineError("conflict", `cannot add a signature to "${client.reference.path}:${tag}": others change it all the time`, {
    hint: "sign again",
  });
}

async function putConditionally(client: RegistryClient, tag: string, text: string, replaced: string | undefined): Promise<boolean> {
  const condition: Record<string, string> = replaced ? { "if-match": `"${replaced}"` } : { "if-none-match": "*" };
  const headers = { "content-type": mediaTypes.ociManifest, ...condition };
  const response = await client.call(`manifests/${tag}`, { method: "PUT", headers, body: Buffer.from(text) });
  if (response.status !== 201 && response.status !== 412)
    throw await client.refusal(response, `manifest of "${client.reference.path}:${tag}"`);
  response.discard();
  return response.status === 201;
}

/** The manifest with one more signature, and its config, which lists them as an image's lists its layers. */
function withLayer(client: RegistryClient, present: StoredDocument | undefined, layer: Descriptor): { text: string; config: Buffer } {
  const refuse: Refuse = (why, cause) =>
    new EngineError("corrupt", `cannot add to the signatures of "${client.reference.path}": ${why}`, {
      cause,
      hint: "delete their tag, and sign again",
    });
  const before: Manifest | undefined = present && parseManifest(present.text, refuse);
  const layers = [...(before?.layers ?? []), layer];
  const config = Buffer.from(
    JSON.stringify({
      ...{ architecture: "", created: "0001-01-01T00:00:00Z", history: layers.map(() => ({ created: "0001-01-01T00:00:00Z" })), os: "" },
      ...{ rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) }, config: {} },
    }),
  );
  const manifest: Manifest = {
    ...(before ?? { schemaVersion: 2, mediaType: mediaTypes.ociManifest }),
    config: { mediaType: mediaTypes.ociConfig, size: config.length, digest: sha256(config) },
    layers,
  };
  return { text: JSON.stringify(manifest), config };
}

function hasLayer(document: StoredDocument | undefined, { digest, annotations = {} }: Descriptor): boolean {
  if (!document) return false;
  const { layers } = readCarrier(document);
  const key = JSON.stringify(annotations);
  return layers.some((each) => each.digest === digest && JSON.stringify(each.annotations ?? {}) === key);
}

export interface NewReferrer {
  /** Absent where the config's type says it, as notation does. */
  artifactType?: string;
  /** Of the config, an empty blob. */
  configType: string;
  subject: Descriptor;
  blob: { mediaType: string; bytes: Buffer };
  annotations: Record<string, string>;
}

const emptyBlob = Buffer.from("{}");

/** Puts a signature that refers to what it is of. @returns its digest */
export async function addReferrer(
  client: RegistryClient,
  { artifactType, configType, subject, blob, annotations }: NewReferrer,
): Promise<string> {
  const { mediaType, bytes } = blob;
  await uploadBytes(client, emptyBlob);
  await uploadBytes(client, bytes);
  const { platform: _platform, annotations: _annotations, ...plain } = subject;
  const text = JSON.stringify({
    ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest, ...(artifactType && { artifactType }) },
    config: { mediaType: configType, size: emptyBlob.length, digest: sha256(emptyBlob) },
    layers: [{ mediaType, size: bytes.length, digest: sha256(bytes) }],
    annotations,
    subject: plain,
  });
  const document = { digest: sha256(text), mediaType: mediaTypes.ociManifest, text };
  await putReferrer(client, document);
  return document.digest;
}
