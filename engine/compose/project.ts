/**
 * A loaded project: all its files read, interpolated, merged, checked and normalised (Compose Specification). What stands in
 * here needs no further defaults from the specification: every service has its networks, every network and volume its name,
 * every path is absolute. Types only; load.ts makes one.
 */
import type { Extensible } from "./elements.ts";
import type { Service } from "./service.ts";

/** The part that is printed (`config`), and that scripts read. */
export interface Model extends Extensible {
  name: string;
  /** By name, sorted. Only those that are enabled: see `Project.disabled`. */
  services: Record<string, Service>;
  networks?: Record<string, Network>;
  volumes?: Record<string, Volume>;
  secrets?: Record<string, FileObject>;
  configs?: Record<string, FileObject>;
  models?: Record<string, LanguageModel>;
}

export interface Project {
  model: Model;
  /** The absolute directory that relative paths of the main file start from. */
  directory: string;
  /** Absolute paths in the order in which they were merged; "-" is the standard input. */
  files: string[];
  /** Absolute paths of all files of this host that it was read from: those, what they include and extend, files of variables. */
  sources?: string[];
  /** Those of them that came from a registry, and where they are kept. */
  fetched?: string[];
  /** What variables stand for: the caller's environment, then that of `.env` files, and COMPOSE_PROJECT_NAME. */
  environment: Record<string, string>;
  /** Those that are active. */
  profiles: string[];
  /** What secrets and configs that come from variables hold, by name; never printed. */
  values: { secrets: Record<string, string>; configs: Record<string, string> };
  /** Between the parts of a container's or image's name: "-" unless it says otherwise. */
  separator?: "_";
  /** Variables that the user's configuration gives every container and build that does not set them. */
  proxies?: Record<string, string>;
  /** Services that no active profile enables, or that the selection left out. */
  disabled: Record<string, Service>;
  /** What the user should know, and that stops nothing: a variable without a value, an obsolete element. In order, each once. */
  warnings: string[];
}

export interface Network extends Extensible {
  /** What the engine calls it: "PROJECT_KEY", unless the file says otherwise. */
  name: string;
  driver?: string;
  driver_opts?: Record<string, string>;
  ipam?: Ipam;
  /** It is there already: used, never made nor removed. */
  external?: boolean;
  internal?: boolean;
  attachable?: boolean;
  labels?: Record<string, string>;
  enable_ipv4?: boolean;
  enable_ipv6?: boolean;
}

export interface Ipam extends Extensible {
  driver?: string;
  config?: Pool[];
}

export interface Pool extends Extensible {
  subnet?: string;
  gateway?: string;
  ip_range?: string;
  aux_addresses?: Record<string, string>;
}

export interface Volume extends Extensible {
  /** As a network's. */
  name: string;
  driver?: string;
  driver_opts?: Record<string, string>;
  external?: boolean;
  labels?: Record<string, string>;
}

/** A secret or a config: what stands in its file comes from a file, a variable of `Project.environment`, or (configs) from here. */
export interface FileObject extends Extensible {
  name: string;
  file?: string;
  environment?: string;
  content?: string;
  external?: boolean;
  labels?: Record<string, string>;
  driver?: string;
  driver_opts?: Record<string, string>;
  template_driver?: string;
}

/** A language model that a provider runs; kept, and refused by whoever would have to run it. */
export interface LanguageModel extends Extensible {
  name?: string;
  model?: string;
  context_size?: number;
  runtime_flags?: string[];
}

/** What `compose` is told before the verb, and how far to go. */
export interface LoadOptions {
  /** `-f`, in order; "-" is the standard input, oci://… a project in a registry. None: COMPOSE_FILE, else the first of the usual names here or in a directory above. */
  files?: readonly string[];
  /** `-p`. None: COMPOSE_PROJECT_NAME, the files' `name`, the directory's name. */
  name?: string;
  /** `--project-directory`; default: that of the first file. */
  directory?: string;
  /** `--env-file`; default: COMPOSE_ENV_FILES, else `.env` in the project's directory. */
  envFiles?: readonly string[];
  /** `--profile`; default: COMPOSE_PROFILES. "*" is all. */
  profiles?: readonly string[];
  /** Only these services and what they depend on; a named one is enabled whatever its profiles. */
  services?: readonly string[];
  /** With `services`: not what they depend on (`--no-deps`). */
  withoutDependencies?: boolean;
  /** `--all-resources`: also networks, volumes, secrets and configs that no service uses. */
  allResources?: boolean;
  /** `--compatibility`; default: COMPOSE_COMPATIBILITY. */
  compatibility?: boolean;
  /** See Project. */
  proxies?: Record<string, string>;
  /** Where relative paths start, and the caller's environment. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Ways into the world; default: this host's files. */
  reader?: Reader;
  /** `--no-verify`: pass over what the policies ask of a project in a registry, if they permit that. */
  noVerify?: boolean;
  /** Calls off what is fetched from registries. */
  signal?: AbortSignal;
  /** `config`'s: leave variables as they are, … */
  withoutInterpolation?: boolean;
  /** … add no defaults, … */
  withoutNormalization?: boolean;
  /** … leave paths relative, … */
  withoutPathResolution?: boolean;
  /** … do not ask whether what is named is there, … */
  withoutConsistency?: boolean;
  /** … leave `env_file` unread, … */
  withoutEnvironmentFiles?: boolean;
  /** … and give no service DOCKER_DEFAULT_PLATFORM. */
  withoutDefaultPlatform?: boolean;
}

/** The files that a project is read from. */
export interface Reader {
  /** Bytes of a regular file of no more than `limit` bytes; undefined when there is none. @throws EngineError for one that cannot be read */
  read(path: string, limit: number): Promise<Uint8Array | undefined>;
  /** What is at a path, links followed. */
  kind(path: string): Promise<"file" | "directory" | "other" | undefined>;
  /** The path without symbolic links; the path itself where there is nothing. */
  real(path: string): Promise<string>;
  /** All of the standard input, for `-f -`. */
  standardInput?(limit: number): Promise<Uint8Array>;
}
