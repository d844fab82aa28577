/** The tools that `debug` brings along: an image that was named, or busybox from wherever there is one. */
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { encodeEntry, tarHeader, trailer } from "../../../engine/image/tar/index.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import type { Context } from "../command.ts";

export interface Tools {
  image: string;
  /** Words before the command, which make the tools ready. */
  before: readonly string[];
}

const busybox = "busybox:latest";
/** The image that is made of the host's busybox. */
const own = "berth-debug:busybox";
const hostPaths = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", "/usr/bin/busybox-static"];
/** Bytes of a program that is taken along. */
const largest = 16 << 20;

export async function* chooseTools(context: Context, named: string | undefined): AsyncGenerator<ProgressEvent, Tools> {
  if (named !== undefined) return { image: named, before: [] };
  const { engine } = context;
  const isThere = (reference: string) =>
    engine.images.inspect(reference).then(
      () => true,
      (error) => {
        if (error instanceof EngineError && error.code === "not-found") return false;
        throw error;
      },
    );
  if (await isThere(busybox)) return { image: busybox, before: [] };
  if (!(await isThere(own))) {
    const program = await staticProgram();
    if (!program) return { image: busybox, before: [] }; // the engine pulls it
    yield* engine.images.import(rootOf(program), { reference: own, message: "the host's busybox", signal: context.signal });
  }
  // Its tools are links to it, which it makes by itself.
  return { image: own, before: ["/bin/busybox", "sh", "-c", '/bin/busybox --install -s /bin; exec "$@"', "sh"] };
}

/** The host's busybox, when it needs no libraries. */
async function staticProgram(): Promise<Buffer | undefined> {
  for (const path of hostPaths) {
    const program = await readProgram(path);
    if (program && isStatic(program)) return program;
  }
  return undefined;
}

async function readProgram(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    return size <= largest ? await file.readFile() : undefined;
  } catch {
    return undefined; // not there, or not for us: the next one
  }
}

/** An ELF file of 64 bits, little-endian, without an interpreter (PT_INTERP): elf(5). */
function isStatic(program: Buffer): boolean {
  if (program.length < 64 || program.readUInt32BE(0) !== 0x7f454c46 || program[4] !== 2 || program[5] !== 1) return false;
  const [start, size, count] = [Number(program.readBigUInt64LE(32)), program.readUInt16LE(54), program.readUInt16LE(56)];
  const interpreter = 3;
  return Array.from({ length: count }, (_, at) => start + at * size).every(
    (at) => at + 4 <= program.length && program.readUInt32LE(at) !== interpreter,
  );
}

function rootOf(program: Buffer): Readable {
  const directory = (name: string) => encodeEntry(tarHeader({ name, type: "directory", mode: 0o755 }));
  const places = ["bin", "etc", "tmp", "root"].map(directory);
  const file = (name: string, mode: number, content: Buffer) => encodeEntry(tarHeader({ name, mode }), content);
  const users = file("etc/passwd", 0o644, Buffer.from("root:x:0:0:root:/root:/bin/sh\n"));
  return Readable.from([...places, users, file("bin/busybox", 0o755, program), trailer]);
}
