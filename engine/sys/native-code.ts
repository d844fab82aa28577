/** Compiled code of berth's own, in this process. */
import { closeSync, writeSync } from "node:fs";
import { bind, check, type Functions, load } from "./libc.ts";

// <sys/mman.h>
const MFD_CLOEXEC = 1;

/** A shared library as ELF files by `process.arch`, in hexadecimal lines. */
export interface Library {
  name: string;
  /** SHA-256 of its sources. */
  digest: string;
  x64: readonly string[];
  arm64: readonly string[];
}

/** Loads a library from memory; undefined where there is none for this processor, or the system lets no memory be run as a program. */
export function loadCode(library: Library): Functions | undefined {
  const code = library[process.arch as "x64" | "arm64"] as readonly string[] | undefined;
  if (!code) return undefined;
  const create = bind<(name: string, flags: number) => number>("int memfd_create(const char *name, unsigned int flags)");
  let fd: number | undefined;
  try {
    fd = check(create("berth", MFD_CLOEXEC), "memfd_create");
    writeSync(fd, Buffer.from(code.join(""), "hex"));
    return load(`/proc/self/fd/${fd}`);
  } catch {
    return undefined; // vm.memfd_noexec, a policy of SELinux, no descriptor left
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
