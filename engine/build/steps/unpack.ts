/** ADD of a local archive: what is a tar, compressed or not, is unpacked into the destination instead of copied. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Readable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { LayerThread } from "../../image/layer-thread.ts";
import { blockSize, checksumFits } from "../../image/tar/header.ts";
import { findProgram, spawnProcess } from "../../process/spawn.ts";
import type { Source } from "../context/select.ts";
import { ensureDirectory, type Owner } from "./rootfs-path.ts";

type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

/** How far into a file its first tar header is looked for. */
const probeSize = 64 << 10;

const magics: [Compression, string][] = [
  ["gzip", "1f8b08"],
  ["zstd", "28b52ffd"],
  ["bzip2", "425a68"],
  ["xz", "fd377a585a00"],
];

/** Unpacks sources that are archives. @param root the step's file system */
export function unpackInto(
  root: string,
  owner: Owner | undefined,
  signal: AbortSignal,
): (source: Source, directory: string) => Promise<boolean> {
  return async (source, directory) => {
    const fd = openSync(source.tree.absolute(source.entry.path), "r");
    try {
      const compression = await archiveOf(fd);
      if (!compression) return false;
      const target = ensureDirectory(root, directory, owner);
      const prefix = target.slice(root.length + 1);
      const external = compression === "bzip2" || compression === "xz";
      const end = fstatSync(fd).size;
      await using thread = new LayerThread(
        { kind: "unpack", root, prefix, ...(owner ? { owner } : {}), source: external ? "stream" : { fd, start: 0, end } },
        signal,
      );
      if (external) await thread.feed(decompressed(compression, fd));
      await thread.result();
      return true;
    } finally {
      closeSync(fd);
    }
  };
}

/** The compression of an archive; undefined when the file is none. */
async function archiveOf(fd: number): Promise<Compression | undefined> {
  const start = Buffer.alloc(probeSize);
  const head = start.subarray(0, readSync(fd, start, 0, start.length, 0));
  const hex = head.subarray(0, 6).toString("hex");
  const compression = magics.find(([, magic]) => hex.startsWith(magic))?.[0] ?? "none";
  const header = await firstBlock(compression, head, fd);
  return header && header.length >= blockSize && checksumFits(header.subarray(0, blockSize)) ? compression : undefined;
}

async function firstBlock(compression: Compression, head: Buffer, fd: number): Promise<Buffer | undefined> {
  const zlib = process.getBuiltinModule("node:zlib");
  try {
    if (compression === "none") return head;
    if (compression === "gzip") return zlib.gunzipSync(head, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
    if (compression === "zstd") return zlib.zstdDecompressSync(head, { finishFlush: zlib.constants.ZSTD_e_flush });
  } catch {
    return undefined; // the magic number alone makes no archive
  }
  for await (const chunk of decompressed(compression, fd)) return Buffer.from(chunk);
  return undefined;
}

/** xz and bzip2 are not in Node: the host's programs read the file from its start. */
async function* decompressed(compression: "bzip2" | "xz", fd: number): AsyncGenerator<Uint8Array> {
  const program = findProgram(compression);
  if (!program)
    throw new EngineError("unsupported", `cannot unpack a ${compression} archive: the program "${compression}" is not installed`, {
      exit: 1,
      hint: `install ${compression === "xz" ? "xz-utils" : "bzip2"}`,
    });
  const input = openSync(`/proc/self/fd/${fd}`, "r");
  try {
    const child = spawnProcess(program, ["-dc"], { stdio: [input, "pipe", "ignore"] });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    child.once("error", () => child.stdout?.destroy());
    try {
      yield* child.stdout as Readable;
      if ((await ended) !== 0) throw new EngineError("archive", `cannot unpack: ${compression} found the archive damaged`);
    } finally {
      child.kill("SIGKILL"); // the reader wants no more
    }
  } finally {
    closeSync(input);
  }
}
