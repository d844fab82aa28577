/** Telling archives by their first bytes, and the compressions that Node does not know. */
import { EngineError } from "../../errors.ts";
import { externalCompression } from "../../image/archive/index.ts";
import { compressionOf } from "../../image/layer/index.ts";
import { blockSize, checksumFits } from "../../image/tar/index.ts";
import { findProgram, spawnProcess } from "../../process/spawn.ts";

export type Compression = "gzip" | "zstd" | "bzip2" | "xz";

/** The compression whose magic number a file begins with; of gzip only with the method that there is. */
export function archiveMagic(head: Buffer): Compression | undefined {
  const found = compressionOf(head) ?? externalCompression(head);
  return found === "gzip" && head[2] !== 8 ? undefined : found;
}

/** True when a file begins with a tar header. */
export function isTarHeader(head: Buffer): boolean {
  return head.length >= blockSize && checksumFits(head.subarray(0, blockSize));
}

/** xz and bzip2 are not in Node: the host's programs do it. @param input a descriptor to read from its start, or the compressed bytes */
export async function* inflate(compression: "bzip2" | "xz", input: number | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const program = findProgram(compression);
  if (!program)
    throw new EngineError("unsupported", `cannot unpack a ${compression} archive: the program "${compression}" is not installed`, {
      exit: 1,
      hint: `install ${compression === "xz" ? "xz-utils" : "bzip2"}`,
    });
  const child = spawnProcess(program, ["-dc"], { stdio: [typeof input === "number" ? input : "pipe", "pipe", "ignore"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.once("error", () => child.stdout?.destroy());
  if (typeof input !== "number" && child.stdin) {
    const stdin = child.stdin;
    stdin.on("error", () => {}); // it ended early: its exit status says why
    const { Readable } = process.getBuiltinModule("node:stream");
    Readable.from(input, { objectMode: false })
      .on("error", (error) => child.stdout?.destroy(error))
      .pipe(stdin);
  }
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    if ((await ended) !== 0) throw new EngineError("archive", `cannot unpack: ${compression} found the archive damaged`);
  } finally {
    child.kill("SIGKILL"); // the reader wants no more
  }
}
