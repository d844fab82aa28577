/** A tree of files for a client, by fsutil's protocol: it is told of every entry, asks for the content that it wants, and says when it has it all. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { MessageStream } from "../../http/grpc-stream.ts";
import { readAttributes } from "../../image/layer/index.ts";
import { goMode } from "../go-mode.ts";
import { packet, packets, type stat } from "./messages.ts";
import type { Encoded } from "./wire.ts";

type Stat = Encoded<typeof stat>;

const pieceSize = 64 << 10;

/** @param root nothing changes below it meanwhile */
export async function sendFiles(call: MessageStream, root: string): Promise<void> {
  const files = new Map<number, string>();
  const [told, served] = [tell(call, root, files), serve(call, root, files)];
  await Promise.all([told, served]);
}

async function tell(call: MessageStream, root: string, files: Map<number, string>): Promise<void> {
  let id = 0;
  const links = new Map<string, string>();
  for (const { path, stats } of walk(root, "")) {
    const entry = statOf(root, path, stats, links);
    if (stats.isFile() && !entry.linkname) files.set(id, path);
    id++;
    await call.send(packet.encode({ type: packets.stat, stat: entry }));
  }
  await call.send(packet.encode({ type: packets.stat }));
}

/** Answers what the client asks for, until it has everything. */
async function serve(call: MessageStream, root: string, files: Map<number, string>): Promise<void> {
  for await (const message of call.messages()) {
    const { type, ID, data } = packet.decode(message);
    if (type === packets.error) throw new EngineError("system", `the client cannot take the result: ${Buffer.from(data).toString("utf8")}`);
    if (type === packets.request) await sendFile(call, root, ID, files.get(ID));
    if (type !== packets.end) continue;
    await call.send(packet.encode({ type: packets.end }));
    call.end();
  }
}

async function sendFile(call: MessageStream, root: string, id: number, path: string | undefined): Promise<void> {
  if (path === undefined) throw new EngineError("invalid", `the client asks for a file that there is not: ${id}`);
  const fd = openSync(`${root}/${path}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new EngineError("system", `cannot send "${path}": it is no file any more`);
    const piece = Buffer.alloc(pieceSize);
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece))
      await call.send(packet.encode({ type: packets.data, ID: id, data: piece.subarray(0, read) }));
  } finally {
    closeSync(fd);
  }
  await call.send(packet.encode({ type: packets.data, ID: id }));
}

interface Found {
  path: string;
  stats: Stats;
}

/** Parents before children, names in the order of their bytes, which the client checks. */
function* walk(root: string, directory: string): Generator<Found> {
  const names = readdirSync(directory === "" ? root : `${root}/${directory}`, { encoding: "buffer" }).sort(Buffer.compare);
  for (const name of names) {
    const path = directory === "" ? textOf(name) : `${directory}/${textOf(name)}`;
    const stats = lstatSync(`${root}/${path}`);
    yield { path, stats };
    if (stats.isDirectory()) yield* walk(root, path);
  }
}

function textOf(name: Buffer): string {
  const text = name.toString("utf8");
  if (!Buffer.from(text).equals(name))
    throw new EngineError("unsupported", `cannot send "${text}": its name is no UTF-8, which BuildKit's protocol wants`);
  return text;
}

/** @param links the first name of each file that has several */
function statOf(root: string, path: string, stats: Stats, links: Map<string, string>): Stat {
  const { mode, uid, gid, size, rdev, nlink, dev, ino } = stats;
  const key = `${dev}:${ino}`;
  const first = stats.isFile() && nlink > 1 ? links.get(key) : undefined;
  if (stats.isFile() && nlink > 1) links.set(key, first ?? path);
  const linkname = stats.isSymbolicLink() ? readlinkSync(`${root}/${path}`) : (first ?? "");
  const attributes = stats.isSymbolicLink() ? undefined : readAttributes(`${root}/${path}`);
  const isDevice = stats.isBlockDevice() || stats.isCharacterDevice();
  return {
    ...{ path, uid, gid, linkname },
    mode: goMode(mode),
    size: stats.isFile() ? size : 0,
    modTime: lstatSync(`${root}/${path}`, { bigint: true }).mtimeNs,
    // The kernel's encoding of dev_t, <linux/kdev_t.h>
    ...(isDevice && { devmajor: (rdev >> 8) & 0xfff, devminor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) }),
    ...(attributes && { xattrs: Object.fromEntries(attributes) }),
  };
}
