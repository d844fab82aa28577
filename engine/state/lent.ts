/**
 * What rooms ask of those above them. Each room alone reads and writes its tables; for those below, it answers by an interface
 * that house.ts lends them.
 */
import type { Credentials, MountPoint } from "../docker.ts";

export interface Lent {
  readonly containers: ContainerFacts;
  readonly builds: BuildFacts;
  readonly trust: TrustGuard;
}

/** An image that is about to be used. */
export interface ImageCandidate {
  /** What it was found by: a reference with its tag or digest, or its id. */
  name?: string | undefined;
  /** Id of an image of the store; or else the digests of what a registry has, the index first. */
  image?: string;
  digests?: readonly string[];
  /** --no-verify */
  isUnverified?: boolean | undefined;
  /** It comes out of an archive. */
  isLoaded?: boolean;
  /** How its registry is asked. */
  access?: { insecure?: boolean | undefined; credentials?: Credentials | null | undefined; signal?: AbortSignal | undefined };
}

export interface Admission {
  /** What to tell of it. */
  lines: string[];
  /** Keeps the signatures that were fetched, once the store has what they are of. */
  keep(): Promise<void>;
}

/** The trust room's answer: whether policies let an image be used. */
export interface TrustGuard {
  /** Whether there is a policy. */
  isActive(): boolean;
  /**
   * @returns undefined where no policy has anything to say
   * @throws EngineError `untrusted`, `invalid` for a policy that is malformed
   */
  admit(candidate: ImageCandidate): Promise<Admission | undefined>;
}

export interface ContainerMounts {
  id: string;
  /** Undefined where they cannot be read: they may be any. */
  mounts: MountPoint[] | undefined;
}

/** The containers room's answers. What is given ids of other things (build steps) knows nothing of them. */
export interface ContainerFacts {
  namesOf(ids: readonly string[]): Map<string, string>;
  /** Name servers of their own (--dns), of those that have some. */
  nameServersOf(ids: readonly string[]): Map<string, string[]>;
  /** Of all containers but those that are being removed with their volumes, the oldest first. */
  mounts(): ContainerMounts[];
  /** Of containers that run. @param options.starting also of those that are being started */
  mountsInUse(options?: { starting?: boolean }): ContainerMounts[];
  /** Containers that were made of an image or mount it, the oldest first. */
  usersOf(image: string): { id: string; status: string }[];
  /** How many those are, by image. */
  usersByImage(): Map<string, number>;
}

/** The build room's answers. */
export interface BuildFacts {
  /** The cache holds on to a chain of layers. */
  needs(chainId: string): boolean;
}
