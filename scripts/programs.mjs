// Compiles the C programs of engine/network/programs, the library of engine/container/logs/native and the addon of scripts/native for both
// processors into files of TypeScript or JavaScript beside them. Only whoever changes a C file runs this, and with --check whoever wants to
// see that those files are nothing else. It needs gcc and aarch64-linux-gnu-gcc of Debian 12 (gcc-aarch64-linux-gnu, libc6-dev-arm64-cross).
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const programs = fileURLToPath(new URL("../engine/network/programs/", import.meta.url));
const libraries = fileURLToPath(new URL("../engine/container/logs/native/", import.meta.url));
const addons = fileURLToPath(new URL("native/", import.meta.url));
const prefixes = { x64: "x86_64-linux-gnu-", arm64: "aarch64-linux-gnu-" };

// No library, no unwind tables, one page each of code and data; arm64 kernels may have pages of 64 KiB. Loops are not
// made into calls of memcpy.
const flags =
  "-nostdlib -ffreestanding -fno-builtin -fno-stack-protector -fno-asynchronous-unwind-tables -Wall -Wextra -Werror " +
  "-fno-tree-loop-distribute-patterns -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,max-page-size=65536";
const shared = `-O2 -shared -fPIC -fvisibility=hidden -Wl,--hash-style=gnu ${flags}`;
const kinds = { [programs]: `-Os -static -fno-pie -no-pie ${flags}`, [libraries]: shared, [addons]: shared };

function compile(prefix, source, kind) {
  const work = mkdtempSync(join(tmpdir(), "berth-programs-"));
  const target = join(work, "program");
  try {
    execFileSync(`${prefix}gcc`, [...kind.split(" "), "-o", target, source], { stdio: "inherit" });
    execFileSync(`${prefix}strip`, ["-s", "-R", ".comment", "-R", ".note.gnu.property", target], { stdio: "inherit" });
    return readFileSync(target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const linesOf = (code) =>
  code
    .toString("hex")
    .match(/.{1,128}/g)
    .map((line) => `    "${line}",\n`)
    .join("");

const types = { [programs]: ["Program", "./program.ts"], [libraries]: ["Library", "../../../sys/native-code.ts"], [addons]: ["Addon"] };

function textOf(folder, name) {
  const headers = readdirSync(folder).filter((file) => file.endsWith(".h"));
  const sources = [...headers.sort(), `${name}.c`].map((file) => readFileSync(join(folder, file)));
  const entries = Object.entries(prefixes).map(
    ([processor, prefix]) => `  ${processor}: [\n${linesOf(compile(prefix, join(folder, `${name}.c`), kinds[folder]))}  ],\n`,
  );
  const [type, from] = types[folder];
  const made = headers.length > 0 ? "and the headers, with their digest" : "with its digest";
  const declared = folder === addons ? "" : `import type { ${type} } from "${from}";\n`;
  return `/** Made by scripts/programs.mjs from ${name}.c ${made}: the ${type.toLowerCase()} as ELF files, in hexadecimal lines. */
${declared}
export const ${name}${folder === addons ? "" : `: ${type}`} = {
  name: "${name}",
  digest: "${createHash("sha256").update(Buffer.concat(sources)).digest("hex")}",
${entries.join("")}};
`;
}

for (const folder of Object.keys(kinds)) for (const entry of readdirSync(folder).filter((file) => file.endsWith(".c"))) make(folder, entry);

function make(folder, entry) {
  const name = entry.slice(0, -".c".length);
  const [file, text] = [join(folder, `${name}.${folder === addons ? "mjs" : "ts"}`), textOf(folder, name)];
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`${file} is not what these compilers make of ${entry}`);
    process.exitCode = 1;
  }
}
