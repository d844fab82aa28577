/**
 * Whose programs this kernel starts: its own architecture's, those that its processor has beside it, and those that an emulator is
 * registered for (binfmt_misc; kernel documentation "Kernel Support for miscellaneous Binary Formats").
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** elf(5): class (1: 32 bits, 2: 64), order of bytes (1: little, 2: big), e_machine. By Go's names. */
const machines: Readonly<Record<string, readonly [number, number, number]>> = {
  386: [1, 1, 3],
  amd64: [2, 1, 62],
  arm: [1, 1, 40],
  arm64: [2, 1, 183],
  loong64: [2, 1, 258],
  mips64le: [2, 1, 8],
  ppc64le: [2, 1, 21],
  riscv64: [2, 1, 243],
  s390x: [2, 2, 22],
};

/** Architectures that a processor runs beside its own. */
const beside: Readonly<Record<string, string>> = { amd64: "386", arm64: "arm" };

/**
 * @param architecture by Go's name: "arm64"
 * @param host this machine's
 * @param directory of binfmt_misc
 */
export function runsPrograms(architecture: string, host: string, directory = "/proc/sys/fs/binfmt_misc"): boolean {
  if (architecture === host || beside[host] === architecture) return true;
  const header = headerOf(architecture);
  // Of what is not known here nothing can be said: starting it will tell.
  return header === undefined || formatsIn(directory).some((format) => matches(format, header));
}

/** How a program of an architecture begins. */
function headerOf(architecture: string): Buffer | undefined {
  const machine = machines[architecture];
  if (!machine) return undefined;
  const [bits, order, number] = machine;
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, bits, order, 1]);
  for (const [at, value] of [
    [16, 2],
    [18, number],
  ] as const) {
    if (order === 1) header.writeUInt16LE(value, at);
    else header.writeUInt16BE(value, at);
  }
  return header;
}

function formatsIn(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name !== "register" && name !== "status");
    return names.map((name) => readFileSync(join(directory, name), "utf8"));
  } catch {
    return []; // not mounted: nothing is registered
  }
}

function matches(format: string, header: Buffer): boolean {
  const field = (name: string) => new RegExp(`^${name} (\\S+)$`, "m").exec(format)?.[1] ?? "";
  const magic = Buffer.from(field("magic"), "hex");
  if (!format.startsWith("enabled") || magic.length === 0) return false;
  const mask = Buffer.from(field("mask"), "hex");
  const offset = Number(field("offset")) || 0;
  return magic.every((byte, at) => ((header[offset + at] ?? 0) & (mask[at] ?? 0xff)) === (byte & (mask[at] ?? 0xff)));
}
