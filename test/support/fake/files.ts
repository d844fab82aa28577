/** Files of the fake engine: trees that a test has put there, by what they are of. */
import { EngineError } from "../../../engine/errors.ts";
import type { FileEntry, Files, TreeName } from "../../../engine/index.ts";
import { absent } from "./absent.ts";
import type { FakeTree, World } from "./world.ts";

/** "container web", "image app layer 2". */
export const treeKey = ({ kind, ref, layer }: TreeName): string => `${kind} ${ref}${layer === undefined ? "" : ` layer ${layer}`}`;

const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/")) || "/";
const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

export function fakeFiles(world: World): Files {
  const open = (tree: TreeName): FakeTree => {
    const found = world.trees.get(treeKey(tree));
    if (!found) throw new EngineError("not-found", `No such ${tree.kind}: ${tree.ref}`);
    return found;
  };
  const entry = (path: string, { content: _, ...of }: FakeTree[string]): FileEntry => ({
    Name: nameOf(path),
    Uid: 0,
    Gid: 0,
    Modified: 0,
    ...of,
  });
  const below = (tree: FakeTree, path: string) =>
    Object.entries(tree)
      .filter(([each]) => each !== "/" && parentOf(each) === path)
      .map(([each, file]) => entry(each, file))
      .sort((a, b) => Number(b.Type === "directory") - Number(a.Type === "directory") || (a.Name < b.Name ? -1 : 1));
  const file = (tree: TreeName, path: string) => {
    const found = open(tree)[path];
    if (!found) throw new EngineError("not-found", `no such file: "${path}"`);
    if (found.Type !== "file") throw new EngineError("invalid", `cannot read "${path}": it is no regular file`);
    return found;
  };
  return {
    async list(tree, path, { from, limit = 1000, having } = {}) {
      const files = open(tree);
      if (path !== "/" && files[path]?.Type !== "directory") throw new EngineError("not-found", `no such directory: "${path}"`);
      const entries = below(files, path);
      const found = entries.findIndex(({ Name }) => Name === having);
      const first = from ?? Math.floor(Math.max(0, found) / limit) * limit;
      world.calls.push(`list ${path} ${first}`);
      return { Path: path, From: first, Entries: entries.slice(first, first + limit), Total: entries.length, IsCut: false };
    },
    async read(tree, path, { offset = 0, length = 1 << 20 } = {}) {
      const { content = Buffer.alloc(0), Mode } = file(tree, path);
      return { Data: content.subarray(offset, offset + length), Size: content.length, Version: content.toString("base64"), Mode };
    },
    async write(tree, path, content, { version } = {}) {
      const found = file(tree, path);
      if (version !== undefined && version !== (found.content ?? Buffer.alloc(0)).toString("base64"))
        throw new EngineError("conflict", `cannot write "${path}": it has changed`);
      Object.assign(found, { content: Buffer.from(content), Size: content.length });
      world.calls.push(`write ${path}`);
    },
    async find(tree, path, text) {
      const paths = Object.keys(open(tree)).filter((each) => each.startsWith(path) && nameOf(each).toLowerCase().includes(text));
      return { Paths: paths.sort(), IsCut: false };
    },
    async usage(tree, path) {
      const inside = path === "/" ? "/" : `${path}/`;
      const files = Object.entries(open(tree)).filter(([each, { Type }]) => each.startsWith(inside) && Type === "file");
      const directories = below(open(tree), path).filter(({ Type }) => Type === "directory");
      const sum = (prefix: string) => files.filter(([each]) => each.startsWith(prefix)).reduce((total, [, { Size }]) => total + Size, 0);
      const of = directories.map(({ Name }) => [Name, sum(`${inside}${Name}/`)] as const);
      return { Size: sum(inside), Files: files.length, Directories: Object.fromEntries(of) };
    },
    ...absent(world, "files", "it has no archives", ["statPath", "copyFrom", "copyTo", "compare"]),
  };
}
