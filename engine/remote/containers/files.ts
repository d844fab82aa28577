/** Files of containers: archives in and out, what a path is, and what was changed. */
import { constants } from "node:fs";
import { posix } from "node:path";
import { Readable } from "node:stream";
import type { CopyToOptions, FilesystemChange, PathStat } from "../../container/index.ts";
import type { WireAnswer } from "../../http/wire.ts";
import { encodeHeader, padding, readTar, type TarHeader, trailer } from "../../image/tar/index.ts";
import { fileMode } from "../../serve/go-mode.ts";
import { type Link, segment } from "../link/link.ts";
import { complete, parse } from "../link/template.ts";

const stat: PathStat = { name: "", size: 0, mode: 0, mtime: "", linkTarget: "" };

export async function statPath(link: Link, ref: string, path: string): Promise<PathStat> {
  const answer = await link.request("HEAD", `/containers/${segment(ref)}/archive`, { query: { path } }).catch((error) => {
    throw error.code === "not-found"
      ? error.withExit(error.exit, `no such path in container ${ref}: ${path}, or no such container`)
      : error;
  });
  return statOf(link, answer);
}

function statOf(link: Link, { headers }: WireAnswer): PathStat {
  return link.reading(() => {
    const text = Buffer.from(String(headers["x-docker-container-path-stat"] ?? ""), "base64").toString("utf8");
    const found = complete(stat, parse(text, "what it says of a path"), "what it says of a path");
    const mode = fileMode(found.mode);
    // podman has the path itself for what is no link.
    return { ...found, mode, linkTarget: (mode & constants.S_IFMT) === constants.S_IFLNK ? found.linkTarget : "" };
  });
}

interface CopyOptions {
  followLink?: boolean;
  name?: string;
}

/** See container/index.ts. */
export async function copyFrom(link: Link, ref: string, path: string, { followLink = false, name }: CopyOptions = {}): Promise<Readable> {
  const target = followLink ? (await statPath(link, ref, path)).linkTarget || path : path;
  const answer = await link.request("GET", `/containers/${segment(ref)}/archive`, { query: { path: target }, takesLong: true });
  const base = posix.basename(posix.normalize(`/${target}`));
  const bytes = link.bytes(answer);
  return Readable.from(name === undefined || name === base ? bytes : renamed(bytes, name), { objectMode: false });
}

/** The archive with another name of its root; "" leaves the root out. */
export async function* renamed(tar: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Buffer> {
  let root: string | undefined;
  for await (const { header, content } of readTar(tar)) {
    root ??= bare(header.name);
    const moved = movedTo(bare(header.name), root, name);
    if (moved === "") continue;
    const linkName = header.type === "hardlink" ? movedTo(bare(header.linkName), root, name) : header.linkName;
    const { sparse: _sparse, ...plain } = header as TarHeader; // holes come as zeros
    yield encodeHeader({ ...plain, name: moved, linkName });
    for await (const chunk of content()) yield Buffer.from(chunk); // the archive's own buffer may be used again
    yield padding(header.size);
  }
  yield trailer;
}

const bare = (name: string) =>
  name
    .replace(/^(\.?\/)+/, "")
    .replace(/\/+$/, "")
    .replace(/^\.$/, "");

function movedTo(path: string, root: string, name: string): string {
  const rest = path === root ? "" : root === "" ? path : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  if (rest === "") return name;
  return name === "" ? rest : `${name}/${rest}`;
}

/** See container/index.ts. */
export async function copyTo(
  link: Link,
  ref: string,
  path: string,
  tar: Readable,
  { archive = false, replace = false }: CopyToOptions = {},
): Promise<void> {
  const query = { path, noOverwriteDirNonDir: !replace, copyUIDGID: archive };
  await link.tell("PUT", `/containers/${segment(ref)}/archive`, { query, body: tar });
}

export async function exportTree(link: Link, ref: string): Promise<Readable> {
  const answer = await link.request("GET", `/containers/${segment(ref)}/export`, { takesLong: true });
  return Readable.from(link.bytes(answer), { objectMode: false });
}

export async function changes(link: Link, ref: string): Promise<FilesystemChange[]> {
  return link.json("GET", `/containers/${segment(ref)}/changes`, [{ Kind: 0 as FilesystemChange["Kind"], Path: "" }]);
}

interface CommitOptions {
  reference?: string;
  author?: string;
  message?: string;
  changes?: string[];
  pause?: boolean;
}

export async function commit(link: Link, ref: string, options: CommitOptions): Promise<{ Id: string }> {
  const { reference = "", author, message, changes = [], pause } = options;
  const colon = reference.lastIndexOf(":");
  const hasTag = colon > reference.lastIndexOf("/");
  const [repo, tag] = hasTag ? [reference.slice(0, colon), reference.slice(colon + 1)] : [reference, undefined];
  const query = { container: ref, repo, tag, author, comment: message, changes, pause: pause === false ? "0" : undefined };
  const { Id } = await link.json("POST", "/commit", { Id: "" }, { query, value: {} });
  return { Id: Id.includes(":") ? Id : `sha256:${Id}` };
}
