/** `type=oci,tar=false`: the entries of an image's archive as files of an OCI image layout (image-spec, "Image Layout"). */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { EngineError, toEngineError } from "../../errors.ts";
import { parseIndex, sha256 } from "../../image/documents/index.ts";
import { TarReader } from "../../image/tar/index.ts";
import type { Descriptor, Index } from "../../image/types.ts";
import type { Ground } from "../../state/ground.ts";
import { lock } from "../../state/locks.ts";
import { usersMode } from "../../state/users-mode.ts";

const blob = /^blobs\/sha256\/[0-9a-f]{64}$/;

/**
 * Adds an image to a layout, which is made where there is none. What the directory holds stays, but for the images whose names this one
 * takes; the index is changed last and at once.
 * @param dest as the user wrote it, from `cwd`
 */
export async function writeLayout(ground: Ground, dest: string, cwd: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  const directory = resolve(cwd, dest);
  try {
    mkdirSync(join(directory, "blobs/sha256"), { recursive: true, mode: usersMode(ground, 0o777) });
    using _ = await lock(ground, `layout-${sha256(Buffer.from(directory)).slice("sha256:".length)}`);
    const before = readIndex(directory);
    using files = new LayoutFiles(directory, usersMode(ground, 0o666));
    const reader = new TarReader(files);
    for await (const chunk of archive) reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    reader.finish();
    files.write("oci-layout", files.documents.get("oci-layout") ?? "");
    const added = JSON.parse(files.documents.get("index.json") ?? "{}") as Index;
    files.write("index.json", JSON.stringify({ ...added, manifests: merged(before, added.manifests) }));
  } catch (error) {
    throw toEngineError(error, `cannot write the result to "${dest}"`);
  }
}

/** What an entry of an index is found by; one without a name by what it is. */
function nameOf({ annotations, digest }: Descriptor): string {
  return annotations?.["io.containerd.image.name"] ?? annotations?.["org.opencontainers.image.ref.name"] ?? digest;
}

function merged(before: readonly Descriptor[], added: readonly Descriptor[]): Descriptor[] {
  const taken = new Set(added.map(nameOf));
  return [...before.filter((each) => !taken.has(nameOf(each))), ...added];
}

/** @throws EngineError `invalid` for an index that this image would destroy */
function readIndex(directory: string): Descriptor[] {
  const file = join(directory, "index.json");
  if (!existsSync(file)) return [];
  return parseIndex(readFileSync(file, "utf8"), (why, cause) => {
    return new EngineError("invalid", `cannot add to the OCI layout "${directory}": its index.json is ${why}`, { cause });
  }).manifests;
}

/** Takes an archive apart: blobs become files, whole or not at all, and the documents of the layout are kept. */
class LayoutFiles implements Disposable {
  readonly documents = new Map<string, string>();
  readonly #directory: string;
  readonly #mode: number;
  #name = "";
  #parts: Buffer[] = [];
  /** Of the blob that is being written; it has no name yet. */
  #fd: number | undefined;

  constructor(directory: string, mode: number) {
    this.#directory = directory;
    this.#mode = mode;
  }

  entry({ name, type }: { name: string; type: string }): void {
    this.#name = type === "directory" ? "" : name;
    this.#parts = [];
    // A blob that is there has this content: its name says so.
    if (blob.test(name) && !existsSync(join(this.#directory, name))) this.#fd = openSync(this.#temporary, "w", this.#mode);
  }

  data(chunk: Buffer): void {
    if (this.#fd !== undefined) for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at);
    else if (this.#name !== "" && !blob.test(this.#name)) this.#parts.push(Buffer.from(chunk));
  }

  end(): void {
    if (this.#fd !== undefined) {
      this.#close();
      renameSync(this.#temporary, join(this.#directory, this.#name));
    } else if (this.#parts.length > 0) this.documents.set(this.#name, Buffer.concat(this.#parts).toString());
  }

  /** A document, in the place of one that is there. */
  write(name: string, text: string): void {
    writeFileSync(this.#temporary, text, { mode: this.#mode });
    renameSync(this.#temporary, join(this.#directory, name));
  }

  get #temporary(): string {
    return join(this.#directory, `.${process.pid}.part`);
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  [Symbol.dispose](): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }
}
