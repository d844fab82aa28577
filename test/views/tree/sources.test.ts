/** What trees are read from, and what of a file shows: pure, or over the engine in memory. */
import { expect, test } from "vitest";
import { FilesSource, pathText } from "../../../views/tree/files-source.ts";
import { JsonSource } from "../../../views/tree/json-source.ts";
import { keyOf, newNode, rowsOf, sameRow } from "../../../views/tree/node.ts";
import { looksBinary, previewText } from "../../../views/tree/preview.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const root = () => newNode([], { label: "", isBranch: true, isOpen: true });

test("bytes as xxd has them, from any place; a text that begins in the middle of a character", () => {
  const data = Buffer.from("0123456789abcdef\x00\xff~\n", "latin1");
  expect(previewText(data, 0x1000, true, 76).split("\n")).toEqual([
    "00001000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef",
    "00001010  00 ff 7e 0a                                       ..~.",
  ]);
  expect([looksBinary(data), looksBinary(Buffer.from("text"))]).toEqual([true, false]);
  expect(previewText(Buffer.from("é").subarray(1), 0, false, 76)).toBe("\ufffd");
});

test("bytes in fewer columns where there is less room, with their text in sight", () => {
  const data = Buffer.from("0123456789\x00", "latin1");
  expect(previewText(data, 0, true, 75).split("\n")).toEqual([
    "00000000  30 31 32 33 34 35 36 37  01234567",
    "00000008  38 39 00                 89.",
  ]);
  expect(previewText(data, 0, true, 20).split("\n")[1]).toBe("00000004  34 35 36 37  4567");
});

test("members and elements of JSON unfold; what is empty does not", async () => {
  const source = new JsonSource(async () => ({ a: { b: [1, "two"] }, none: {}, nil: null }));
  const { nodes } = await source.read(root());
  expect(nodes.map(({ isBranch, label }) => [label, isBranch])).toEqual([
    ['"a": { 1 }', true],
    ['"none": {}', false],
    ['"nil": null', false],
  ]);
  const [b] = (await source.read(nodes[0]!)).nodes;
  expect((await source.read(b!)).nodes.map(({ label }) => label)).toEqual(["1", '"two"']);
});

test("JSON is searched by names and by values, in any case", async () => {
  const source = new JsonSource(async () => ({ Config: { Env: ["PATH=/bin", "path=x"] }, Path: "/sh" }));
  const paths = async (text: string) => (await source.find(text)).paths.map((path) => path.join("."));
  expect(await paths("path")).toEqual(["Config.Env.0", "Config.Env.1", "Path"]);
  expect(await paths("PATH")).toEqual(["Config.Env.0"]);
  expect(await paths("1")).toEqual([]);
});

test("what is removed is no directory to look into", async () => {
  const fake = fakeEngine();
  fake.trees.set("volume data", {
    "/gone": { Type: "directory", Size: 0, Mode: 0o755, Change: "removed" },
    "/kept": { Type: "directory", Size: 0, Mode: 0o755 },
  });
  const source = new FilesSource(fake.engine, { kind: "volume", ref: "data" });
  const { nodes, total } = await source.read(root(), { from: 0 });
  expect([total, ...nodes.map(({ isBranch }) => isBranch)]).toEqual([2, false, true]);
  expect(pathText(nodes[1]!.path)).toBe("/kept");
  expect((await source.find("kept", new AbortController().signal)).paths).toEqual([["kept"]]);
});

test("the cursor's row is found again by what it stands for", () => {
  const tree = root();
  const child = (name: string) => newNode([name], { label: name, isBranch: false });
  Object.assign(tree, { isRead: true, children: [child("a"), undefined, child("c")] });
  const before = rowsOf(tree);
  expect(before.map(({ node, place }) => node?.label ?? place)).toEqual(["a", 1, "c"]);
  tree.children = [child("0"), child("a"), undefined, child("c")];
  const after = rowsOf(tree);
  expect([sameRow(after, before[0]), sameRow(after, before[2])]).toEqual([1, 3]);
  expect(keyOf(["a", "b"])).not.toBe(keyOf(["a/b"]));
});
