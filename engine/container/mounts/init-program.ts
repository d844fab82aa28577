/** The first process of `--init`: a tiny program that forwards signals and reaps orphans. Which one this host has. */
import { findProgram } from "../../process/spawn.ts";

/** Static ones first: they run in an image that holds nothing else. scripts/packages.mjs looks for the same. */
const programs = ["tini-static", "docker-init", "/usr/lib/podman/catatonit", "/usr/libexec/podman/catatonit", "catatonit", "tini"];

/** Its path on the host, or undefined when none is installed. */
export function findInit(find: (program: string) => string | undefined = findProgram): string | undefined {
  for (const name of programs) {
    const path = find(name);
    if (path) return path;
  }
  return undefined;
}
