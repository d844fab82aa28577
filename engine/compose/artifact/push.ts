/** Sending a project to a registry. */
import { EngineError } from "../../errors.ts";
import { full, mediaTypes, parseReference, sha256, withTag } from "../../image/documents/index.ts";
import { RegistryClient } from "../../registry/client.ts";
import { putManifest, uploadBytes } from "../../registry/upload.ts";
import { type ArtifactFile, manifestText, type OciVersion } from "./artifact.ts";

export interface Published {
  /** In full, with the tag. */
  Reference: string;
  Digest: string;
}

interface PushOptions {
  /** None: 1.1, and 1.0 for a registry that does not take it. */
  version?: OciVersion | undefined;
  /** Seconds since the epoch. */
  created: number;
  signal: AbortSignal;
}

/** @throws EngineError `invalid`, `registry`, `registry-auth`, `corrupt` */
export async function pushProject(name: string, files: readonly ArtifactFile[], options: PushOptions): Promise<Published> {
  const reference = targetOf(name);
  const client = new RegistryClient(reference, { actions: "pull,push", signal: options.signal });
  await uploadBytes(client, Buffer.from("{}"));
  for (const { text } of files) await uploadBytes(client, text);
  const put = async (version: OciVersion) => {
    const text = manifestText(files, version, options.created);
    await putManifest(client, reference.tag ?? "latest", mediaTypes.ociManifest, text);
    return { Reference: full(reference), Digest: sha256(text) };
  };
  if (options.version) return put(options.version);
  return put("1.1").catch((error: unknown) => {
    if (isRefusal(error)) return put("1.0");
    throw error;
  });
}

/** @throws EngineError `invalid` */
export function targetOf(name: string) {
  const reference = withTag(parseReference(name));
  if (!reference.digest) return reference;
  throw new EngineError("invalid", `cannot publish to "${name}": a digest is what publishing makes`, { hint: "name a tag" });
}

/** It understood, and does not want it: likely because it knows no artifacts. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false;
  const status = Number(error.details?.["status"] ?? (error.code === "not-found" ? 404 : 0));
  return error.code !== "registry-auth" && status >= 400 && status < 500 && status !== 429;
}
