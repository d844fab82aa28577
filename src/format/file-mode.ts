/** Modes of files as ls(1) writes them. Pure. */
import type { FileType } from "../../engine/index.ts";

const letters: Record<FileType, string> = { file: "-", directory: "d", link: "l", fifo: "p", socket: "s", character: "c", block: "b" };
const bits = ["r", "w", "x"];

/** "drwxr-xr-x". @param mode permission bits with set-id and sticky */
export function modeText(type: FileType, mode: number): string {
  const three = [6, 3, 0].map((shift) => bits.map((bit, at) => (mode & ((4 >> at) << shift) ? bit : "-")));
  for (const [at, [special, letter]] of (
    [
      [0o4000, "s"],
      [0o2000, "s"],
      [0o1000, "t"],
    ] as const
  ).entries())
    if (mode & special) three[at]![2] = three[at]![2] === "x" ? letter : letter.toUpperCase();
  return letters[type] + three.flat().join("");
}
