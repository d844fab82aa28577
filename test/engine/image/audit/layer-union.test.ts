import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { factsOf, fileCapabilities, knownFacts } from "../../../../engine/image/audit/layer-facts.ts";
import { LayerUnion } from "../../../../engine/image/audit/layer-union.ts";
import { opaqueAttribute } from "../../../../engine/image/layer/index.ts";
import { makeNode, writeXattr } from "../../../../engine/sys/files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "berth-union-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A layer of these files: content, "-> target", "gone" (a whiteout), "opaque" (a directory that hides those below). */
function layer(name: string, files: Record<string, string>): string {
  const directory = join(root, name, "diff");
  mkdirSync(directory, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const at = join(directory, path);
    mkdirSync(content === "opaque" ? at : dirname(at), { recursive: true });
    if (content === "opaque") writeXattr(at, opaqueAttribute, Buffer.from("y"));
    else if (content === "gone") makeNode(at, 0o020000);
    else if (content.startsWith("-> ")) symlinkSync(content.slice(3), at);
    else writeFileSync(at, content);
  }
  return directory;
}

test("what lies over what is overlayfs's rule", () => {
  using union = new LayerUnion([
    layer("a", { "d/x": "1", "d/y": "1", "e/x": "1", "f/x": "1", g: "1", "h/x": "1", "i/j/x": "1" }),
    layer("b", { "d/x": "2", "d/y": "gone", e: "opaque", "e/z": "2", f: "gone", "g/x": "2", h: "2", "i/j": "-> ../d" }),
    layer("c", { "e/x": "3", "d/new": "3" }),
  ]);
  const where = (path: string) => union.find(path)?.layer;
  expect(["/d/x", "/d/y", "/e/x", "/e/z", "/f/x", "/g", "/g/x", "/h", "/h/x", "/i/j", "/i/j/x", "/d/new", "/no", "/d"].map(where)).toEqual([
    ...[1, undefined, 2, 1, undefined, 1, 1, 1, undefined, 1, undefined, 2, undefined, 2],
  ]);
});

test("links are followed as inside a container, and no further", () => {
  using union = new LayerUnion([
    layer("a", {
      "real/passwd": "text",
      "etc/passwd": "-> ../../../real/passwd",
      up: "-> /etc/../real",
      loop: "-> loop",
      "deep/d": "-> ../real/.",
    }),
    layer("b", { "deep/abs": "-> /etc/passwd" }),
  ]);
  expect(["/etc/passwd", "/up/passwd", "/deep/abs", "/deep/d/passwd", "/loop", "/loop/x"].map((path) => union.read(path))).toEqual([
    ...["text", "text", "text", "text", undefined, undefined],
  ]);
  expect(() => union.read("/real")).toThrow("it is no regular file");
});

test("a layer is looked at once, whatever is in it", async () => {
  const diff = layer("a", { "bin/sh": "#!", "bin/tool": "x", note: "text", "bin/bash": "-> sh" });
  for (const name of ["sh", "tool"]) chmodSync(join(diff, "bin", name), name === "tool" ? 0o6755 : 0o755);
  makeNode(join(diff, "fifo"), 0o010644);
  makeNode(join(diff, "zero"), 0o020666, 1, 5);
  const directory = join(root, "a");
  expect(knownFacts(directory)).toBeUndefined();
  const facts = await factsOf(directory);
  expect(facts.powers).toEqual([{ path: "/bin/tool", mode: 0o6755, capabilities: [] }]);
  expect(facts.shells.sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: "/bin/bash", as: "link to sh" },
    { path: "/bin/sh", as: "sh" },
  ]);
  expect(facts.secrets).toEqual([]);
  expect(knownFacts(directory)).toEqual(facts);
  writeFileSync(join(directory, "security.json"), "{"); // a version of another kind, or none
  expect(await factsOf(directory)).toEqual(facts);
  rmSync(join(directory, "security.json"));
  mkdirSync(join(directory, "security.json"));
  expect(await factsOf(directory), "what cannot be kept is found all the same").toEqual(facts);
});

test("capabilities of files are read in both forms that the kernel knows", () => {
  expect(fileCapabilities(Buffer.from("0100000200200000000000000000000000000000", "hex"))).toEqual(["CAP_NET_RAW"]);
  expect(fileCapabilities(Buffer.from("00000002000000000000000001000000" + "00000000", "hex"))).toEqual(["CAP_MAC_OVERRIDE"]);
  expect(fileCapabilities(Buffer.from("000000010100000000000000", "hex"))).toEqual(["CAP_CHOWN"]);
  expect(fileCapabilities(Buffer.alloc(0))).toEqual([]);
});
