/** ADD of a local archive: what is a tar, compressed or not, is unpacked into the destination instead of copied. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LayerThread, openDecompressor } from "../../image/layer/index.ts";
import { archiveMagic, type Compression, inflate, isTarHeader, type Source } from "../context/index.ts";
import { ensureDirectory, type Owner } from "../workspace/index.ts";

/** How far into a file its first tar header is looked for. */
const probeSize = 64 << 10;

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
      // As BuildKit does it: links of the archive, and links below the directory, lead no higher than the directory.
      const target = ensureDirectory(root, directory, owner);
      const external = compression === "bzip2" || compression === "xz";
      const end = fstatSync(fd).size;
      await using thread = new LayerThread(
        { kind: "unpack", root: target, prefix: "", ...(owner ? { owner } : {}), source: external ? "stream" : { fd, start: 0, end } },
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
async function archiveOf(fd: number): Promise<Compression | "none" | undefined> {
  const start = Buffer.alloc(probeSize);
  const head = start.subarray(0, readSync(fd, start, 0, start.length, 0));
  const compression = archiveMagic(head) ?? "none";
  const header = await firstBlock(compression, head, fd);
  return header && isTarHeader(header) ? compression : undefined;
}

async function firstBlock(compression: Compression | "none", head: Buffer, fd: number): Promise<Buffer | undefined> {
  if (compression === "none") return head;
  if (compression === "bzip2" || compression === "xz") return firstOf(decompressed(compression, fd));
  const { stream, cut } = openDecompressor(compression, probeSize);
  stream.on("error", () => {}); // the file goes on where the head ends
  for (const piece of cut(head)) stream.write(piece);
  stream.end();
  return firstOf(stream).catch(() => undefined); // the magic number alone makes no archive
}

/** The first piece of a stream, which then ends: what follows may be any amount. */
async function firstOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  for await (const chunk of stream) return Buffer.from(chunk);
  return undefined;
}

/** The file from its start, whatever was read of the descriptor before. */
async function* decompressed(compression: "bzip2" | "xz", fd: number): AsyncGenerator<Uint8Array> {
  const input = openSync(`/proc/self/fd/${fd}`, "r");
  try {
    yield* inflate(compression, input);
  } finally {
    closeSync(input);
  }
}
