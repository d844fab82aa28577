/** The build context of `berth demo`: examples/hello with the host's static busybox beside it, in a directory of its own. */
import { closeSync, cpSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineError } from "../../../engine/index.ts";

const places = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", "/usr/bin/busybox-static", "/usr/bin/busybox.static"];

/** Copies the example and the program into a fresh directory, which goes away with the scope. */
export function demoContext(): { directory: string } & Disposable {
  const busybox = staticBusybox();
  const directory = mkdtempSync(join(tmpdir(), "berth-demo-"));
  cpSync(exampleDirectory(), directory, { recursive: true });
  cpSync(busybox, join(directory, "busybox"), { dereference: true });
  return { directory, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Of the source tree or of an installed package: above this file, or above the bundle's chunk that holds it. */
function exampleDirectory(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== "/"; at = dirname(at)) {
    const found = join(at, "examples", "hello");
    if (existsSync(join(found, "Dockerfile"))) return found;
  }
  throw new EngineError("internal", 'cannot find "examples/hello" beside this program');
}

function staticBusybox(): string {
  const found = places.find((path) => existsSync(path) && isStatic(path));
  if (found) return found;
  throw new EngineError("not-found", "cannot build the demo: this host has no static busybox", {
    hint: "install the package busybox-static (Debian, openSUSE, Alpine) or busybox (Fedora, Arch)",
  });
}

/** An ELF file (elf(5)) without a PT_INTERP program header runs in an image that holds nothing else. 64-bit only. */
function isStatic(path: string): boolean {
  const head = Buffer.alloc(4096);
  const fd = openSync(path, "r");
  readSync(fd, head, 0, head.length, 0);
  closeSync(fd);
  if (head.readUInt32BE(0) !== 0x7f454c46) return false;
  const [start, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  const types = Array.from({ length: count }, (_, index) => start + index * size)
    .filter((offset) => offset + 4 <= head.length)
    .map((offset) => head.readUInt32LE(offset));
  return !types.includes(3);
}
