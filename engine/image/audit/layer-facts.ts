/**
 * What a layer's files are, as far as an image's safety goes: which have powers, which are shells, where secrets lie. A layer never
 * changes, so it is looked at once, and what was found is kept beside its files:
 *
 *     ROOT/layers/DIR/security.json
 *
 * The layer is anybody's: walked by descriptors and through no link, of each file no more is read than a limit, and only regular ones are.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, readSync, type Stats } from "node:fs";
import { basename } from "node:path";
import { EngineError } from "../../errors.ts";
import { capabilityNames } from "../../linux-capabilities.ts";
import { replaceFile } from "../../replace-file.ts";
import { readXattrs } from "../../sys/files.ts";
import { type WalkedEntry, walkTree } from "../../sys/tree.ts";
import { decodeName } from "../tar/index.ts";
import { type SecretFound, secretsIn } from "./secrets.ts";

/** Bump when what is looked for changes. */
const generation = 1;

/** Bytes: a text is looked through when it is no larger; of others, and of programs that may be busybox, only so much. */
const wholeText = 1 << 20;
const beginning = 64 << 10;
const wholeProgram = 8 << 20;

export interface LayerFacts {
  /** Files that are more than who starts them: set-id bits, capabilities. */
  powers: { path: string; mode: number; capabilities: string[] }[];
  /** What they are: "bash", "busybox", "link to dash". */
  shells: { path: string; as: string }[];
  secrets: ({ path: string } & SecretFound)[];
}

/** @param directory ROOT/layers/DIR */
export function knownFacts(directory: string): LayerFacts | undefined {
  try {
    const { generation: of, ...facts } = JSON.parse(readFileSync(fileIn(directory), "utf8")) as LayerFacts & { generation: number };
    return of === generation ? facts : undefined;
  } catch {
    return undefined; // not yet looked at, or by a version that was killed: it is looked at again
  }
}

const fileIn = (directory: string) => `${directory}/security.json`;

/** Looks at a layer unless that was done before. @param directory ROOT/layers/DIR */
export async function factsOf(directory: string, signal?: AbortSignal): Promise<LayerFacts> {
  const known = knownFacts(directory);
  if (known) return known;
  const facts = await look(`${directory}/diff`, signal);
  keep(directory, facts);
  return facts;
}

function keep(directory: string, facts: LayerFacts): void {
  try {
    replaceFile(fileIn(directory), JSON.stringify({ generation, ...facts }), { mode: 0o600 });
  } catch {
    // A full disk, or a layer that another process has just removed: it will be looked at again, if anybody asks.
  }
}

/** Entries that are looked at between two breaths. */
const breath = 100;

async function look(diff: string, signal: AbortSignal | undefined): Promise<LayerFacts> {
  const facts: LayerFacts = { powers: [], shells: [], secrets: [] };
  const contents = new Contents();
  let count = 0;
  for (const entry of walkTree(diff, refuseClosed)) {
    if (++count % breath === 0) await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    lookAt(entry, contents, facts);
  }
  return facts;
}

/** What cannot be looked at must not count as harmless. */
function refuseClosed({ above, name }: WalkedEntry): never {
  throw new EngineError("invalid", `cannot look into "${pathOf(above, name).slice(0, 200)}…" of the image: it lies too deep`);
}

const pathOf = (above: readonly Buffer[], name: Buffer) => `/${[...above, name].map(decodeName).join("/")}`;

function lookAt({ above, name, at, stats }: WalkedEntry, contents: Contents, facts: LayerFacts): void {
  const isLink = stats.isSymbolicLink();
  if (!isLink && !stats.isFile()) return;
  const path = pathOf(above, name);
  const shell = isLink ? linkedShell(path, readlinkSync(at)) : (stats.mode & 0o111) !== 0 ? shellOf(path, at, stats, contents) : undefined;
  if (shell) facts.shells.push({ path, as: shell });
  if (isLink) return;
  const power = powersOf(at, stats);
  if (power) facts.powers.push({ path, ...power });
  const text = contents.text(at, stats);
  if (text !== undefined) facts.secrets.push(...secretsIn(text, path).map((secret) => ({ path, ...secret })));
}

const shells = new Set(
  "ash bash busybox csh dash elvish fish ksh mksh nu oksh pdksh posh pwsh rbash rksh sh tcsh toybox xonsh yash zsh".split(" "),
);
/** "ksh93", "bash-5.2", "busybox.static" */
const shellName = (path: string) => basename(path).replace(/(?:[.-](?:static|minimal|real)|-?\d[\d.]*)$/, "");

function shellOf(path: string, at: Buffer, stats: Stats, contents: Contents): string | undefined {
  const name = shellName(path);
  if (shells.has(name)) return name;
  return contents.isBusybox(at, stats) ? "busybox" : undefined;
}

function linkedShell(path: string, target: string): string | undefined {
  const name = [target, path].map(shellName).find((each) => shells.has(each));
  return name && `link to ${basename(target)}`;
}

/** Set-id bits count where the file can be executed: setgid alone marks a file for locking. */
function powersOf(at: Buffer, { mode }: Stats): { mode: number; capabilities: string[] } | undefined {
  const isSetgid = (mode & 0o2010) === 0o2010;
  const value = (mode & 0o111) !== 0 ? readXattrs(at, (name) => name === "security.capability")?.get("security.capability") : undefined;
  if (!(mode & 0o4000) && !isSetgid && !value) return undefined;
  return { mode: mode & 0o7777, capabilities: value ? fileCapabilities(value) : [] };
}

/** capabilities(7), "File capabilities": a version, then 32 bits permitted and 32 inheritable, once or twice; little endian. */
export function fileCapabilities(value: Buffer): string[] {
  const word = (at: number) => (at + 4 <= value.length ? BigInt(value.readUInt32LE(at)) : 0n);
  const bits = word(4) | word(8) | ((word(12) | word(16)) << 32n);
  return capabilityNames.filter((_, at) => bits & (1n << BigInt(at)));
}

/** What files of one layer hold; each inode is read once. */
class Contents {
  readonly #buffer = Buffer.allocUnsafe(wholeProgram);
  readonly #busyboxes = new Map<number, boolean>();
  readonly #read = new Set<number>();

  /** The text of a file, or how it begins; undefined where it is none, or was given under another name of it. */
  text(at: Buffer, { size, ino, nlink }: Stats): string | undefined {
    if (size === 0 || (nlink > 1 && this.#read.has(ino))) return undefined;
    if (nlink > 1) this.#read.add(ino);
    const bytes = this.#begin(at, size <= wholeText ? wholeText : beginning);
    return bytes.subarray(0, 8192).includes(0) ? undefined : bytes.toString("latin1");
  }

  /** A program of any name that is busybox, which is a shell for whoever asks it to. */
  isBusybox(at: Buffer, { size, ino }: Stats): boolean {
    let known = this.#busyboxes.get(ino);
    if (known === undefined) {
      const isProgram = size > 100_000 && this.#begin(at, 4).toString("latin1") === "\x7fELF";
      this.#busyboxes.set(ino, (known = isProgram && this.#begin(at, wholeProgram).includes("BusyBox v")));
    }
    return known;
  }

  #begin(at: Buffer, limit: number): Buffer {
    const fd = openSync(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) return Buffer.alloc(0);
      let length = 0;
      for (let read = 1; read > 0 && length < limit; length += read) read = readSync(fd, this.#buffer, length, limit - length, null);
      return this.#buffer.subarray(0, length);
    } finally {
      closeSync(fd);
    }
  }
}
