/** What ADD fetches: files by HTTP and git repositories, as inputs of a step. An unchanged one is not fetched again. */
import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { basename, join } from "node:path";
import { isGitSource } from "../../dockerfile/remote-source.ts";
import type { InstructionOf } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import type { HttpResponse } from "../../http/request.ts";
import { setTimes } from "../../sys/files.ts";
import { digestOf, findDigest, storeDigest } from "../cache/index.ts";
import { FileTree, fetchGit, type GitAddress, gitAuthorization, httpAuthorization, parseGitAddress, resolveGit } from "../context/index.ts";
import { withOwnDirectory } from "../workspace/index.ts";
import type { Inputs, Origin } from "./inputs.ts";
import type { BuildScope } from "./scope.ts";

type Add = InstructionOf<"add">;

/** A remote source, and the paths of its tree to copy. */
export interface RemoteInputs extends Inputs {
  sources: string[];
}

/** @throws EngineError when the source cannot be had, or is not what `--checksum` says */
export function readRemote(scope: BuildScope, address: string, instruction: Add): Promise<RemoteInputs> {
  return isGitSource(address) ? gitInputs(scope, address, instruction) : httpInputs(scope, address, instruction);
}

async function gitInputs(scope: BuildScope, text: string, { keepGitDir, checksum }: Add): Promise<RemoteInputs> {
  const address = withFlags(parseGitAddress(text), keepGitDir, checksum);
  const options = { authorization: await gitAuthorization(scope.options, address.url), signal: scope.signal };
  const commit = await scope.progress.step(`[internal] resolve git ${address.url}`, () => resolveGit(address, options));
  scope.progress.madeFrom({ kind: "git", url: text, commit });
  const fixed = { ...address, ref: address.ref ?? commit };
  const kept = [address.keepGitDir ?? false, ...(address.submodules === false ? ["no submodules"] : [])];
  return {
    digest: digestOf(["git", 2, address.url, commit, address.directory, ...kept]),
    sources: ["/"],
    open: () => originOf(scope, async (directory) => void (await fetchGit(fixed, directory, options))),
  };
}

/** What the flags of ADD say must be what the address says. */
function withFlags(address: GitAddress, keepGitDir: boolean | undefined, checksum: string | undefined): GitAddress {
  if (keepGitDir !== undefined && address.keepGitDir !== undefined && keepGitDir !== address.keepGitDir)
    throw new EngineError("dockerfile", "inconsistent keep-git-dir configuration");
  if (checksum !== undefined && address.checksum !== undefined && checksum !== address.checksum)
    throw new EngineError("dockerfile", `checksum mismatch "${checksum}" != "${address.checksum}"`);
  return { ...(keepGitDir === undefined ? {} : { keepGitDir }), ...(checksum === undefined ? {} : { checksum }), ...address };
}

async function originOf(scope: BuildScope, fill: (directory: string) => Promise<void>): Promise<Origin> {
  const own = await withOwnDirectory(scope.ground, fill);
  return { tree: new FileTree(own.directory, { resetOwner: true }), [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() };
}

/** What is remembered of a URL, so that the server can answer "not modified". */
interface Fetched {
  sha256: string;
  name: string;
  etag?: string;
  modified?: string;
}

async function httpInputs(scope: BuildScope, address: string, { checksum }: Add): Promise<RemoteInputs> {
  const wanted = checksum === undefined ? undefined : checksumOf(checksum);
  if (wanted !== undefined) {
    // The content is known beforehand: nothing is fetched unless the step runs.
    scope.progress.madeFrom({ kind: "http", url: address, digest: `sha256:${wanted}` });
    const name = nameOf(address);
    return {
      digest: digestOf(["http", wanted, name]),
      sources: [`/${name}`],
      open: () => fetchFile(scope, address, { name, sha256: wanted }),
    };
  }
  const known = remembered(scope, address);
  const fetched = await scope.progress.step(`[internal] fetch ${address}`, () => look(scope, address, known));
  const { file, origin } = fetched;
  scope.progress.madeFrom({ kind: "http", url: address, digest: `sha256:${file.sha256}` });
  return {
    digest: digestOf(["http", file.sha256, file.name]),
    sources: [`/${file.name}`],
    open: async () => origin ?? fetchFile(scope, address, file),
  };
}

function checksumOf(checksum: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/i.exec(checksum)?.[1];
  if (hex === undefined)
    throw new EngineError("dockerfile", `cannot use checksum "${checksum}"`, { hint: "write sha256: and 64 hexadecimal digits" });
  return hex.toLowerCase();
}

const memoryKey = (address: string) => digestOf(["http-memory", 2, address]);

function remembered({ ground, options }: BuildScope, address: string): Fetched | undefined {
  const text = options.noCache ? undefined : findDigest(ground, memoryKey(address));
  return text === undefined ? undefined : (JSON.parse(text) as Fetched);
}

/** Asks the server; what it sends is kept for the step, and put away with the build's other files. */
async function look(scope: BuildScope, address: string, known: Fetched | undefined): Promise<{ file: Fetched; origin?: Origin }> {
  const { download } = await import("../../http/download.ts");
  const headers = {
    ...(await httpAuthorization(scope.options, address)),
    ...(known?.etag ? { "if-none-match": known.etag } : {}),
    ...(known?.modified ? { "if-modified-since": known.modified } : {}),
  };
  const response = await download(address, scope.signal, headers);
  if (response.status === 304 && known) {
    response.discard();
    return { file: known };
  }
  const name = nameOf(address);
  let sha256 = "";
  const origin = await originOf(scope, async (directory) => {
    sha256 = await save(response, join(directory, name));
  });
  scope.cleanup.use(origin);
  const { etag, "last-modified": modified } = response.headers;
  const file = { sha256, name, ...(etag ? { etag } : {}), ...(modified ? { modified } : {}) };
  storeDigest(scope.ground, memoryKey(address), JSON.stringify(file), address);
  return { file, origin: { tree: origin.tree, [Symbol.asyncDispose]: async () => {} } };
}

/** Fetches a file whose content is known. */
async function fetchFile(scope: BuildScope, address: string, { name, sha256 }: Fetched): Promise<Origin> {
  const { download } = await import("../../http/download.ts");
  return originOf(scope, async (directory) => {
    const headers = await httpAuthorization(scope.options, address);
    const got = await save(await download(address, scope.signal, headers), join(directory, name));
    if (got !== sha256) throw new EngineError("dockerfile", `digest mismatch for ${address}: sha256:${got}, expected sha256:${sha256}`);
  });
}

/** Writes a response to a file, 0600 as docker does, with the server's time. @returns SHA-256, hex */
async function save(response: HttpResponse, path: string): Promise<string> {
  const hash = createHash("sha256");
  const fd = openSync(path, "wx", 0o600);
  try {
    for await (const chunk of response.body) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
    }
  } finally {
    closeSync(fd);
  }
  const time = Math.floor(Date.parse(response.headers["last-modified"] ?? "") / 1000);
  setTimes(path, time || 0, 0);
  return hash.digest("hex");
}

/** The last part of the address's path, as BuildKit has it, whatever the server calls its answer. */
function nameOf(address: string): string {
  const name = basename(decoded(new URL(address).pathname));
  return name === "" || name === ".." || name.includes("\0") ? unnamed : name;
}

/** What BuildKit calls the file of an address that has no last part. */
const unnamed = "__unnamed__";

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return ""; // a percent sign that stands for itself
  }
}
