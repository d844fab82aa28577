/** A build's context as the archive that a host is sent: a directory without what its rules leave out, a stream, a Dockerfile alone. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { archiveMagic, type DirectorySource, type Entry, FileTree, isTarHeader, readDirectory } from "../../build/context/index.ts";
import type { BuildOptions } from "../../build/index.ts";
import { isRemoteContext } from "../../dockerfile/remote-source.ts";
import { EngineError } from "../../errors.ts";
import { readAttributes } from "../../image/layer/index.ts";
import { type EntryType, encodeHeader, padding, tarHeader, trailer } from "../../image/tar/index.ts";
import { randomHex } from "../../sys/random.ts";

export interface SentContext {
  /** The archive; absent where the host fetches the context itself. */
  body?: Readable;
  /** URL of a context that the host fetches. */
  remote?: string;
  /** Path of the Dockerfile in the context. */
  dockerfile?: string;
  /** The Dockerfile, where it is known: for the place of an error. */
  source?: { text: string; file: string };
}

/** @throws EngineError `not-found`, `invalid`, `usage` */
export async function sendContext(options: BuildOptions): Promise<SentContext> {
  const { context, file } = options;
  const named = file === undefined ? {} : { dockerfile: file };
  if (isRemoteContext(context)) return { remote: context, ...named };
  if (context === "-") return { ...(await fromStream(options.stdin, file)), ...named };
  return fromDirectory(await readDirectory(options));
}

/** Bytes that tell an archive from a Dockerfile. */
const headSize = 512;
const dockerfileLimit = 16 << 20;

/** What is no archive is a Dockerfile. */
async function fromStream(stdin: Readable | undefined, file: string | undefined): Promise<SentContext> {
  if (!stdin) throw new EngineError("usage", "cannot read from standard input: there is none");
  if (file === "-") throw new EngineError("usage", "cannot read both the build context and the Dockerfile from standard input");
  const chunks = stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let head = Buffer.alloc(0);
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    head = Buffer.concat([head, next.value]);
    if (head.length >= headSize) break;
  }
  const whole = (async function* () {
    if (head.length > 0) yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  })();
  if (isTarHeader(head) || archiveMagic(head)) return { body: Readable.from(whole, { objectMode: false }) };
  const text = await textOf(whole);
  return { body: Readable.from([oneFile("Dockerfile", text), trailer], { objectMode: false }), source: { text, file: "Dockerfile" } };
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    if ((length += chunk.length) > dockerfileLimit) throw new EngineError("invalid", "the Dockerfile on standard input is too large");
  }
  return Buffer.concat(parts).toString("utf8");
}

function oneFile(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  return Buffer.concat([encodeHeader(tarHeader({ name, size: content.length })), content, padding(content.length)]);
}

const ignoreFile = ".dockerignore";

/** A Dockerfile that is not in the context goes along under a name that nothing else has, and that COPY does not see. */
function fromDirectory(source: DirectorySource): SentContext {
  const { inContext, text, file, ignoreText } = source;
  const dockerfile = inContext ?? `.dockerfile.${randomHex(10)}`;
  const extra = inContext === undefined ? [oneFile(dockerfile, text)] : [];
  const rules = ignoreText ?? (inContext === undefined ? source.ignoreText : undefined);
  return {
    body: Readable.from(archive(source, { dockerfile, extra, rules, hides: inContext === undefined }), {
      objectMode: false,
      highWaterMark: 1 << 20,
    }),
    dockerfile,
    source: { text, file },
  };
}

interface Additions {
  dockerfile: string;
  extra: readonly Buffer[];
  /** In place of the directory's own. */
  rules: string | undefined;
  /** The Dockerfile is none of the context's. */
  hides: boolean;
}

async function* archive({ directory, ignore }: DirectorySource, { dockerfile, extra, rules, hides }: Additions): AsyncGenerator<Buffer> {
  // The host wants these two, whatever the rules say.
  const isWanted = (path: string) => path === dockerfile || path === ignoreFile || dockerfile.startsWith(`${path}/`);
  const tree = new FileTree(directory, {
    resetOwner: true,
    ...(ignore && { ignored: (path: string) => !isWanted(path) && ignore.ignores(path), exceptions: ignore.exceptions }),
  });
  const root = tree.lstat("");
  for (const entry of root ? tree.walk(root) : []) {
    if (entry.path === "" || entry.type === "socket") continue;
    if (entry.path === ignoreFile && entry.type === "file" && (rules !== undefined || hides)) {
      const own = rules ?? wholeText(tree, entry);
      yield oneFile(ignoreFile, hides ? `${own}\n${dockerfile}\n` : own);
    } else yield* packed(tree, entry);
  }
  if (!tree.lstat(ignoreFile) && (rules !== undefined || hides))
    yield oneFile(ignoreFile, `${rules ?? ""}\n${hides ? `${dockerfile}\n${ignoreFile}\n` : ""}`);
  yield* extra;
  yield trailer;
}

const kinds: Readonly<Record<Exclude<Entry["type"], "socket" | "device">, EntryType>> = {
  file: "file",
  directory: "directory",
  symlink: "symlink",
  fifo: "fifo",
};

function headerOf(tree: FileTree, entry: Entry): Buffer {
  const { path: name, mode, size, mtime, link = "", device, type } = entry;
  const seconds = Math.floor(mtime / 1000);
  const mtimeNs = Math.round((mtime - seconds * 1000) * 1e6) % 1e9;
  const rdev = device?.rdev ?? 0;
  const numbers = device ? { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) } : {};
  const kind = type === "device" ? (device?.block ? "block" : "char") : kinds[type as "file"];
  const xattrs = type === "file" || type === "directory" ? readAttributes(tree.absolute(name)) : undefined;
  return encodeHeader(
    tarHeader({
      type: kind,
      name,
      linkName: link,
      mode,
      mtime: seconds,
      mtimeNs,
      ...numbers,
      size: type === "file" ? size : 0,
      ...(xattrs && { xattrs }),
    }),
  );
}

const chunkSize = 1 << 18;

/** A file that has grown since is cut, one that shrank is filled up: its size has been told by then. */
function* packed(tree: FileTree, entry: Entry): Generator<Buffer> {
  const { path, size, type } = entry;
  if (type !== "file") {
    yield headerOf(tree, entry);
    return;
  }
  const fd = open(tree, path);
  try {
    yield headerOf(tree, entry);
    for (let left = size; left > 0; ) {
      const chunk = Buffer.alloc(Math.min(chunkSize, left));
      const read = readSync(fd, chunk, 0, chunk.length, null);
      left -= read || chunk.length;
      yield read > 0 ? chunk.subarray(0, read) : chunk;
    }
    yield padding(size);
  } finally {
    closeSync(fd);
  }
}

/** What took the file's place since, a link or a pipe, is not followed, nor waited for. */
function open(tree: FileTree, path: string): number {
  try {
    return openSync(tree.absolute(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw new EngineError("invalid", `cannot read "${path}" of the build context: ${(cause as Error).message}`, { cause });
  }
}

function wholeText(tree: FileTree, entry: Entry): string {
  return Buffer.concat([...packed(tree, entry)])
    .subarray(512, 512 + entry.size)
    .toString("utf8");
}
