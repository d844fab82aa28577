/** `--output`: where a build's result goes besides, or instead of, the store: a directory, a tar, an image archive. */
import { createWriteStream, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { EngineError, toEngineError } from "../../errors.ts";
import { parseReference } from "../../image/documents/index.ts";
import { LayerThread } from "../../image/layer/index.ts";
import type { Ground } from "../../state/ground.ts";
import { usersMode } from "../../state/users-mode.ts";
import { parseTruth } from "../../truth.ts";
import { credentialsOf, FileTree } from "../context/index.ts";
import type { BuildOptions } from "../index.ts";
import { attestsAnything, attestsOf, platformsOf, type StageState } from "../plan/index.ts";
import type { Progress } from "../report/index.ts";
import { copySources } from "../steps/index.ts";
import { openView } from "../workspace/index.ts";
import { compressionOf } from "./manifest.ts";

export type Output = NonNullable<BuildOptions["outputs"]>[number];

/** True for an output that is an archive of an image rather than an image of the store. */
function isArchive({ type, dest }: Output): boolean {
  return type === "oci" || (type === "docker" && dest !== undefined);
}

/** True for an archive that is to be unpacked: a directory that is an OCI image layout. */
function isLayout({ type, attributes }: Output): boolean {
  return (type === "oci" || type === "docker") && parseTruth(attributes["tar"] ?? "") === false;
}

/** True when the result is to be registered in the store: without outputs it always is. */
export function wantsImage(outputs: readonly Output[] = []): boolean {
  return outputs.length === 0 || outputs.some((output) => output.type === "image" || (output.type === "docker" && !isArchive(output)));
}

/** Names that outputs bring along: `type=image,name=app:1`. */
export function outputNames(outputs: readonly Output[] = []): string[] {
  return outputs.flatMap(({ attributes }) => attributes["name"]?.split(",") ?? []);
}

/** Attributes that mean something here; those that ask for what is always so are accepted. */
const attributesOf: Record<Output["type"], readonly string[]> = {
  image: ["name", "push", "rewrite-timestamp", "unpack", "store", "compression"],
  docker: ["name", "rewrite-timestamp", "tar"],
  oci: ["name", "rewrite-timestamp", "tar"],
  local: [],
  tar: [],
  cacheonly: [],
};

/** @param isOfClient the result goes to a client of the API, which takes an archive */
function refuseAttributes({ type, attributes }: Output, isOfClient: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (attributesOf[type].includes(name) && !(isOfClient && name === "tar" && parseTruth(value) === false)) continue;
    throw new EngineError("unsupported", `cannot carry out "${name}=${value}" of an output of type ${type}`, {
      exit: 1,
      hint: attributesOf[type].length > 0 ? `type=${type} takes ${attributesOf[type].join(", ")}` : `type=${type} takes only dest`,
    });
  }
}

