/** How a service's image is built: the Compose Specification's `build` in its long form. Texts as in service.ts. */
import type { Environment, Extensible, FileMount, Ulimit } from "./elements.ts";

export interface Build extends Extensible {
  /** A directory, or what a builder fetches: a URL, a Git repository. */
  context?: string;
  /** Relative to the context; absent with `dockerfile_inline`. */
  dockerfile?: string;
  dockerfile_inline?: string;
  entitlements?: string[];
  args?: Environment;
  /** "true", "false", or the attestation's options. */
  provenance?: string;
  sbom?: string;
  /** "default", or "ID=PATH". */
  ssh?: string[];
  labels?: Record<string, string>;
  cache_from?: string[];
  cache_to?: string[];
  no_cache?: boolean;
  /** By name: a directory, a URL, "docker-image://…", or "service:NAME" for what that service's build makes. */
  additional_contexts?: Record<string, string>;
  pull?: boolean;
  /** "HOST=ADDRESS", in order. */
  extra_hosts?: string[];
  isolation?: string;
  network?: string;
  target?: string;
  secrets?: FileMount[];
  shm_size?: string;
  tags?: string[];
  ulimits?: Record<string, Ulimit>;
  platforms?: string[];
  privileged?: boolean;
}
