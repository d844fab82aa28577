/**
 * Image archives: the two layouts inside the tar that `save` and `load` exchange, docker-archive (manifest.json) and OCI
 * image layout (index.json), read from a table of contents. An archive may be both; docker's is believed first.
 */
import { readSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { sha256 } from "./chain.ts";
import { parseIndex, parseManifest } from "./documents.ts";
import { isImageConfigType, isIndexType, isManifestType } from "./media-types.ts";
import { selectManifest } from "./platform.ts";
import { listOf, object, parseShaped, type Refuse, required, text } from "./shape.ts";
import type { ScannedEntry } from "./tar/scan.ts";
import type { Descriptor, Manifest, Platform } from "./types.ts";

/** An image in an archive: where its pieces are. */
export interface ArchivedImage {
  /** The config's exact bytes. */
  config: string;
  names: string[];
  /** Lowest first. `digest` of the blob where the layout states it. */
  layers: { offset: number; size: number; digest?: string }[];
  annotations?: Record<string, string>;
  /** Id of the image it was made from, which the archive holds too. */
  parent?: string;
}

interface DockerImage {
  Config: string;
  RepoTags?: string[] | null;
  Layers?: string[] | null;
  Parent?: string | null;
}

const dockerImages = listOf(object({ Config: required(text), RepoTags: listOf(text), Layers: listOf(text), Parent: text }));

function malformed(name: string): Refuse {
  return (why, cause) => new EngineError("archive", `cannot load the archive: "${name}" is malformed: ${why}`, { cause });
}

/** JSON documents of an archive are small; a larger one is not meant to be read. */
const documentLimit = 16 << 20;

export class ArchiveLayout {
  #fd: number;
  #entries: Map<string, ScannedEntry>;

  constructor(fd: number, entries: Map<string, ScannedEntry>) {
    this.#fd = fd;
    this.#entries = entries;
  }

  /**
   * The images of the archive.
   * @param platform which entry of a multi-platform index; the best for this host is the caller's default
   * @throws EngineError `archive` when it is no image archive, or names what it does not hold
   */
  images(platform: Platform): ArchivedImage[] {
    if (this.#entries.has("manifest.json")) return this.#dockerImages();
    if (this.#entries.has("index.json")) return this.#ociImages(platform);
    const hint = this.#entries.has("repositories")
      ? "save it again with a docker newer than 1.10"
      : "a root file system's tar is read by 'berth import'";
    throw new EngineError("archive", "cannot load the archive: it holds neither manifest.json nor index.json", { hint });
  }

  /** Old archives store a layer once and point to it by symbolic links. */
  #find(name: string, depth = 0): ScannedEntry {
    const entry = this.#entries.get(name.replace(/^(\.?\/)+/, ""));
    if (!entry || depth > 10) throw new EngineError("archive", `cannot load the archive: "${name}" is missing from it`);
    if (entry.type === "symlink") return this.#find(resolveLink(name, entry.linkName), depth + 1);
    if (entry.type === "hardlink") return this.#find(entry.linkName, depth + 1);
    if (entry.type !== "file") throw new EngineError("archive", `cannot load the archive: "${name}" is not a file`);
    return entry;
  }

  #text(name: string): string {
    const { offset, size } = this.#find(name);
    if (size > documentLimit)
      throw new EngineError("archive", `cannot load the archive: "${name}" has ${size} bytes, far too many for what it is`);
    const bytes = Buffer.alloc(size);
    readSync(this.#fd, bytes, 0, size, offset);
    return bytes.toString("utf8");
  }

  #dockerImages(): ArchivedImage[] {
    const items = parseShaped<DockerImage[]>(this.#text("manifest.json"), dockerImages, malformed("manifest.json"));
    return items.map(({ Config, RepoTags, Layers, Parent }) => ({
      config: this.#text(Config),
      names: RepoTags ?? [],
      layers: (Layers ?? []).map((name) => this.#find(name)),
      ...(Parent && { parent: Parent }),
    }));
  }

  #ociImages(platform: Platform): ArchivedImage[] {
    const images: ArchivedImage[] = [];
    for (const descriptor of parseIndex(this.#text("index.json"), malformed("index.json")).manifests) {
      const manifest = this.#manifest(descriptor, platform);
      const config = manifest && this.#blob(manifest.config);
      if (!manifest || config === undefined) continue;
      const layers = manifest.layers.map((layer) => ({ ...this.#find(blobName(layer.digest)), digest: layer.digest }));
      const same = images.find((image) => image.config === config);
      const names = nameOf(descriptor);
      if (same) same.names.push(...names);
      else images.push({ config, names, layers, annotations: manifest.annotations });
    }
    if (images.length === 0) throw new EngineError("archive", "cannot load the archive: it holds no image for this platform");
    return images;
  }

  /** Follows an index to the manifest for the platform; undefined for what is not an image. */
  #manifest(descriptor: Descriptor, platform: Platform): Manifest | undefined {
    if (isIndexType(descriptor.mediaType)) {
      const { manifests } = parseIndex(this.#blob(descriptor), malformed(descriptor.digest));
      const chosen = selectManifest(manifests, platform);
      return chosen && this.#manifest(chosen, platform);
    }
    // Attestations look like images, of the platform unknown/unknown.
    if (!isManifestType(descriptor.mediaType) || descriptor.platform?.os === "unknown") return undefined;
    const manifest = parseManifest(this.#blob(descriptor), malformed(descriptor.digest));
    return isImageConfigType(manifest.config.mediaType) ? manifest : undefined;
  }

  #blob(descriptor: Descriptor): string {
    const text = this.#text(blobName(descriptor.digest));
    const digest = sha256(text);
    if (digest !== descriptor.digest)
      throw new EngineError("corrupt", `cannot load the archive: blob ${descriptor.digest} is damaged (its content is ${digest})`);
    return text;
  }
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** "a/b/layer.tar" → "../c/layer.tar" is "a/c/layer.tar". */
function resolveLink(from: string, target: string): string {
  const parts = target.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Containerd's annotation holds the whole name; OCI's only if the writer chose so, else it is a bare tag. */
function nameOf({ annotations = {} }: Descriptor): string[] {
  const whole = annotations["io.containerd.image.name"];
  if (whole) return [whole];
  const name = annotations["org.opencontainers.image.ref.name"];
  return name && /[/:]/.test(name) ? [name] : [];
}
