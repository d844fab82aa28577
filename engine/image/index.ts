/**
 * The images room as the rest of the program sees it: the interface only.
 *
 * What names stand for, for whoever serves an API or signs: `list` and `inspect` with `manifests` tell the manifests of each image in
 * docker's shape (`images?manifests=true`); `document` gives the bytes of a manifest or an index, `referrers` what refers to a digest,
 * and `attach` adds such a referrer, which then goes wherever its subject goes: a push, a save, a load.
 */
import type { Readable } from "node:stream";
import type { Credentials, Filters } from "../docker.ts";
import type { ProgressEvent } from "../events.ts";
import type { Platform } from "../platform.ts";
import type {
  Attestation,
  AttestationQuery,
  Bill,
  BillFormat,
  Descriptor,
  ImageDeleteRow,
  ImageHistoryRow,
  ImageInspect,
  ImageLayers,
  ImageListOptions,
  ImageSecurity,
  ImageSummary,
  Pourable,
  Referrer,
  SecurityOptions,
  StoredDocument,
} from "./types.ts";

/** @returns the bundle's text, and the annotations that its manifest is to have */
export type SignStatement = (statement: string) => { bundle: string; annotations: Record<string, string> };

export interface RegistryAccess {
  /** In place of those that docker's configuration has; null for none. */
  credentials?: Credentials | null;
  signal?: AbortSignal;
}

/** `ref` everywhere: a reference (familiar or full), a full id, or a unique id prefix. */
export interface Images {
  list(options?: ImageListOptions): Promise<ImageSummary[]>;
  inspect(ref: string, options?: { platform?: string; manifests?: boolean }): Promise<ImageInspect>;
  /** A manifest or an index of the store, byte for byte. */
  document(digest: string): Promise<StoredDocument>;
  /** The manifests that refer to a digest. */
  referrers(digest: string): Promise<Descriptor[]>;
  /** Keeps a manifest that refers to what an image stands for, or to a part of it, with the blobs it names. Returns its digest. */
  attach(referrer: Referrer): Promise<string>;
  /** What is attested of an image: bills of materials, provenance, whatever somebody stated of it. */
  attestations(ref: string, query?: AttestationQuery): Promise<Attestation[]>;
  /** Its bill of materials: what is attested, in that format, else one made on the spot, or always with `scan`. */
  bill(ref: string, options?: { platform?: string; format?: BillFormat; scan?: boolean }): Promise<Bill>;
  /**
   * Keeps a statement about what a name stands for, or about the image for a platform, as a manifest that refers to that; an image
   * that never had a manifest gets it.
   * @param given `sign` makes a bundle of sigstore's out of the statement's exact bytes
   * @returns digests of the statement and of the manifest that holds it
   */
  attest(
    ref: string,
    given: { predicateType: string; predicate: unknown; platform?: string; sign?: SignStatement; signal?: AbortSignal },
  ): Promise<{ Digest: string; Manifest: string }>;
  history(ref: string): Promise<ImageHistoryRow[]>;
  /** Sizes of layers and files, and what is wasted; reads every file of the image. */
  layers(ref: string): Promise<ImageLayers>;
  /** Checks of what it runs as and what is in its layers; reads every file of them the first time. */
  security(ref: string, options?: SecurityOptions): Promise<ImageSecurity>;
  tag(source: string, target: string): Promise<void>;
  remove(ref: string, options?: { force?: boolean; noPrune?: boolean }): Promise<ImageDeleteRow[]>;
  prune(options?: { all?: boolean; filters?: Filters }): Promise<{ ImagesDeleted: ImageDeleteRow[]; SpaceReclaimed: number }>;
  /** By HTTP from a registry; verifies every blob. Returns the image id. */
  pull(
    ref: string,
    options?: {
      platform?: string;
      allTags?: boolean;
      allPlatforms?: boolean;
      insecure?: boolean;
      /** Without what this host's policies ask for, if they permit that. */
      noVerify?: boolean;
    } & RegistryAccess,
  ): AsyncGenerator<ProgressEvent, { Id: string; Reference: string; Digest: string }>;
  /** The full reference with the digest that its registry has for it now; nothing is fetched but the manifest. */
  resolve(ref: string, options?: { insecure?: boolean; signal?: AbortSignal }): Promise<string>;
  /** What the image came or left with, unchanged, where it can be; an index whole, or only one platform of it. */
  push(ref: string, options?: { allTags?: boolean; platform?: string } & RegistryAccess): AsyncGenerator<ProgressEvent, { Digest: string }>;
  /** What a registry has under a name, without fetching it: of which digest, for which platforms. */
  distribution(ref: string, options?: RegistryAccess): Promise<{ Descriptor: Descriptor; Platforms: Platform[] }>;
  /** A root file system tar (plain, gzip, zstd, xz) becomes a one-layer image. */
  import(
    from: Readable | URL,
    options?: { reference?: string; message?: string; changes?: string[]; platform?: string; signal?: AbortSignal },
  ): AsyncGenerator<ProgressEvent, { Id: string }>;
  /** docker-archive or OCI layout, as a tar. `Ids` are those of images without a name. */
  load(
    tar: Readable,
    options?: { platform?: string; noVerify?: boolean; signal?: AbortSignal },
  ): AsyncGenerator<ProgressEvent, { References: string[]; Ids: string[] }>;
  /**
   * An archive both docker and OCI tools read (docker 25+ writes the same hybrid), with the manifests that the images came with.
   * @param options `onEvent` is told what is fetched for it, and what could not be kept as it was
   */
  save(
    refs: string[],
    options?: {
      format?: "docker" | "oci";
      platform?: string;
      names?: string[];
      onEvent?: (event: ProgressEvent) => void;
      signal?: AbortSignal;
    },
  ): Promise<Readable & Partial<Pourable>>;
}

export type * from "./types.ts";
