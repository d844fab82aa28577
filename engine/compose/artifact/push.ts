/** Sending a project to a registry. */
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { full, mediaTypes, parseReference, repository, sha256, withTag } from "../../image/documents/index.ts";
import type { Descriptor } from "../../image/types.ts";
import { RegistryClient } from "../../registry/client.ts";
import { inspectDistribution } from "../../registry/distribution.ts";
import { putReferrer } from "../../registry/referrers.ts";
import { copyRemote } from "../../registry/repositories/index.ts";
import { putManifest, uploadBytes } from "../../registry/upload.ts";
import { through } from "../life/scene.ts";
import { type ArtifactFile, describeProject, manifestText, type OciVersion } from "./artifact.ts";

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
  /** Of the services, by digest: they are copied beside the project, and listed by an index that refers to it. */
  images?: readonly string[];
  report?(event: ProgressEvent): void;
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
    if (options.images) await pushApplication(client, text, options.images, options);
    return { Reference: full(reference), Digest: sha256(text) };
  };
  if (options.version) return put(options.version);
  return put("1.1").catch((error: unknown) => {
    if (isRefusal(error)) return put("1.0");
    throw error;
  });
}

/** As docker compose: the images in the project's own repository, in an index whose subject is the project. */
async function pushApplication(
  client: RegistryClient,
  project: string,
  images: readonly string[],
  { report = () => {}, signal }: PushOptions,
): Promise<void> {
  const descriptors: Descriptor[] = [];
  for (const image of images) {
    const { digest, mediaType, size } = (await inspectDistribution(image, { signal })).Descriptor;
    const known = descriptors.some((each) => each.digest === digest);
    if (!known)
      await through(copyRemote(`${repository(parseReference(image))}@${digest}`, repository(client.reference), { signal }), report);
    descriptors.push({ mediaType, digest, size });
  }
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: descriptors,
    subject: describeProject(project),
    annotations: describeProject(project).annotations,
  });
  await putReferrer(client, { digest: sha256(text), mediaType: mediaTypes.ociIndex, text });
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
