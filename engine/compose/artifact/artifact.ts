/**
 * A project as an OCI artifact, as docker compose 2.40 writes and reads it: a manifest whose layers are the compose files, in the order in
 * which they are merged, the files that their services extend, and files of variables. Pure.
 */
import { EngineError } from "../../errors.ts";
import { sha256 } from "../../image/documents/index.ts";
import type { Descriptor, Manifest } from "../../image/types.ts";
import { composeVersion } from "../labels.ts";
import { largestFile } from "../source/reader.ts";

export const artifactTypes = {
  project: "application/vnd.docker.compose.project",
  file: "application/vnd.docker.compose.file+yaml",
  variables: "application/vnd.docker.compose.envfile",
  /** The config's, where a manifest cannot say what it is (OCI image-spec 1.0). */
  config: "application/vnd.docker.compose.config.empty.v1+json",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

const notes = {
  file: "com.docker.compose.file",
  extends: "com.docker.compose.extends",
  variables: "com.docker.compose.envfile",
  version: "com.docker.compose.version",
} as const;

/** Versions of the OCI image-spec. */
export type OciVersion = "1.0" | "1.1";

/** The file that the compose files of an artifact make together. */
export const mainFile = "compose.yaml";

/** More files than a project may have are no project. */
const mostLayers = 1000;

/** A file that becomes a layer. */
export interface ArtifactFile {
  kind: "compose" | "extended" | "variables";
  /** Without a directory. */
  name: string;
  text: Buffer;
}

/** What is sent: a layer's or the config's bytes stand in its descriptor, too. */
export function describeFile({ kind, name, text }: ArtifactFile): Descriptor & { data: string } {
  const own: Record<string, string> =
    kind === "variables"
      ? { [notes.variables]: name, [notes.version]: composeVersion }
      : { ...(kind === "extended" && { [notes.extends]: "true" }), [notes.file]: name, [notes.version]: composeVersion };
  const mediaType = kind === "variables" ? artifactTypes.variables : artifactTypes.file;
  return { mediaType, digest: sha256(text), size: text.length, annotations: own, data: text.toString("base64") };
}

/** @param created seconds since the epoch */
export function manifestText(files: readonly ArtifactFile[], version: OciVersion, created: number): string {
  const config = Buffer.from("{}");
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    ...(version === "1.1" && { artifactType: artifactTypes.project }),
    config: {
      mediaType: version === "1.1" ? artifactTypes.empty : artifactTypes.config,
      digest: sha256(config),
      size: config.length,
      data: config.toString("base64"),
    },
    layers: files.map(describeFile),
    annotations: { "org.opencontainers.image.created": new Date(created * 1000).toISOString().replace(".000Z", "Z") },
  });
}

/** How others refer to a project's manifest. */
export function describeProject(manifest: string): Descriptor & { annotations: Record<string, string> } {
  const { artifactType, mediaType } = JSON.parse(manifest) as Manifest;
  const annotations = { [notes.version]: composeVersion };
  const size = Buffer.byteLength(manifest);
  return { mediaType: mediaType!, digest: sha256(manifest), size, annotations, ...(artifactType !== undefined && { artifactType }) };
}

/** @throws EngineError `invalid` for a manifest of something else */
export function requireProject({ artifactType, config }: Manifest, name: string): void {
  const isProject = artifactType ? artifactType === artifactTypes.project : config.mediaType === artifactTypes.config;
  if (isProject) return;
  throw new EngineError("invalid", `cannot use "${name}": it is no project of compose but "${artifactType || config.mediaType}"`, {
    hint: "a project is published by 'berth compose publish'",
  });
}

/** Layers that are read; others mean nothing to compose. @throws EngineError `corrupt` for too many, and too large ones */
export function layersOf({ layers }: Manifest, name: string): Descriptor[] {
  const known = layers.filter(({ mediaType }) => mediaType === artifactTypes.file || mediaType === artifactTypes.variables);
  if (known.length > mostLayers) throw damaged(name, `it has ${known.length} files`);
  const large = known.find(({ size }) => size > largestFile);
  if (large) throw damaged(name, `file ${large.digest} claims ${large.size} bytes`);
  return known;
}

/** The files of an artifact by name. @throws EngineError `corrupt` where names lead out of its directory, or stand for two files */
export function filesOf(layers: readonly { layer: Descriptor; text: string }[], name: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [index, { layer, text }] of layers.entries()) {
    const { [notes.extends]: isExtended, [notes.file]: file, [notes.variables]: variables } = layer.annotations ?? {};
    const own = layer.mediaType === artifactTypes.variables ? (variables ?? "") : isExtended === undefined ? mainFile : (file ?? "");
    if (own === "" || own === "." || own === ".." || /[/\\\0]/.test(own)) throw damaged(name, `"${own}" is no name of a file`);
    const known = files.get(own);
    if (own === mainFile && isMain(layer)) {
      const divider = index > 0 && file !== undefined ? "\n---\n" : "";
      files.set(own, `${known ?? ""}${divider}${text}`);
    } else if (known === undefined && own !== mainFile) files.set(own, text);
    else if (known !== text) throw damaged(name, `it has two files "${own}"`);
  }
  if (!files.has(mainFile)) throw damaged(name, "it has no compose file");
  return files;
}

function isMain({ annotations = {}, mediaType }: Descriptor): boolean {
  return mediaType === artifactTypes.file && !(notes.extends in annotations);
}

export function damaged(name: string, why: string): EngineError {
  return new EngineError("corrupt", `cannot use "${name}": ${why}`, { hint: "have it published again" });
}
