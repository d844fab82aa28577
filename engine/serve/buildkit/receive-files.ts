/**
 * A tree of files from a client, by fsutil's protocol: it tells of every entry in the order of a walk, sends the content of those that it
 * is asked for, in pieces and several at a time, and is told when all is there. Nothing that it says leads out of the directory: an entry's
 * parent must be a directory that was made here. What an earlier transfer has brought stays as it is.
 */
import { chmodSync, closeSync, linkSync, lstatSync, mkdirSync, openSync, symlinkSync, writeSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { MessageStream } from "../../http/grpc-stream.ts";
import { writeAttributes } from "../../image/layer/index.ts";
import { makeNode, setTimes, splitTime } from "../../sys/files.ts";
import { unixMode } from "../go-mode.ts";
import { packet, packets, stat } from "./messages.ts";
import type { Decoded } from "./wire.ts";

type Stat = Decoded<typeof stat>;

/** Files that are asked for at a time: each is an open descriptor. */
const atOnce = 64;

const S_IFMT = 0o170000;
const kinds = { directory: 0o040000, symlink: 0o120000, file: 0o100000, socket: 0o140000 } as const;

/**
 * @param into a directory that holds nothing, or what came before
 * @param onProgress told the bytes so far
 * @throws EngineError `invalid` for what is no tree
 */
export async function receiveFiles(call: MessageStream, into: string, onProgress: (bytes: number) => void = () => {}): Promise<void> {
  using tree = new ReceivedTree(into, (id) => void call.send(packet.encode({ type: packets.request, ID: id })));
  let bytes = 0;
  let said = false;
  for await (const message of call.messages()) {
    const { type, stat, ID, data } = packet.decode(message);
    if (type === packets.error) throw new EngineError("system", `the client cannot send its files: ${Buffer.from(data).toString("utf8")}`);
    if (type === packets.stat) tree.enter(stat);
    else if (type === packets.data) tree.write(ID, data);
    bytes += message.length;
    onProgress(bytes);
    if (!tree.isWhole || said) continue;
    said = true;
    tree.finish();
    await call.send(packet.encode({ type: packets.end }));
    call.end();
  }
  if (!said) throw new EngineError("cancelled", "the client has broken off its files");
}

class ReceivedTree implements Disposable {
  readonly #root: string;
  readonly #request: (id: number) => void;
  readonly #directories = new Map<string, Stat>([["", stat.decode(new Uint8Array())]]);
  readonly #files = new Set<string>();
  /** All that this transfer has told of. */
  readonly #entered = new Set<string>();
  readonly #links: Stat[] = [];
  readonly #waiting: { id: number; stat: Stat }[] = [];
  readonly #open = new Map<number, { fd: number; stat: Stat }>();
  #count = 0;
  #told = false;

  constructor(root: string, request: (id: number) => void) {
    this.#root = root;
    this.#request = request;
  }

  get isWhole(): boolean {
    return this.#told && this.#open.size === 0 && this.#waiting.length === 0;
  }

  /** @param entry absent behind the last one */
  enter(entry: Stat | undefined): void {
    if (!entry) {
      this.#told = true;
      return;
    }
    const id = this.#count++;
    this.#check(entry.path);
    const mode = unixMode(entry.mode);
    const path = this.#pathOf(entry);
    if ((mode & S_IFMT) === kinds.directory) {
      if (!this.#isHere(path, mode)) mkdirSync(path, 0o700);
      this.#directories.set(entry.path, entry);
    } else if (this.#isHere(path, mode)) {
      if ((mode & S_IFMT) === kinds.file) this.#files.add(entry.path);
    } else if ((mode & S_IFMT) === kinds.symlink) {
      symlinkSync(entry.linkname, path);
      this.#finishEntry(entry);
    } else if ((mode & S_IFMT) === kinds.file) this.#enterFile(id, entry);
    else if ((mode & S_IFMT) !== kinds.socket) {
      makeNode(path, mode, entry.devmajor, entry.devminor);
      this.#finishEntry(entry);
    }
  }

  write(id: number, data: Uint8Array): void {
    const file = this.#open.get(id);
    if (!file) throw new EngineError("invalid", `the client sends a file that it was not asked for: ${id}`);
    for (let at = 0; at < data.length; ) at += writeSync(file.fd, data, at);
    if (data.length > 0) return;
    this.#open.delete(id);
    closeSync(file.fd);
    this.#finishEntry(file.stat);
    this.#ask();
  }

  /** Hard links, and what is written when nothing is put into a directory any more. */
  finish(): void {
    for (const entry of this.#links) {
      if (!this.#files.has(entry.linkname))
        throw new EngineError("invalid", `the client's "${entry.path}" is a link to "${entry.linkname}", which is no file of it`);
      linkSync(`${this.#root}/${entry.linkname}`, this.#pathOf(entry));
    }
    for (const [path, entry] of [...this.#directories].reverse()) if (path !== "") this.#finishEntry(entry);
  }

  #enterFile(id: number, entry: Stat): void {
    if (entry.linkname !== "") return void this.#links.push(entry);
    this.#files.add(entry.path);
    this.#waiting.push({ id, stat: entry });
    this.#ask();
  }

  #ask(): void {
    while (this.#open.size < atOnce) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#open.set(next.id, { fd: openSync(this.#pathOf(next.stat), "wx", 0o600), stat: next.stat });
      this.#request(next.id);
    }
  }

  /** A clean relative path whose directory was entered here, and is no link. */
  #check(path: string): void {
    const parts = path.split("/");
    const parent = parts.slice(0, -1).join("/");
    if (path.includes("\0") || parts.some((part) => ["", ".", ".."].includes(part)) || !this.#directories.has(parent))
      throw new EngineError("invalid", `the client sends "${path}", which is no path in its directory`);
    if (this.#entered.has(path)) throw new EngineError("invalid", `the client sends "${path}" twice`);
    this.#entered.add(path);
  }

  /** True when an earlier transfer has brought it. */
  #isHere(path: string, mode: number): boolean {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return false;
    if ((found.mode & S_IFMT) === (mode & S_IFMT)) return true;
    throw new EngineError("invalid", `the client's "${path.slice(this.#root.length + 1)}" has become something else meanwhile`);
  }

  #pathOf({ path }: Stat): string {
    return `${this.#root}/${path}`;
  }

  #finishEntry(entry: Stat): void {
    const path = this.#pathOf(entry);
    const mode = unixMode(entry.mode);
    const attributes = Object.entries(entry.xattrs).map(([name, value]) => [name, Buffer.from(value)] as const);
    if (attributes.length > 0) writeAttributes(path, new Map(attributes.filter(([name]) => travels(name))));
    if ((mode & S_IFMT) !== kinds.symlink) chmodSync(path, mode & 0o7777);
    const { seconds, nanoseconds } = splitTime(entry.modTime);
    setTimes(path, seconds, nanoseconds);
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}

/** What a context's files bring along wherever it comes from. */
const travels = (name: string) => name === "security.capability" || name.startsWith("user.");
