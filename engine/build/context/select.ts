/** What a COPY or ADD takes from a tree: sources resolved, wildcards matched, and the digest of it all for the key. */
import { createHash } from "node:crypto";
import { EngineError } from "../../errors.ts";
import { fsPath } from "../../image/tar/index.ts";
import { nearestName } from "../../suggest.ts";
import { compileGlob, hasWildcard } from "./glob.ts";
import { cleanPath, resolveEntry } from "./resolve.ts";
import type { Entry, FileTree } from "./tree.ts";

/** One source that exists. */
export interface Source {
  tree: FileTree;
  /** Its last component as written (or matched): the file's name in a destination directory. */
  name: string;
  /** What it leads to. */
  entry: Entry;
  /** `--exclude`: true for paths, relative to the source, that stay behind. */
  excluded?: (path: string) => boolean;
  /** `--parents`: where it goes below the destination, its own name included. */
  under?: string;
}

export interface SelectOptions {
  /** Keep the directories that lead to a source; `**` crosses directories. */
  parents?: boolean;
  /** `--exclude` as patterns, and as what they mean. */
  exclude?: readonly string[];
  excluded?: (path: string) => boolean;
}

/**
 * Finds the sources. A plain path that is not there is an error, as BuildKit words it; a wildcard may match nothing.
 * @param path as in the instruction, after expansion
 */
export function selectSources(tree: FileTree, path: string, { parents = false, excluded }: SelectOptions = {}): Source[] {
  const clean = cleanPath(path);
  const matches = hasWildcard(path) ? matchAll(tree, clean, parents) : [clean];
  return matches.map((match) => ({
    ...sourceAt(tree, match, path),
    ...(parents ? { under: match.split("/").slice(pivotOf(path)).join("/") } : {}),
    ...(excluded ? { excluded } : {}),
  }));
}

/** How many leading directories `--parents` drops: those before "/./" (Dockerfile reference, "COPY --parents"). */
function pivotOf(path: string): number {
  const at = path.indexOf("/./", 1);
  return at < 0 ? 0 : cleanPath(path.slice(0, at)).split("/").filter(Boolean).length;
}

function sourceAt(tree: FileTree, path: string, written: string): Source {
  const entry = resolveEntry(tree, path);
  if (!entry) {
    const suggestion = similar(tree, path);
    throw new EngineError("dockerfile", `"/${path}": not found`, {
      hint: `check the path, and whether .dockerignore leaves "${written}" out of the build context`,
      ...(suggestion === undefined ? {} : { suggestion }),
      details: { source: written },
    });
  }
  return { tree, name: path.slice(path.lastIndexOf("/") + 1), entry };
}

/** A name beside the missing one that looks like it. */
function similar(tree: FileTree, path: string): string | undefined {
  const slash = path.lastIndexOf("/");
  const directory = resolveEntry(tree, path.slice(0, Math.max(0, slash)));
  if (directory?.type !== "directory") return undefined;
  const names = tree.children(directory.path).map((child) => child.path.slice(child.path.lastIndexOf("/") + 1));
  const name = nearestName(path.slice(slash + 1), names);
  return name === undefined ? undefined : path.slice(0, slash + 1) + name;
}

/** Paths that match, in walk order. Links on the way are followed; what a wildcard matched is taken by its own name. */
function matchAll(tree: FileTree, pattern: string, deep: boolean): string[] {
  let found = [""];
  for (const component of pattern.split("/")) {
    if (deep && component === "**") {
      found = found.flatMap((base) => directoriesBelow(tree, base));
      continue;
    }
    const literal = !hasWildcard(component);
    const matches = literal ? undefined : compileGlob(component);
    found = found.flatMap((base) => {
      const join = (name: string) => (base === "" ? name : `${base}/${name}`);
      if (!matches) return resolveEntry(tree, join(component)) ? [join(component)] : [];
      const directory = resolveEntry(tree, base);
      if (directory?.type !== "directory") return [];
      return tree
        .children(directory.path)
        .map((child) => child.path.slice(child.path.lastIndexOf("/") + 1))
        .filter(matches)
        .map(join);
    });
  }
  return found;
}

/** The directory and all directories in it; links are not followed. */
function directoriesBelow(tree: FileTree, base: string): string[] {
  const top = resolveEntry(tree, base);
  if (top?.type !== "directory") return [];
  const inside = (from: string, as: string): string[] => [
    as,
    ...tree.children(from).flatMap((child) => {
      const name = child.path.slice(child.path.lastIndexOf("/") + 1);
      return child.type === "directory" ? inside(child.path, as === "" ? name : `${as}/${name}`) : [];
    }),
  ];
  return inside(top.path, base);
}

/** A file of a source: `path` is relative to the source, "" for the source itself. */
export interface SelectedEntry {
  path: string;
  entry: Entry;
}

/**
 * The source and all below it but what is excluded. A socket is passed over: a layer has no place for one.
 */
export function* entriesOf(source: Source, onSocket?: (entry: Entry) => void): Generator<SelectedEntry> {
  const { tree, entry: top, excluded } = source;
  const skip = top.path === "" ? 0 : top.path.length + 1;
  for (const entry of tree.walk(top)) {
    const path = entry === top ? "" : entry.path.slice(skip);
    // A file is judged by its own name, what lies in a directory by its path from there.
    const judged = path === "" && entry.type !== "directory" ? source.name : path;
    if (judged !== "" && excluded?.(judged)) continue;
    if (entry.type === "socket") onSocket?.(entry);
    else yield { path, entry };
  }
}

/** How long hashing may hold the event loop before signals and other steps get their turn, in ms. */
const turn = 40;

/** Characters that are hashed at once. */
const piece = 8 << 10;

/** Bytes of a file whose hashing takes long enough to look at the clock. */
const large = 1 << 20;

/**
 * The digest of all that the sources bring: names, types, modes, owners, extended
 * attributes, link targets and contents, but no times.
 * @param name whether the sources' own names matter (they do when the destination is a directory)
 */
export async function digestSources(sources: readonly Source[], signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  let since = Date.now();
  let text = ""; // hashed in large pieces: a call per file costs more than its bytes
  for (const source of sources) {
    text += `source\0${source.under ?? source.name}\0${source.entry.type}\n`;
    for (const { path, entry } of entriesOf(source)) {
      text += describe(path, entry, source.tree);
      if (text.length < piece && entry.size < large) continue;
      hash.update(fsPath(text));
      text = "";
      if (Date.now() - since < turn) continue;
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      since = Date.now();
    }
  }
  return hash.update(fsPath(text)).digest("hex");
}

function describe(path: string, entry: Entry, tree: FileTree): string {
  const { type, mode, uid, gid } = entry;
  // Most entries are files: their text is made without a look at the rest.
  if (type === "file") return `${path}\0file\0${mode}\0${uid}:${gid}\0${tree.hash(entry)}\n`;
  return `${path}\0${type}\0${type === "symlink" ? "" : mode}\0${uid}:${gid}\0${contentOf(entry, tree)}\n`;
}

/** What makes an entry that is no file what it is. */
function contentOf(entry: Entry, tree: FileTree): string {
  if (entry.type === "symlink") return entry.link ?? "";
  if (entry.type === "directory") return tree.attributes(entry);
  return entry.device ? `${entry.device.block}:${entry.device.rdev}` : "";
}
