/** What is known of a build when it is over: all that a provenance can say, and nothing that is secret. Plain data. */

/** What a build was made from, as it was resolved. */
export type Material =
  /** @param digest "sha256:…", of the manifest or index, else of the config for an image that never had one */
  | { kind: "image"; name: string; platform: string; digest: string }
  /** @param commit hex */
  | { kind: "git"; url: string; commit: string }
  /** @param digest "sha256:…" */
  | { kind: "http"; url: string; digest: string };

export interface BuildFacts {
  /** Random. */
  invocation: string;
  /** RFC 3339 */
  started: string;
  finished: string;
  /** URI of the builder, and its version. */
  builder: { id: string; version: string };
  /** Of the machine: "linux/amd64". */
  machine: string;
  /** The Dockerfile as the builder was told of it, and its text. */
  dockerfile: { name: string; text: string };
  /** Where the context came from, when it is no directory of the client's. */
  remote?: { url: string; material?: Material };
  /** BuildKit's names of the frontend's arguments: "target", "build-arg:VERSION", "label:vendor". */
  parameters: Record<string, string>;
  /** Ids, never values. */
  secrets: string[];
  ssh: string[];
  /** Directories of the client's: "context", "dockerfile", those of named contexts. */
  locals: string[];
  materials: Material[];
  /** A step could reach the network, so that it may have been given more than the materials. */
  reachesNetwork: boolean;
  /** Of the repository that the context is a working copy of. */
  vcs?: { source?: string; revision?: string };
}

/** What is said of it. */
export interface ProvenanceWish {
  mode: "min" | "max";
  version: "v1" | "v0.2";
  /** URI; default berth's. */
  builderId?: string;
  /** The user's word that the build gives the same bytes again. */
  reproducible?: boolean;
}
