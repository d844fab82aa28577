/**
 * Getting a project out of a registry (oci://REPOSITORY[:TAG|@DIGEST]). What came is kept by digest in the user's cache, and checked
 * against it each time: a name with a digest asks the registry once. The files are laid out there, too, for whoever looks at the
 * paths that labels and errors name; what is loaded is never read back from them, as containers may have them mounted.
 */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { EngineError, toEngineError } from "../../errors.ts";
import {
  familiar,
  full,
  isIndexType,
  mediaTypes,
  parseHead,
  parseIndex,
  parseManifest,
  parseReference,
  sha256,
  withTag,
} from "../../image/documents/index.ts";
import type { Manifest } from "../../image/types.ts";
import { RegistryClient } from "../../registry/client.ts";
import { fetchDocument, fetchDocumentBlob, refusing } from "../../registry/manifest.ts";
import { readLimited } from "../../sys/limited-file.ts";
import { admitDocument } from "../../trust/guard.ts";
import { largestFile } from "../source/reader.ts";
import { artifactTypes, damaged, filesOf, layersOf, requireProject } from "./artifact.ts";

export interface Fetched {
  /** Where its files are said to be. */
  directory: string;
  /** By name. */
  files: Map<string, string>;
  /** What the policies have to tell of it. */
  told: string[];
}

export interface FetchOptions {
  env: Readonly<Record<string, string | undefined>>;
  /** `--no-verify` */
  noVerify?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** @param name what follows "oci://" @throws EngineError `invalid`, `not-found`, `registry`, `registry-auth`, `corrupt`, `untrusted` */
export async function fetchArtifact(name: string, { env, noVerify, signal }: FetchOptions): Promise<Fetched> {
  const client = new RegistryClient(withTag(parseReference(name)), signal ? { signal } : {});
  const cache = new Cache(env);
  const top = await topOf(client, cache);
  const { digest, manifest } = await manifestOf(client, cache, top);
  const digests = [...new Set([sha256(top), digest])];
  const told = await admitDocument({ name: full(client.reference), digests, isUnverified: noVerify, access: { signal } });
  const shown = familiar(client.reference);
  requireProject(manifest, shown);
  const layers = await Promise.all(
    layersOf(manifest, shown).map(async (layer) => ({
      layer,
      text: await cache.text(layer.digest, () => fetchDocumentBlob(client, layer)),
    })),
  );
  const files = filesOf(layers, shown);
  const directory = await cache.layOut(sha256(top), files);
  return { directory, files, told };
}

/** What the name stands for now. */
async function topOf(client: RegistryClient, cache: Cache): Promise<string> {
  const { digest, tag = "latest" } = client.reference;
  const fetch = async () => (await fetchDocument(client, digest ?? tag, digest)).text;
  if (digest) return cache.text(digest, fetch);
  const text = await fetch();
  return cache.text(sha256(text), async () => text);
}

/** The project's manifest: it may stand in an index, beside the images of its services. */
async function manifestOf(client: RegistryClient, cache: Cache, top: string): Promise<{ digest: string; manifest: Manifest }> {
  const refuse = refusing(client);
  const { mediaType = mediaTypes.ociManifest } = parseHead(top, refuse);
  if (!isIndexType(mediaType)) return { digest: sha256(top), manifest: parseManifest(top, refuse) };
  const found = parseIndex(top, refuse).manifests.findLast(({ artifactType }) => artifactType === artifactTypes.project);
  if (!found) throw damaged(familiar(client.reference), "none of what its index lists is a project of compose");
  const text = await cache.text(found.digest, async () => (await fetchDocument(client, found.digest, found.digest)).text);
  return { digest: found.digest, manifest: parseManifest(text, refuse) };
}

/** `$XDG_CACHE_HOME/berth/compose`: documents by digest in `blobs`, and each artifact's files in a directory of its digest. */
class Cache {
  readonly #directory: string;

  constructor(env: FetchOptions["env"]) {
    this.#directory = join(env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache"), "berth", "compose");
  }

  /** What is kept under a digest, when it is still that; else what is fetched, which is kept. */
  async text(digest: string, fetch: () => Promise<string>): Promise<string> {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new EngineError("corrupt", `cannot use "${digest}": it is no sha256 digest`);
    const path = join(this.#directory, "blobs", digest.slice("sha256:".length));
    const kept = readKept(path);
    if (kept !== undefined && sha256(kept) === digest) return kept.toString("utf8");
    const text = await fetch();
    await put(path, text);
    return text;
  }

  async layOut(digest: string, files: ReadonlyMap<string, string>): Promise<string> {
    const directory = join(this.#directory, digest.slice("sha256:".length));
    for (const [name, text] of files) {
      const path = join(directory, name);
      if (readKept(path)?.toString("utf8") !== text) await put(path, text);
    }
    return directory;
  }
}

function readKept(path: string): Buffer | undefined {
  try {
    return readLimited(path, { limit: largestFile, name: `"${path}"` });
  } catch {
    return undefined; // it is fetched again, whatever is there
  }
}

/** Whole or not at all, and for this user alone: files of variables hold secrets. */
async function put(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    await writeFile(unfinished, text, { mode: 0o600, flag: "wx" });
    await rename(unfinished, path);
  } catch (error) {
    throw toEngineError(error);
  }
}
