/** What the commands about a registry's directory have in common. */

export const usualDirectory = "/var/lib/berth-registry";
/** Milliseconds that something lies there, named by nothing, before it is collected. */
export const usualGrace = 24 * 60 * 60 * 1000;

/** A tag, a manifest or a content that went, and why. */
export interface Gone {
  repository?: string;
  tag?: string;
  digest?: string;
  why: string;
}

/** "team/app:1: not one of the last 10" */
export function lineOfGone({ repository, tag, digest, why }: Gone): string {
  const name = tag === undefined ? digest : `:${tag}`;
  return `${repository ?? ""}${repository !== undefined && tag === undefined ? "@" : ""}${name}: ${why}`;
}
