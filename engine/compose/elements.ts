/** Elements of the Compose Specification that several of its sections have. Texts as in service.ts. */

/** Names to values; null is a variable that nobody sets: the container does not get it. */
export type Environment = Record<string, string | null>;

/** Elements that begin with "x-": kept, and given a meaning by nobody here. */
export interface Extensible {
  [extension: `x-${string}`]: unknown;
}

/** One number for both limits, or each of them. */
export type Ulimit = number | { soft?: number; hard?: number };

/** A secret or a config that becomes a file in the container. */
export interface FileMount extends Extensible {
  /** The key in the project's `secrets` or `configs`. */
  source: string;
  /** Default: /run/secrets/SOURCE for a secret, /SOURCE for a config. */
  target?: string;
  uid?: string;
  gid?: string;
  /** Octal: "0440"; default "0444". */
  mode?: string;
}
