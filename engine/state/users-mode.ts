/** Modes of files that the engine makes for its user: `--cidfile`, `build -o`. Files of the engine itself get exactly the mode that is asked for. */
import type { LocalOptions } from "./options.ts";

/** @param mode what open(2) or mkdir(2) would be asked for in a process of the user's */
export function usersMode({ options }: { options: LocalOptions }, mode: number): number {
  return mode & ~(options.umask ?? 0);
}
