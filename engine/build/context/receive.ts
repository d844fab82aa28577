/** Contexts that come over a stream: a tar or a Dockerfile on standard input or from a URL, or a git repository. */
import { createHash, type Hash } from "node:crypto";
import type { Readable } from "node:stream";
import type { Material } from "../../attest/index.ts";
import { isGitContext, isGitSource } from "../../dockerfile/remote-source.ts";
import { EngineError } from "../../errors.ts";
import type { HttpResponse } from "../../http/request.ts";
import { LayerThread, type UnpackResult } from "../../image/layer/index.ts";
import { decodeName } from "../../image/tar/index.ts";
import type { Ground } from "../../state/ground.ts";
import type { BuildOptions } from "../index.ts";
import { withOwnDirectory } from "../workspace/index.ts";
import { archiveMagic, inflate, isTarHeader } from "./archive.ts";
import { maxDockerfile } from "./build-source.ts";

/** A directory with the files of the context; an empty one beside the text of a Dockerfile that came alone. */
export interface Received extends AsyncDisposable {
  directory: string;
  text?: string;
  /** When what came over the network was made, as far as it says: a commit, a file, the latest file of an archive. Seconds. */
  date?: number;
  /** What came from where. */
  material?: Material;
}

/** A tar's header: no less is needed to know what comes. */
const probe = 512;

/** Takes a context from a stream. @param name how errors call it */
export async function receiveStream(
  ground: Ground,
  stream: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Received> {
  const source = stream[Symbol.asyncIterator]();
  const head = await readHead(source);
  const rest = rejoin(head, source);
  const compression = archiveMagic(head);
  if (!compression && !isTarHeader(head)) return { text: await readText(rest, name), ...(await withOwnDirectory(ground, async () => {})) };
  let newest = 0;
  const own = await withOwnDirectory(ground, async (directory) => {
    await using thread = new LayerThread({ kind: "unpack", root: directory, prefix: "", source: "stream" }, signal);
    await thread.feed(compression === "bzip2" || compression === "xz" ? inflate(compression, rest) : rest);
    ({ newest } = await thread.result<UnpackResult>());
  });
  return { ...own, ...(newest > 0 && { date: newest }) };
}

async function readHead(source: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < probe; ) {
    const { done, value } = await source.next();
    if (done) break;
    const chunk = Buffer.from(value); // a stream of text gives strings
    chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

async function* rejoin(head: Buffer, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const { done, value } = await source.next();
    if (done) return;
    yield Buffer.from(value);
  }
}

/** A Dockerfile from a stream. @throws EngineError `invalid` when it is larger than any Dockerfile */
export async function readText(stream: AsyncIterable<Uint8Array> | Readable, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    const chunk = Buffer.from(piece);
    size += chunk.length;
    if (size > maxDockerfile) throw new EngineError("invalid", `cannot use ${name} as a Dockerfile: it is larger than 16 MB`);
    chunks.push(chunk);
  }
  return decodeName(Buffer.concat(chunks));
}

/** A context from a URL: a git repository, a tar, or a Dockerfile. */
export async function receiveRemote(
  ground: Ground,
  address: string,
  options: BuildOptions,
  signal: AbortSignal | undefined,
): Promise<Received> {
  const { gitAuthorization, httpAuthorization } = await import("./secrets.ts");
  if (isGitContext(address)) {
    const { fetchGit, parseGitAddress } = await import("./git.ts");
    const repository = { keepGitDir: keepsGitDir(options), ...parseGitAddress(address) };
    const authorization = await gitAuthorization(options, repository.url);
    let got = { commit: "", committed: 0 };
    const own = await withOwnDirectory(ground, async (directory) => {
      got = await fetchGit(repository, directory, { authorization, signal });
    });
    return { ...own, date: got.committed, material: { kind: "git", url: address, commit: got.commit } };
  }
  const { download } = await import("../../http/download.ts");
  const response = await download(address, signal, await httpAuthorization(options, address));
  const name = `"${address}"`;
  const date = modifiedOf(response);
  const dated = date === undefined ? {} : { date };
  if (!options.attests?.length) return { ...(await receiveStream(ground, response.body, name, signal)), ...dated };
  const hash = createHash("sha256");
  const received = await receiveStream(ground, hashed(response.body, hash), name, signal);
  return { ...received, ...dated, material: { kind: "http", url: address, digest: `sha256:${hash.digest("hex")}` } };
}

/** When the server says that it changed, seconds. */
function modifiedOf({ headers }: HttpResponse): number | undefined {
  const modified = Date.parse(headers["last-modified"] ?? "") / 1000;
  return Number.isNaN(modified) ? undefined : modified;
}

/**
 * When a source of ADD was made, as far as it says.
 * @param checksum what ADD says that it must be: of a download its digest, of a repository how the commit begins
 */
export async function dateOfSource(
  ground: Ground,
  address: string,
  checksum: string | undefined,
  { options, signal }: { options: BuildOptions; signal: AbortSignal },
): Promise<number | undefined> {
  const { gitAuthorization, httpAuthorization } = await import("./secrets.ts");
  if (isGitSource(address)) {
    const { fetchGit, parseGitAddress } = await import("./git.ts");
    const repository = { ...(checksum === undefined ? {} : { checksum }), ...parseGitAddress(address), submodules: false };
    const authorization = await gitAuthorization(options, repository.url);
    let committed = 0;
    await using _own = await withOwnDirectory(ground, async (directory) => {
      ({ committed } = await fetchGit(repository, directory, { authorization, signal }));
    });
    return committed;
  }
  const { download } = await import("../../http/download.ts");
  const response = await download(address, signal, await httpAuthorization(options, address));
  const modified = modifiedOf(response);
  if (modified !== undefined && checksum === undefined) response.discard();
  else return newestOf(ground, response, { address, checksum, modified, signal });
  return modified;
}

interface Downloaded {
  address: string;
  checksum: string | undefined;
  modified: number | undefined;
  signal: AbortSignal;
}

/** Reads what comes to its end: of an archive the time of its latest file, unless the server gave one. */
async function newestOf(
  ground: Ground,
  response: HttpResponse,
  { address, checksum, modified, signal }: Downloaded,
): Promise<number | undefined> {
  const hash = createHash("sha256");
  const source = hashed(response.body, hash);
  const head = await readHead(source);
  const rest = rejoin(head, source);
  let date = modified;
  if (archiveMagic(head) || isTarHeader(head)) {
    await using received = await receiveStream(ground, rest, `"${address}"`, signal);
    date ??= received.date;
  }
  for await (const _ of rest); // what an archive's reader left, and all of what is none
  const got = `sha256:${hash.digest("hex")}`;
  if (checksum !== undefined && checksum !== got)
    throw new EngineError("dockerfile", `digest mismatch for ${address}: ${got}, expected ${checksum}`);
  return date;
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Dockerfile reference, "BuildKit built-in build args". */
function keepsGitDir({ buildArgs = {} }: BuildOptions): boolean {
  return /^(?:1|t|true)$/i.test(buildArgs["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? "");
}
