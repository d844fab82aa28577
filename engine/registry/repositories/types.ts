/** What questions about the repositories of a registry are answered with: plain data, with docker's spelling of names. */
import type { Descriptor, ImageConfig } from "../../image/types.ts";

/** Something that belongs to a manifest and is not a part of it. */
export interface Attached {
  Kind: "signature" | "sbom" | "attestation" | "other";
  ArtifactType?: string;
  Digest: string;
  MediaType: string;
  /** Bytes of its manifest. */
  Size: number;
  Annotations?: Record<string, string>;
  /** Where cosign keeps it; referrers have none. */
  Tag?: string;
}

/** A tag, and what is behind it. */
export interface TagDetails {
  Digest: string;
  MediaType: string;
  /** Bytes that a pull of it fetches for this host's platform, or the first that there is. */
  Size: number;
  /** ISO 8601; absent where its config does not say. */
  Created?: string;
  /** "linux/amd64"; none of what is no image. */
  Platforms: string[];
  /** Something signs it. */
  Signed: boolean;
}

export interface LayerSummary {
  Digest: string;
  MediaType: string;
  /** Bytes, as it is sent. */
  Size: number;
  /** The step that made it, where the history tells. */
  CreatedBy?: string;
  Annotations?: Record<string, string>;
}

/** A manifest that is no index. */
export interface ManifestDetails {
  Digest: string;
  MediaType: string;
  ArtifactType?: string;
  Platform?: string;
  /** ISO 8601 */
  Created?: string;
  /** Bytes of its config and layers. */
  Size: number;
  Layers: LayerSummary[];
  ConfigDigest: string;
  /** The image's own configuration: Env, Cmd, Labels. Absent of what is no image. */
  Config?: NonNullable<ImageConfig["config"]>;
  Annotations?: Record<string, string>;
}

/** A line of an index. */
export interface IndexEntry {
  Digest: string;
  MediaType: string;
  /** Bytes of the manifest. */
  Size: number;
  Platform?: string;
  ArtifactType?: string;
  Annotations?: Record<string, string>;
  /** Of an attestation: the manifest that it is about. */
  For?: string;
}

/** All that a registry says of a name. */
export interface RemoteDetails {
  /** In full: "localhost:5000/team/app:1.0". */
  Name: string;
  Digest: string;
  MediaType: string;
  /** Bytes of the manifest or index. */
  Size: number;
  ArtifactType?: string;
  Annotations?: Record<string, string>;
  /** What it refers to. */
  Subject?: Descriptor;
  /** Of an index. */
  Manifests?: IndexEntry[];
  /** The manifest, or that of the index which was asked for: of this host's platform, else the first. */
  Manifest?: ManifestDetails;
  /** What refers to it, and what cosign keeps for it under tags. */
  Referrers: Attached[];
}
