/**
 * The OCI image layout of an archive (image-spec, "Image Layout"): each entry of its index.json leads to an image that is unpacked,
 * and to documents and blobs that are kept as they are. What an index names may be missing, as `docker save` leaves out what
 * it does not have; what an image is made of may not.
 */

import { hostPlatform, type Platform } from "../../platform.ts";
import {
  isDocumentType,
  isImageConfigType,
  isIndexType,
  parseImageConfig,
  parseIndex,
  parseManifest,
  selectManifest,
} from "../documents/index.ts";
import type { StoredDocument } from "../store/index.ts";
import type { Descriptor, Manifest } from "../types.ts";
import { type Archived, type ArchivedImage, type ArchiveFiles, malformed } from "./archive-files.ts";

/** Where the registry is that a manifest came from: containerd's annotation, one for each host. */
export const sourceAnnotation = "containerd.io/distribution.source.";

/** Indexes in indexes: two are in use. */
const depthLimit = 5;

/** @param platform what alone is wanted */
export function readOciArchive(files: ArchiveFiles, platform?: Platform): Archived {
  const reader = new OciReader(files, platform);
  for (const descriptor of parseIndex(files.text("index.json"), malformed("index.json")).manifests) reader.add(descriptor);
  return { images: reader.images, documents: [...reader.documents.values()], blobs: [...reader.blobs.values()] };
}

/** The manifest of an image, and what led to it, from the top. */
interface Chosen {
  manifest: Manifest;
  path: StoredDocument[];
}

class OciReader {
  readonly images: ArchivedImage[] = [];
  readonly documents = new Map<string, StoredDocument>();
  readonly blobs = new Map<string, Archived["blobs"][number]>();
  readonly #files: ArchiveFiles;
  readonly #platform: Platform | undefined;

  constructor(files: ArchiveFiles, platform: Platform | undefined) {
    this.#files = files;
    this.#platform = platform;
  }

  /** An entry of index.json. */
  add(descriptor: Descriptor): void {
    if (!isDocumentType(descriptor.mediaType)) return;
    const names = nameOf(descriptor);
    const chosen = this.#choose(descriptor);
    const isReferrer = chosen?.manifest.subject && names.length === 0;
    if (chosen && !isReferrer) this.#addImage(descriptor, chosen, names);
    else if (!isIndexType(descriptor.mediaType)) this.#keepTree(descriptor);
  }

  #addImage(descriptor: Descriptor, { manifest, path }: Chosen, names: string[]): void {
    const own = path.at(-1)!;
    const config = this.#files.blobText(manifest.config.digest);
    const isKept = !this.#isMadeBySave(descriptor, manifest, config);
    const same = this.images.find((image) => image.config === config && (!isKept || image.top === descriptor.digest));
    if (same) {
      same.names.push(...names);
      return;
    }
    const layers = manifest.layers.map((blob) => ({ ...this.#files.findBlob(blob.digest), blob }));
    this.images.push({
      ...{ config, names, layers, annotations: manifest.annotations },
      ...(isKept && { manifest: own.digest, top: descriptor.digest }),
    });
    if (!isKept) return;
    for (const document of path) this.documents.set(document.digest, document);
    if (!this.#platform) this.#keepTree(descriptor, own.digest);
  }

  /**
   * Docker's classic store has no manifests: its `save` makes one for the archive, of layers as they are on disk, and its `load`
   * does not look at it. Were it kept, a push would send them uncompressed.
   */
  #isMadeBySave({ mediaType, annotations = {} }: Descriptor, manifest: Manifest, config: string): boolean {
    if (isIndexType(mediaType) || manifest.annotations || !this.#files.has("manifest.json")) return false;
    if (Object.keys(annotations).some((name) => name.startsWith(sourceAnnotation))) return false;
    const { diff_ids: diffIds } = parseImageConfig(config, malformed(manifest.config.digest)).rootfs;
    return manifest.layers.every(({ digest }, at) => digest === diffIds[at]);
  }

  /** The image that an entry stands for; undefined when it has none for the platform, or is something else. */
  #choose(descriptor: Descriptor, depth = 0): Chosen | undefined {
    const document = this.#document(descriptor);
    if (!isIndexType(descriptor.mediaType)) {
      const manifest = parseManifest(document.text, malformed(descriptor.digest));
      return isImage(descriptor, manifest) ? { manifest, path: [document] } : undefined;
    }
    if (depth === depthLimit) return undefined;
    const child = this.#chooseChild(parseIndex(document.text, malformed(descriptor.digest)).manifests);
    const chosen = child && this.#choose(child, depth + 1);
    return chosen && { ...chosen, path: [document, ...chosen.path] };
  }

  #chooseChild(manifests: Descriptor[]): Descriptor | undefined {
    const whole = manifests.filter((each) => this.#isWhole(each));
    const wanted = this.#platform ?? hostPlatform();
    const chosen = selectManifest(whole, wanted);
    if (chosen) return chosen;
    // Missing parts are named by whoever reads them.
    return this.#platform ? selectManifest(manifests, wanted) : (whole[0] ?? selectManifest(manifests, wanted));
  }

  /** True for an image all of which is there, and for an index that may lead to one. */
  #isWhole(descriptor: Descriptor): boolean {
    const { digest, mediaType } = descriptor;
    if (!isDocumentType(mediaType) || !this.#files.hasBlob(digest)) return false;
    if (isIndexType(mediaType)) return true;
    const manifest = parseManifest(this.#document(descriptor).text, malformed(digest));
    return isImage(descriptor, manifest) && [manifest.config, ...manifest.layers].every((blob) => this.#files.hasBlob(blob.digest));
  }

  #document({ digest, mediaType }: Descriptor): StoredDocument {
    return { digest, mediaType, text: this.#files.blobText(digest) };
  }

  /** All that is there of what an entry leads to. @param unpacked the manifest whose blobs are not to be kept */
  #keepTree(descriptor: Descriptor, unpacked?: string, depth = 0): void {
    if (!this.#files.hasBlob(descriptor.digest) || depth > depthLimit) return;
    const document = this.#document(descriptor);
    this.documents.set(document.digest, document);
    const refuse = malformed(document.digest);
    if (isIndexType(document.mediaType)) {
      for (const child of parseIndex(document.text, refuse).manifests)
        if (isDocumentType(child.mediaType)) this.#keepTree(child, unpacked, depth + 1);
    } else if (document.digest !== unpacked) {
      const { config, layers } = parseManifest(document.text, refuse);
      for (const blob of [config, ...layers])
        if (this.#files.hasBlob(blob.digest)) this.blobs.set(blob.digest, { ...this.#files.findBlob(blob.digest), blob });
    }
  }
}

/** Attestations look like images, of the platform unknown/unknown. */
function isImage({ platform }: Descriptor, { config }: Manifest): boolean {
  return platform?.os !== "unknown" && isImageConfigType(config.mediaType);
}

/** Containerd's annotation holds the whole name; OCI's only if the writer chose so, else it is a bare tag. */
function nameOf({ annotations = {} }: Descriptor): string[] {
  const whole = annotations["io.containerd.image.name"];
  if (whole) return [whole];
  const name = annotations["org.opencontainers.image.ref.name"];
  return name && /[/:]/.test(name) ? [name] : [];
}
