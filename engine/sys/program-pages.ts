/**
 * What a process that waits for a long time can do without: the pages of its program that it has read to start. They are in the page
 * cache of all, and come back one by one when they are needed.
 */
import { bind } from "./libc.ts";
import { readPseudoFile } from "./pseudo-file.ts";

const MADV_DONTNEED = 4;

/** Those of files (proc(5), smaps) that are not writable and of which no page is this process's own: relocated, or written to. */
export function leaveProgramPages(smaps = readPseudoFile("/proc/self/smaps")): void {
  const advise = bind<(address: number, length: number, advice: number) => number>(
    "int madvise(uintptr_t address, size_t length, int advice)",
  );
  for (const { start, end } of unchangedFiles(smaps)) advise(start, end - start, MADV_DONTNEED); // what is refused stays
}

/** malloc_trim(3): what was freed, and is kept for the next who asks. */
export function leaveFreed(): void {
  bind<(pad: number) => number>("int malloc_trim(size_t pad)")(0);
}

/** Pure. */
export function unchangedFiles(smaps: string): { start: number; end: number }[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((mapping) => {
    const [, start = "", end = "", mode = "", inode = "0"] = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ (\d+)/.exec(mapping) ?? [];
    const own = [...mapping.matchAll(/^(?:Private_Dirty|Shared_Dirty|Anonymous|Locked): +(\d+)/gm)].some(([, size]) => size !== "0");
    if (inode === "0" || mode[1] === "w" || mode[3] !== "p" || own) return [];
    return [{ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) }];
  });
}
