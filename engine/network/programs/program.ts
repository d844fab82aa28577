/**
 * The programs in C that outlive berth (forwarder.c, nameserver.c), as files of a state directory: made at their first
 * use since the host's boot. scripts/programs.mjs compiles them.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";

/** A program as ELF files by `process.arch`, in hexadecimal lines. */
export interface Program {
  name: string;
  /** SHA-256 of its sources. */
  digest: string;
  x64: readonly string[];
  arm64: readonly string[];
}

/** The program as a file; undefined where it cannot run. */
export async function findProgramFile(ground: Ground, program: Program): Promise<string | undefined> {
  const code = program[process.arch as "x64" | "arm64"] as readonly string[] | undefined;
  if (!code) return undefined;
  // /run may be a file system without programs (noexec), as Debian mounts it.
  for (const directory of [join(ground.paths.network, "programs"), join(ground.paths.root, "programs")]) {
    const file = join(directory, `${program.name}-${program.digest.slice(0, 16)}`);
    if (existsSync(file) || (await isMade(file, directory, code))) return file;
  }
  return undefined;
}

async function isMade(file: string, directory: string, code: readonly string[]): Promise<boolean> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, Buffer.from(code.join(""), "hex"));
  chmodSync(draft, 0o700);
  try {
    await runProcess(draft, []); // without arguments it ends at once
  } catch {
    rmSync(draft, { force: true });
    return false;
  }
  renameSync(draft, file);
  return true;
}
