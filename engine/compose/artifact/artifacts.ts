/** Compose files that are named by an address (oci://…) in place of a path: fetched once for each load, then files as others are. */
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import type { LoadOptions, Reader } from "../project.ts";
import type { SourceFile } from "../source/places.ts";
import { hostReader } from "../source/reader.ts";
import { mainFile } from "./artifact.ts";

const scheme = "oci://";

export class Artifacts {
  readonly #options: LoadOptions;
  readonly #opened = new Map<string, Promise<SourceFile>>();
  /** By path: what was fetched is read from here. */
  readonly #texts = new Map<string, string>();

  readonly #read = new Set<string>();

  readonly #warn: (text: string) => void;

  constructor(options: LoadOptions, warn: (text: string) => void) {
    this.#options = options;
    this.#warn = warn;
  }

  static accepts(name: string): boolean {
    return name.startsWith(scheme);
  }

  /** The artifact's compose file. @throws EngineError, as `fetchArtifact`; `unsupported` where the user turned them off */
  open(address: string): Promise<SourceFile> {
    const opened = this.#opened.get(address) ?? this.#open(address);
    this.#opened.set(address, opened);
    return opened;
  }

  async #open(address: string): Promise<SourceFile> {
    const { env, noVerify, signal } = this.#options;
    if (/^(0|f|false)$/i.test(env["COMPOSE_EXPERIMENTAL_OCI_REMOTE"] ?? ""))
      throw new EngineError("unsupported", `cannot read "${address}": COMPOSE_EXPERIMENTAL_OCI_REMOTE turns projects in registries off`, {
        hint: "unset it",
        exit: 1,
      });
    const { fetchArtifact } = await import("./fetch.ts");
    const { directory, files, told } = await fetchArtifact(address.slice(scheme.length), { env, noVerify, signal });
    if (noVerify) for (const text of told) this.#warn(text);
    for (const [name, text] of files) this.#texts.set(join(directory, name), text);
    return { name: join(directory, mainFile), text: files.get(mainFile)!, within: directory };
  }

  /** Paths of the host's files that were read. */
  get sources(): string[] {
    return [...this.#read];
  }

  /** The host's files, and over them those that were fetched. */
  get reader(): Reader {
    const under = this.#options.reader ?? hostReader;
    return {
      ...under,
      read: async (path, limit) => {
        const text = this.#texts.get(path);
        if (text !== undefined) return Buffer.from(text);
        this.#read.add(path);
        return under.read(path, limit);
      },
      kind: async (path) => (this.#texts.has(path) ? "file" : under.kind(path)),
    };
  }
}
