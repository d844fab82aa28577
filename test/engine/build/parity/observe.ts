/** Builds a case by a program with docker's command line, and looks at the image it made: its configuration and all its files. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { historyComment } from "../../../../engine/build/plan/stage-state.ts";
import type { ImageConfig } from "../../../../engine/image/types.ts";
import { readXattrs } from "../../../../engine/sys/files.ts";
import { busyboxTar } from "../../../support/rootfs.ts";
import { makeContext, oldTime, type ParityCase, type Sight } from "./case.ts";

/** What can build the cases. */
export interface Builder {
  importImage(tar: string, name: string): Promise<void>;
  /** @param words of the command line after "build" */
  build(words: string[]): Promise<Observation>;
  remove(names: string[]): Promise<void>;
  open(name: string): Promise<OpenImage>;
}

/** An image to look at. */
export interface OpenImage extends AsyncDisposable {
  config: ImageConfig;
  /** Directory with all its files. */
  rootfs: string;
}

export interface Observation {
  status: number;
  sight?: Sight;
  /** What it said when it failed: for the reader, never compared. */
  said?: string;
}

/** The image that the cases begin from. */
const base = "busybox:parity";

export async function importBase(builder: Builder): Promise<void> {
  await builder.importImage(busyboxTar(), base);
}

export async function removeBase(builder: Builder): Promise<void> {
  await builder.remove([base]);
}

/** Builds the case, looks at the result, and removes its images. */
export async function observe(builder: Builder, each: ParityCase, baseFiles: ReadonlyMap<string, string>): Promise<Observation> {
  const tag = `parity-result:${process.pid}`;
  const made: string[] = [];
  try {
    for (const [name, dockerfile] of Object.entries(each.bases ?? {})) {
      const built = await build(builder, { ...each, dockerfile, flags: [] }, name);
      if (built.status !== 0) throw new Error(`cannot build the base of "${each.name}": ${built.said}`);
      made.push(name);
    }
    const built = await build(builder, each, tag);
    if (built.status !== 0) return built;
    made.push(tag);
    return { status: 0, sight: await sightOf(builder, tag, baseFiles) };
  } finally {
    if (made.length > 0) await builder.remove(made);
  }
}

async function build(builder: Builder, each: ParityCase, tag: string): Promise<Observation> {
  using context = makeContext(each);
  const flags = (each.flags ?? []).map((word) => word.replaceAll("{dir}", context.directory));
  // No case needs a network, and not every dockerd has one.
  return await builder.build(["--network=none", "-t", tag, ...flags, context.directory]);
}

async function sightOf(builder: Builder, tag: string, baseFiles: ReadonlyMap<string, string>): Promise<Sight> {
  await using image = await builder.open(tag);
  const { config = {}, history = [], created: _, rootfs: __, ...rest } = image.config as ImageConfig & Record<string, unknown>;
  const onBusybox = history[0]?.comment !== historyComment;
  return {
    config: { ...rest, ...withoutEmpty(config as Record<string, unknown>) },
    history: history.slice(onBusybox ? 1 : 0).map(describeHistory),
    files: filesDifferent(onBusybox ? baseFiles : new Map(), listFiles(image.rootfs)),
  };
}

/** Go leaves some empty members out and writes others: they say the same. */
function withoutEmpty(config: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = (value: unknown) => value === null || value === "" || value === false || JSON.stringify(value) === "{}";
  return Object.fromEntries(Object.entries(config).filter(([, value]) => !isEmpty(value)));
}

function describeHistory({ created_by = "", empty_layer, author, comment }: NonNullable<ImageConfig["history"]>[number]): string {
  return [created_by, empty_layer ? "(empty)" : "", author ? `by ${author}` : "", comment === historyComment ? "" : comment]
    .filter(Boolean)
    .join(" | ");
}

function filesDifferent(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const gone = [...before.keys()].filter((path) => !after.has(path)).map((path) => `- ${path}`);
  const news = [...after].filter(([path, text]) => before.get(path) !== text).map(([path, text]) => `+ ${path} ${text}`);
  return [...news, ...gone];
}

/** Path → what is there, of the base image. */
export async function filesOfBase(builder: Builder): Promise<ReadonlyMap<string, string>> {
  await using image = await builder.open(base);
  return listFiles(image.rootfs);
}

/** All files below a directory, in order of their paths. */
function listFiles(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const first = new Map<number, string>();
  const visit = (path: string) => {
    const full = join(root, path);
    const stats = lstatSync(full);
    const linked = !stats.isDirectory() && stats.nlink > 1 ? first.get(stats.ino) : undefined;
    if (!first.has(stats.ino)) first.set(stats.ino, path);
    found.set(path, linked === undefined ? describe(full, stats) : `same as ${linked}`);
    if (stats.isDirectory()) for (const name of readdirSync(full).sort()) visit(path === "/" ? `/${name}` : `${path}/${name}`);
  };
  visit("/");
  return found;
}

function describe(full: string, stats: Stats): string {
  const words = [typeOf(stats), (stats.mode & 0o7777).toString(8), `${stats.uid}:${stats.gid}`];
  if (stats.isSymbolicLink()) words.push(`-> ${readlinkSync(full)}`);
  if (stats.isFile()) words.push(String(stats.size), createHash("sha256").update(readFileSync(full)).digest("hex").slice(0, 12));
  // Of directories only newer versions of BuildKit keep the times.
  if (!stats.isDirectory() && Math.floor(stats.mtimeMs / 1000) === oldTime) words.push("old");
  for (const [name, value] of readXattrs(full, () => true) ?? []) words.push(`${name}=${value.toString("base64")}`);
  return words.join(" ");
}

function typeOf(stats: Stats): string {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "dir";
  if (stats.isSymbolicLink()) return "link";
  return stats.isFIFO() ? "fifo" : "other";
}
