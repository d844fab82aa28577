/** The record of an owner's forwarder: where it lies, and what stands where in it. */
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";

export const directoryOf = (ground: Ground) => join(ground.paths.network, "forward");
export const recordOf = (ground: Ground, owner: string) => join(directoryOf(ground), owner);

/** Where the ports begin in it, whose layout forwarder.c gives. */
export const at = { ports: 8 };
