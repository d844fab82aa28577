/**
 * The plain data of images. JSON that leaves the store follows the OCI image-spec v1.1 (descriptor, manifest, index,
 * config); what commands print follows the Docker Engine API v1.47.
 */
import type { ContainerConfig, Filters } from "../docker.ts";
import type { Platform } from "../platform.ts";

/** OCI image-spec, "Content Descriptors". */
export interface Descriptor {
  mediaType: string;
  /** "sha256:<64 hex>" */
  digest: string;
  /** Bytes. */
  size: number;
  annotations?: Record<string, string>;
  platform?: Platform;
  /** Of a manifest that is no image's: what it is. */
  artifactType?: string;
}

export interface HistoryEntry {
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  empty_layer?: boolean;
}

/** OCI image-spec, "Image Configuration", with docker's extra members. The image id is the digest of its bytes. */
export interface ImageConfig {
  created?: string;
  author?: string;
  architecture: string;
  os: string;
  variant?: string;
  config?: Omit<ContainerConfig, "Image">;
  rootfs: { type: "layers"; diff_ids: string[] };
  history?: HistoryEntry[];
  /** BuildKit's inline cache: base64 of JSON. */
  "moby.buildkit.cache.v0"?: string;
}

export interface Manifest {
  schemaVersion: 2;
  mediaType?: string;
  config: Descriptor;
  layers: Descriptor[];
  /** What it refers to; such a manifest is a referrer. */
  subject?: Descriptor;
  artifactType?: string;
  annotations?: Record<string, string>;
}

export interface Index {
  schemaVersion: 2;
  mediaType?: string;
  manifests: Descriptor[];
  subject?: Descriptor;
  artifactType?: string;
  annotations?: Record<string, string>;
}

/** A manifest or an index as it was sent. */
export interface StoredDocument {
  digest: string;
  mediaType: string;
  /** Its exact bytes. */
  text: string;
}

/** A manifest that is to refer to something, and the blobs that it names. */
export interface Referrer {
  /** The manifest's exact bytes, OCI's; its `subject` is what it refers to. */
  text: string;
  blobs: readonly Uint8Array[];
}

/** in-toto attestation framework, "Statement". */
export interface Statement {
  _type: string;
  subject: { name: string; digest: Record<string, string> }[];
  predicateType: string;
  predicate: unknown;
}

/** Something attested of an image. */
export interface Attestation {
  /** Digest of the statement, or of the envelope around it; "" while the manifest that names it is not here. */
  Digest: string;
  /** A URI. */
  PredicateType: string;
  /** Digest of the manifest that it is about, and that one's platform. */
  Subject: string;
  Platform?: Platform;
  /** Beside the image in its index, or in a manifest that refers to it. */
  Kept: "index" | "referrer";
  /** Digest of the manifest that holds it. */
  Manifest: string;
  /** Bytes. */
  Size: number;
  /** It has a signature, whosever that is. */
  IsSigned: boolean;
  /** A pull leaves those of an index behind, unless it is of all platforms. */
  IsHere: boolean;
  /** When asked for. */
  Statement?: Statement;
}

export interface AttestationQuery {
  /** "os/arch[/variant]"; default all. */
  platform?: string;
  predicateTypes?: readonly string[];
  /** With what they state. */
  statements?: boolean;
}

export type BillFormat = "spdx-json" | "cyclonedx-json";

/** What an image is made of (SBOM). */
export interface Bill {
  /** The digest of the attestation that it was read from; absent when it was made on the spot. */
  Attestation?: string;
  /** "os/arch[/variant]" */
  Platform: string;
  Packages: BillPackage[];
  /** What could not be read, and why. */
  Notes: string[];
  /** SPDX 2.3 or CycloneDX 1.6. */
  Document: object;
}

export interface BillPackage {
  Name: string;
  Version: string;
  /** "deb", "apk", "rpm", "npm", "pypi", "golang". */
  Type: string;
  License: string;
  /** Package URL. */
  Purl: string;
}

/** One of the manifests that a name stands for (ImageManifestSummary, API 1.48). */
export interface ManifestSummary {
  /** Digest of the manifest. */
  ID: string;
  Descriptor: Descriptor;
  /** All that it is made of is here. */
  Available: boolean;
  /** Bytes: of what the blob store has of it, and of that and the unpacked layers. */
  Size: { Content: number; Total: number };
  Kind: "image" | "attestation" | "unknown";
  ImageData?: { Platform: Platform; Containers: string[]; Size: { Unpacked: number } };
  AttestationData?: { For: string };
}

