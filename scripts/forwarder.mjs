// Compiles engine/network/forward/forwarder.c for both processors into program.ts beside it. Only whoever changes the C
// file runs this, and with --check whoever wants to see that program.ts is nothing else. It needs gcc and
// aarch64-linux-gnu-gcc of Debian 12 (gcc-aarch64-linux-gnu, libc6-dev-arm64-cross).
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../engine/network/forward/", import.meta.url));
const source = join(folder, "forwarder.c");
const prefixes = { x64: "x86_64-linux-gnu-", arm64: "aarch64-linux-gnu-" };

// No library, no unwind tables, one page each of code and data; arm64 kernels may have pages of 64 KiB.
const flags =
  "-Os -static -nostdlib -ffreestanding -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables -fno-pie -no-pie -Wall -Wextra -Werror " +
  "-Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,max-page-size=65536";

function compile(prefix) {
  const work = mkdtempSync(join(tmpdir(), "berth-forwarder-"));
  const target = join(work, "forwarder");
  try {
    execFileSync(`${prefix}gcc`, [...flags.split(" "), "-o", target, source], { stdio: "inherit" });
    execFileSync(`${prefix}strip`, ["-s", "-R", ".comment", "-R", ".note.gnu.property", target], { stdio: "inherit" });
    return readFileSync(target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const entries = Object.entries(prefixes).map(([processor, prefix]) => {
  const lines = compile(prefix)
    .toString("hex")
    .match(/.{1,128}/g);
  return `  ${processor}: [\n${lines.map((line) => `    "${line}",\n`).join("")}  ],\n`;
});
const digest = createHash("sha256").update(readFileSync(source)).digest("hex");
const file = join(folder, "program.ts");
const text = `/** Made by scripts/forwarder.mjs from forwarder.c, with its digest: the forwarder as ELF files, in hexadecimal lines. */

export const sourceDigest = "${digest}";

export const programs: Record<string, readonly string[]> = {
${entries.join("")}};
`;
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error(`${file} is not what these compilers make of forwarder.c`);
  process.exitCode = 1;
}
