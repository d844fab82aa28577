/** Chain ids: the name of a layer together with everything below it (OCI image-spec, "Layer ChainID"). Pure. */
import { sha256 as digest } from "../../sys/digest.ts";

export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${digest(bytes)}`;
}

/** The chain id of a layer on a parent chain, "" for none. */
export function chainOf(parent: string, diffId: string): string {
  return parent === "" ? diffId : sha256(`${parent} ${diffId}`);
}

/** The chain ids of a stack of diff ids, lowest first. */
export function chainsOf(diffIds: readonly string[]): string[] {
  let parent = "";
  return diffIds.map((diffId) => (parent = chainOf(parent, diffId)));
}