/** Sends the tags of an image to their registries, when an output asks for it. @returns digests by tag */
export async function pushTags(
  ground: Ground,
  tags: readonly string[],
  options: BuildOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<string[]> {
  if (!options.outputs?.some(isPushed)) return [];
  const digests: string[] = [];
  for (const tag of tags) {
    await progress.step(`pushing ${tag}`, async (report) => {
      const credentials = await credentialsOf(options, parseReference(tag).domain);
      const pushing = (await import("../../registry/push.ts")).pushImage(ground, tag, { signal, credentials });
      let next = await pushing.next();
      for (; !next.done; next = await pushing.next()) {
        const event = next.value;
        if (event.type !== "transfer") continue;
        const total = event.total ? { total: event.total } : {};
        report.status(`${event.id}: ${event.status}`, event.current ?? 0, {
          unit: "bytes",
          ...total,
          ...(event.done ? { done: true } : {}),
        });
      }
      digests.push(next.value.Digest);
    });
  }
  return digests;
}

function isPushed({ type, attributes }: Output): boolean {
  return type === "image" && ["true", ""].includes(attributes["push"] ?? "false");
}

/** Refuses what no output can be before anything is built. @throws EngineError `usage` */
export function checkOutputs(options: BuildOptions): void {
  const { outputs = [], tags = [], client } = options;
  const several = platformsOf(options).length > 1;
  const attests = attestsOf(options);
  for (const output of outputs) {
    refuseAttributes(output, client !== undefined);
    compressionOf([output]);
    refuseFiles(output, { several, attests: attestsAnything(attests) && !attests.inlineOnly, client: client !== undefined });
    if (isPushed(output) && tags.length === 0 && outputNames(outputs).length === 0)
      throw new EngineError("usage", "cannot push an image without a name", { hint: "name it with -t or name=" });
    if (client) continue; // it knows where its outputs go
    if (output.type === "local" && (output.dest === undefined || output.dest === "-"))
      throw new EngineError("usage", "cannot export files without a directory", {
        hint: "write -o DIRECTORY or type=local,dest=DIRECTORY",
      });
    if ((output.type === "tar" || output.type === "oci") && output.dest === undefined)
      throw new EngineError("usage", `cannot export an archive of type ${output.type} without a file`, {
        hint: `write type=${output.type},dest=FILE, or dest=- for standard output`,
      });
    if (isLayout(output) && output.dest === "-")
      throw new EngineError("usage", "cannot write a directory to standard output", {
        hint: "write tar=false,dest=DIRECTORY, or leave out tar=false",
      });
  }
}

/** What some outputs of files cannot hold. */
function refuseFiles({ type }: Output, build: { several: boolean; attests: boolean; client: boolean }): void {
  const isFiles = type === "tar" || (type === "local" && build.client);
  if (!isFiles || !(build.several || build.attests)) return;
  throw new EngineError(
    "unsupported",
    `cannot write ${build.several ? "several platforms" : "attestations"} to an output of type ${type}`,
    {
      exit: 1,
      hint: "use an output of type image, oci or docker, or a directory on this host",
    },
  );
}

/** What an output of files is made of: of several platforms, each has a directory of its own. */
export interface Result {
  state: StageState;
  /** "linux_arm64" */
  directory?: string;
  /** Files beside those of the image: what is attested of it, by name. */
  beside?: ReadonlyMap<string, string>;
}

/** Writes the outputs that are no image of the store. @param saveImage the result as an archive */
export async function writeOutputs(
  ground: Ground,
  results: readonly Result[],
  options: BuildOptions,
  progress: Progress,
  saveImage: (format: "docker" | "oci") => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  for (const [index, output] of (options.outputs ?? []).entries()) {
    const { client } = options;
    const write: Write = client
      ? (content) => client.write(index, content, signal)
      : (content) => writeTo(ground, output, options, content);
    if (output.type === "local")
      for (const each of results)
        await progress.step("exporting to client directory", () =>
          client
            ? sendFiles(ground, each.state, (root) => client.send(index, root, signal))
            : exportFiles(ground, each, output, options, signal),
        );
    else if (output.type === "tar")
      await progress.step("exporting to client tarball", () => exportTar(ground, results[0]!.state, write, signal));
    else if (isArchive(output)) {
      const format = output.type === "oci" ? "oci" : "docker";
      await progress.step(`exporting to ${format} image format`, async () => {
        if (!isLayout(output)) return write(saveImage(format));
        const { writeLayout } = await import("./layout.ts");
        return writeLayout(ground, output.dest ?? "", options.cwd ?? process.cwd(), saveImage(format));
      });
    }
  }
}

type Write = (content: AsyncIterable<Uint8Array>) => Promise<void>;

async function sendFiles(ground: Ground, state: StageState, send: (root: string) => Promise<void>): Promise<void> {
  await using view = await openView(ground, state.chainId);
  await send(view.root);
}

/** Files belong to the caller, as docker's client writes them; modes and times are the image's. */
async function exportFiles(
  ground: Ground,
  { state, directory: own = "", beside = new Map() }: Result,
  { dest = "" }: Output,
  { cwd = process.cwd() }: BuildOptions,
  signal: AbortSignal,
): Promise<void> {
  const directory = resolve(cwd, dest, own);
  try {
    mkdirSync(directory, { recursive: true, mode: usersMode(ground, 0o777) });
    await using view = await openView(ground, state.chainId);
    const tree = new FileTree(view.root);
    const root = tree.lstat("");
    const owner = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
    if (root) await copySources(directory, [{ tree, name: "", entry: root }], { destination: "/", owner, signal });
    for (const [name, text] of beside) writeBeside(ground, join(directory, name), text);
  } catch (error) {
    throw toEngineError(error, `cannot write the result to "${dest}"`);
  }
}

/** In place of what may have come out of the image under that name: a link there leads nowhere. */
function writeBeside(ground: Ground, file: string, text: string): void {
  rmSync(file, { force: true });
  writeFileSync(file, text, { flag: "wx", mode: usersMode(ground, 0o666) });
}

async function exportTar(ground: Ground, state: StageState, write: Write, signal: AbortSignal): Promise<void> {
  await using view = await openView(ground, state.chainId);
  await using thread = new LayerThread(
    { kind: "pack", root: view.root, options: { overlay: false, nanoseconds: true, sparse: true } },
    signal,
  );
  await write(thread.output());
}

/** A file appears whole or not at all. */
async function writeTo(
  ground: Ground,
  { dest = "" }: Output,
  { cwd = process.cwd(), stdout }: BuildOptions,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (dest === "-") return pour(content, stdoutOf(stdout), false);
  const file = resolve(cwd, dest);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new EngineError("invalid", `cannot write the result to "${dest}": it is a directory`, { hint: "name a file" });
  const temporary = `${file}.${process.pid}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: usersMode(ground, 0o777) });
    await pour(content, createWriteStream(temporary, { mode: usersMode(ground, 0o666) }), true);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw toEngineError(error, `cannot write the result to "${dest}"`);
  }
}

function stdoutOf(stdout: Writable | undefined): Writable {
  if (!stdout) throw new EngineError("usage", "cannot write the result to standard output: there is none");
  if ((stdout as { isTTY?: boolean }).isTTY)
    throw new EngineError("usage", "cannot write an archive to a terminal", {
      hint: "redirect standard output, or name a file with dest=FILE",
    });
  return stdout;
}

async function pour(content: AsyncIterable<Uint8Array>, target: Writable, end: boolean): Promise<void> {
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  const { Readable } = process.getBuiltinModule("node:stream");
  await pipeline(Readable.from(content, { objectMode: false }), target, { end });
}
