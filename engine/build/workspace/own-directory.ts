/** A directory of one build's own for what it fetches: under ROOT/build/steps, held by a lease, gone wherever the build ends. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { takeLease } from "../../state/leases.ts";
import { randomId } from "./id.ts";
import { removeWorkspace } from "./workspace.ts";

export interface OwnDirectory extends AsyncDisposable {
  directory: string;
}

/** @param fill puts the files there; when it throws, nothing is left */
export async function withOwnDirectory(ground: Ground, fill: (directory: string) => Promise<void>): Promise<OwnDirectory> {
  const id = randomId();
  const lease = takeLease(ground, "step", id);
  const dispose = async () => {
    await removeWorkspace(ground, id);
    lease.release();
  };
  try {
    const directory = join(ground.paths.build, "steps", id, "files");
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await fill(directory);
    return { directory, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