/** A row of `docker images` (ImageSummary). */
export interface ImageSummary {
  /** "sha256:…" */
  Id: string;
  ParentId: string;
  RepoTags: string[];
  RepoDigests: string[];
  /** Seconds since the epoch. */
  Created: number;
  /** Bytes of all layers, unpacked. */
  Size: number;
  SharedSize: number;
  Labels: Record<string, string>;
  /** Containers that use it. */
  Containers: number;
  Dangling: boolean;
  /** Of the index or manifest that it came or left with; like the manifests only when asked for (API 1.48). */
  Descriptor?: Descriptor;
  Manifests?: ManifestSummary[];
}

export interface ImageInspect {
  Id: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  Created: string;
  Author: string;
  DockerVersion: string;
  /** What the image says nothing of is null or "", as docker writes it. */
  Config: { [Name in keyof Omit<ContainerConfig, "Image">]: ContainerConfig[Name] | null };
  Architecture: string;
  Variant?: string;
  Os: string;
  Size: number;
  GraphDriver: { Name: string; Data: Record<string, string> };
  RootFS: { Type: "layers"; Layers: string[] };
  Metadata: { LastTagTime: string };
  /** Of the index or manifest that it came or left with. */
  Descriptor?: Descriptor;
  /** When asked for. */
  Manifests?: ManifestSummary[];
}

/** A row of `docker history`, newest first. */
export interface ImageHistoryRow {
  Id: string;
  Created: number;
  CreatedBy: string;
  Tags: string[] | null;
  Size: number;
  Comment: string;
}

/** A regular file of a layer; layers count from 1, the lowest. */
export interface LayerFile {
  Path: string;
  Size: number;
  Layer: number;
  /** The layer that replaces or removes it: its bytes are there for nothing. */
  HiddenBy?: number;
}

/** What the layers of an image weigh, lowest first. */
export interface ImageLayers {
  Id: string;
  Size: number;
  /** Bytes of files that later layers hide. */
  Wasted: number;
  /** Share of the bytes that are visible at the end, 0 to 1. */
  Efficiency: number;
  /**
   * As dive counts: paths that several layers have, whatever is seen of them at the end. `Score` is the least that each path weighs
   * in any layer against what all have of it, 0 to 1; `Wasted` the bytes of all layers' copies of such paths.
   */
  Repeated: { Score: number; Wasted: number; Files: { Path: string; Layers: number; Size: number }[] };
  Layers: { Layer: number; DiffId: string; CreatedBy: string; Size: number; Wasted: number }[];
  /** Largest first. */
  Files: LayerFile[];
}

export interface ImageListOptions {
  all?: boolean;
  /** A repository, or repository:tag, as `docker images REPO`. */
  reference?: string;
  filters?: Filters;
  /** With what each image stands for. */
  manifests?: boolean;
}

export interface ImageDeleteRow {
  Untagged?: string;
  Deleted?: string;
}

/** What can be checked of any image. */
export type SecurityCheck = "user" | "setuid" | "secrets" | "shell";

/** Something that a check holds against an image. A secret itself is never in it. */
export interface SecurityFinding {
  Check: SecurityCheck;
  Message: string;
  Path?: string;
  /** Octal: "4755". */
  Mode?: string;
  /** Of the file: "CAP_NET_RAW". */
  Capabilities?: string[];
  /** Of a secret: "private key". */
  Kind?: string;
  /** Of a secret in a file, from 1. */
  Line?: number;
  /** Which layer brought it, 1 is the lowest. */
  Layer?: number;
  /** A later layer hides it from containers. */
  Hidden?: boolean;
  /** Which entry of the history says it, 1 is the oldest. */
  History?: number;
}

export interface SecurityOptions {
  /** Default all of them. */
  checks?: readonly SecurityCheck[];
  /** Paths that are passed over; patterns of absolute paths, as those of .dockerignore. */
  except?: readonly string[];
  signal?: AbortSignal;
}

export interface ImageSecurity {
  Id: string;
  User: string;
  /** What its containers begin with, by the names of the directives: its labels "io.berth.security.NAME". */
  Defaults: Record<string, string>;
  Checks: {
    Check: SecurityCheck;
    Passed: boolean;
    /** Each with what made it, as the history has it. */
    Findings: (SecurityFinding & { CreatedBy: string })[];
  }[];
}

/** What a stream of an archive may offer beside being read: one or the other, once. It spares new memory for each chunk. */
export interface Pourable {
  /** Gives all chunks to `write`, one after the other: each is good until what that returns has resolved. */
  pour(write: (chunk: Buffer) => Promise<void>): Promise<void>;
}
