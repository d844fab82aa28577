/** The rows of the three lists about registries, and the texts that they share. Pure. */
import type { EngineError } from "../../engine/errors.ts";
import type { JudgedDetails, JudgedTag } from "../../engine/trust/index.ts";

/** A registry that is known here, or was typed. */
export interface RegistryRow {
  /** "docker.io", "localhost:5000" */
  name: string;
  loggedIn: boolean;
  /** Images here that came from it, or went there. */
  images: number;
  status: "idle" | "reading" | "there" | "failed";
  /** Repositories that have been read, and whether there are more. */
  repositories?: { count: number; isAll: boolean };
  error?: EngineError;
}

export interface RepositoryRow {
  registry: string;
  /** Within its registry. */
  path: string;
  /** As command lines name it: "localhost:5000/team/app". */
  name: string;
  /** Images here that came from it, or went there. */
  images: number;
}

export interface TagRow {
  repository: string;
  tag: string;
  /** As command lines name it: "localhost:5000/team/app:1.0". */
  name: string;
  /** What is behind it, when it is known: it is asked for when the row comes into sight. */
  details?: JudgedTag;
  /** Why it is not. */
  error?: EngineError;
  /** Everything about it. @throws EngineError */
  look(): Promise<JudgedDetails>;
}

/** The registry that something is in. */
export function registryOf(name: string): string {
  return name.slice(0, name.indexOf("/") >= 0 ? name.indexOf("/") : undefined);
}
