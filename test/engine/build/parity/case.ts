/** One folder that docker and berth build alike, and the making of its build context. */
import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, lutimesSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeXattr } from "../../../../engine/sys/files.ts";

export interface ParityCase {
  name: string;
  /** Lines of the Dockerfile. */
  dockerfile: readonly string[];
  /** Path → what is there; a path that ends in "/" is a directory. Parents come by themselves. */
  files?: Files;
  /** Further flags of `build`. */
  flags?: readonly string[];
  /** Image name → Dockerfile, built before from the same context: bases with triggers and the like. */
  bases?: Record<string, readonly string[]>;
  /** What docker of the recording does not know yet: the answer, by the Dockerfile reference. */
  newer?: Partial<Sight>;
  /** With `newer`: it is an error. */
  refused?: boolean;
}

/** What an image is, without what differs from build to build. */
export interface Sight {
  /** Of the image's configuration: all but times, the layers' digests and the history. */
  config: Record<string, unknown>;
  /** created_by, "(empty)" where it made no layer, and the author. */
  history: string[];
  /** Where the flattened file system differs from busybox's: "+ …" what is there, "- PATH" what is gone. */
  files: string[];
}

export type Files = Record<string, string | FileSpec>;

interface FileSpec {
  content?: string | Buffer;
  mode?: number;
  link?: string;
  /** Another path of the context that this one is a hard link to. */
  hard?: string;
  xattr?: [name: string, value: string];
  tar?: { compression: Compression; files: Files; owner: string };
}

export type Compression = "none" | "gzip" | "bzip2" | "xz" | "zstd";

export const file = (content: string | Buffer, mode: number): FileSpec => ({
  content,
  mode,
});
export const directory = (mode: number): FileSpec => ({ mode });
export const link = (to: string): FileSpec => ({ link: to });
export const hard = (to: string): FileSpec => ({ hard: to });
export const tar = (compression: Compression, files: Files, owner = "0:0"): FileSpec => ({ tar: { compression, files, owner } });

/** Of everything in a context: long ago, so that a time that was kept can be told from one that was not. */
export const oldTime = 1_000_000_000;

export interface Context extends Disposable {
  directory: string;
}

export function makeContext({ dockerfile, files = {} }: Pick<ParityCase, "dockerfile" | "files">): Context {
  const directory = mkdtempSync(join(tmpdir(), "berth-parity-"));
  fill(directory, { Dockerfile: `${dockerfile.join("\n")}\n`, ...files });
  return {
    directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function fill(top: string, files: Files): void {
  for (const [path, spec] of Object.entries(files)) make(top, path, typeof spec === "string" ? { content: spec } : spec);
  const all = new Set(Object.keys(files).flatMap(withParents));
  // Modes and times from the inside out: making a file touches its directory.
  for (const path of [...all].sort((a, b) => b.length - a.length)) {
    const spec = files[path] ?? files[`${path}/`];
    const mode = typeof spec === "object" ? spec.mode : undefined;
    if (mode !== undefined) chmodSync(join(top, path), mode);
    lutimesSync(join(top, path), oldTime, oldTime);
  }
}

function withParents(path: string): string[] {
  const parts = path.split("/").filter(Boolean);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

function make(top: string, path: string, { content = "", link: target, hard: other, xattr, tar: archive }: FileSpec): void {
  const full = join(top, path);
  mkdirSync(dirname(full), { recursive: true });
  if (path.endsWith("/")) mkdirSync(full, { recursive: true });
  else if (target !== undefined) symlinkSync(target, full);
  else if (other !== undefined) linkSync(join(top, other), full);
  else if (archive) packTar(full, archive);
  else writeFileSync(full, content);
  if (target === undefined && other === undefined) chmodSync(full, path.endsWith("/") ? 0o755 : 0o644);
  if (xattr) writeXattr(full, xattr[0], Buffer.from(xattr[1]));
}

function packTar(to: string, { compression, files, owner }: NonNullable<FileSpec["tar"]>): void {
  const work = mkdtempSync(join(tmpdir(), "berth-parity-tar-"));
  try {
    fill(work, files);
    const [uid, gid] = owner.split(":");
    const names = [...new Set(Object.keys(files).flatMap(withParents))].sort();
    const same = [
      "--no-recursion",
      "--numeric-owner",
      `--owner=${uid}`,
      `--group=${gid}`,
      "--format=pax",
      "--pax-option=delete=atime,delete=ctime",
    ];
    const how = compression === "none" ? [] : [`--${compression}`];
    execFileSync("tar", ["--create", `--file=${to}`, ...how, ...same, `--directory=${work}`, "--", ...names]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
