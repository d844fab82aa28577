/**
 * Image archives: the two layouts inside the tar that `save` and `load` exchange, docker-archive (manifest.json) and OCI image
 * layout (index.json, oci-archive.ts). An archive may be both: then OCI's says what there is, with its manifests, and docker's which
 * image was made from which, and what else there is.
 */
import { EngineError } from "../../errors.ts";
import type { Platform } from "../../platform.ts";
import { listOf, object, parseImageConfig, parseShaped, required, satisfies, sha256, text } from "../documents/index.ts";
import { type Archived, type ArchivedImage, type ArchiveFiles, malformed } from "./archive-files.ts";
import { readOciArchive } from "./oci-archive.ts";

interface DockerImage {
  Config: string;
  RepoTags?: string[] | null;
  Layers?: string[] | null;
  Parent?: string | null;
}

const dockerImages = listOf(object({ Config: required(text), RepoTags: listOf(text), Layers: listOf(text), Parent: text }));

/**
 * What is in an archive.
 * @param platform what alone is wanted; without it all of multi-platform indexes is, and this host's is unpacked
 * @throws EngineError `archive` when it is no image archive, or names what it does not hold
 */
export function readArchive(files: ArchiveFiles, platform?: Platform): Archived {
  const found = readLayouts(files, platform);
  if (platform) keepOnly(found, platform);
  if (found.images.length > 0 || !(platform || files.has("index.json"))) return found;
  throw new EngineError("archive", "cannot load the archive: it holds no image for this platform");
}

function readLayouts(files: ArchiveFiles, platform: Platform | undefined): Archived {
  const hasDocker = files.has("manifest.json");
  if (files.has("index.json")) {
    const found = readOciArchive(files, platform);
    if (hasDocker) addDockerImages(files, found);
    return found;
  }
  if (hasDocker) return { images: readDockerImages(files), documents: [], blobs: [] };
  const hint = files.has("repositories")
    ? "save it again with a docker newer than 1.10"
    : "a root file system's tar is read by 'berth import'";
  throw new EngineError("archive", "cannot load the archive: it holds neither manifest.json nor index.json", { hint });
}

/** An image that was chosen from no index says in its configuration what it is for. */
function keepOnly(found: Archived, platform: Platform): void {
  const isFor = ({ config, manifest, top }: ArchivedImage) =>
    top !== manifest || satisfies(parseImageConfig(config, malformed("the image's configuration")), platform);
  const others = found.images.filter((image) => !isFor(image)).flatMap(({ manifest, top }) => [manifest, top]);
  found.images = found.images.filter(isFor);
  found.documents = found.documents.filter(({ digest }) => !others.includes(digest));
}

function readDockerImages(files: ArchiveFiles): ArchivedImage[] {
  const items = parseShaped<DockerImage[]>(files.text("manifest.json"), dockerImages, malformed("manifest.json"));
  return items.map(({ Config, RepoTags, Layers, Parent }) => ({
    config: files.text(Config),
    names: RepoTags ?? [],
    layers: (Layers ?? []).map((name) => files.find(name)),
    ...(Parent && { parent: Parent }),
  }));
}

function addDockerImages(files: ArchiveFiles, found: Archived): void {
  const others = new Set(found.blobs.map(({ blob }) => blob.digest));
  for (const image of readDockerImages(files)) {
    const same = found.images.filter(({ config }) => config === image.config);
    for (const each of same) {
      if (image.parent) each.parent = image.parent;
      if (each.names.length === 0) each.names.push(...image.names);
    }
    if (same.length === 0 && !others.has(sha256(image.config))) found.images.push(image);
  }
}
