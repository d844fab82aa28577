/** fsutil's protocol: trees that arrive as they were, and trees that no client would send. */
import { hash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readAttributes } from "../../../../engine/image/layer/attributes.ts";
import { packet, packets, type stat } from "../../../../engine/serve/buildkit/messages.ts";
import { receiveFiles } from "../../../../engine/serve/buildkit/receive-files.ts";
import { sendFiles } from "../../../../engine/serve/buildkit/send-files.ts";
import type { Encoded } from "../../../../engine/serve/buildkit/wire.ts";
import { makeTree } from "../../../support/kept.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-files-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Two ends of a call in one process. */
function ends() {
  const [there, back] = [new PassThrough({ objectMode: true }), new PassThrough({ objectMode: true })];
  const end = (out: PassThrough, into: PassThrough) => ({
    send: async (message: Uint8Array) => void out.write(Buffer.from(message)),
    end: () => void out.end(),
    messages: () => into as AsyncIterable<Buffer>,
  });
  return [end(there, back), end(back, there)] as const;
}

function makeProject(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

async function copy(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  const [sender, receiver] = ends();
  await Promise.all([sendFiles(sender, from), receiveFiles(receiver, to)]);
}

test("a tree arrives with its modes, times, attributes and links", async () => {
  const [from, to] = [join(directory, "from"), join(directory, "to")];
  makeTree(from);
  for (const name of readdirSync(from, { encoding: "buffer" }))
    if (name.some((byte) => byte > 127)) rmSync(Buffer.concat([Buffer.from(`${from}/`), name]));
  mkdirSync(join(from, "d", "e"), { recursive: true, mode: 0o711 });
  writeFileSync(join(from, "d", "e", "setuid"), "x", { mode: 0o700 });
  symlinkSync("../old", join(from, "d", "link"));
  for (const name of ["！", "😀", "a", "a.b", "ab"]) writeFileSync(join(from, "d", name), name);
  for (let at = 0; at < 200; at++) writeFileSync(join(from, "d", `many-${at}`), "x".repeat(at * 1000));
  await copy(from, to);
  const told = (root: string) =>
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .sort()
      .map((path) => {
        const stats = lstatSync(join(root, path), { bigint: true });
        const content = stats.isFile()
          ? hash("sha256", readFileSync(join(root, path)))
          : stats.isSymbolicLink()
            ? readlinkSync(join(root, path))
            : "";
        return [path, stats.mode, stats.mtimeNs, content, readAttributes(join(root, path)) ?? ""];
      });
  expect(told(to)).toEqual(told(from));
  expect(lstatSync(join(to, "other")).ino).toBe(lstatSync(join(to, "old")).ino);
});

test("what comes later joins what is there, which stays as it is", async () => {
  const [one, two, to] = ["one", "two", "to"].map((name) => join(directory, name)) as [string, string, string];
  makeProject(one, { "d/a": "first", "d/e/x": "", same: "same" });
  makeProject(two, { "d/a": "changed", "d/b": "more", "d/e/y": "", "f/g": "more" });
  chmodSync(join(two, "d"), 0o711);
  for (const from of [one, two]) symlinkSync("../same", join(from, "d", "link"));
  await copy(one, to);
  await copy(two, to);
  const files = readdirSync(to, { recursive: true, encoding: "utf8" }).sort();
  expect(files).toEqual(["d", "d/a", "d/b", "d/e", "d/e/x", "d/e/y", "d/link", "f", "f/g", "same"]);
  expect(readFileSync(join(to, "d/a"), "utf8")).toBe("first");
  expect(lstatSync(join(to, "d")).mode & 0o777).toBe(0o711);
  for (const [path, target] of [
    ["d", "file"],
    ["d/a", "directory"],
    ["same", "link"],
  ] as const) {
    rmSync(two, { recursive: true });
    makeProject(two, target === "directory" ? { [`${path}/x`]: "" } : { other: "", ...(target === "file" && { [path]: "" }) });
    if (target === "link") symlinkSync("/etc", join(two, path));
    await expect(copy(two, to)).rejects.toThrow(`the client's "${path}" has become something else meanwhile`);
  }
});

/** Links that an earlier transfer has brought lead nobody out either. */
test("a directory where a link came before is refused", async () => {
  const [one, two, to] = ["one", "two", "to"].map((name) => join(directory, name)) as [string, string, string];
  makeProject(one, { a: "" });
  symlinkSync("../evil", join(one, "d"));
  makeProject(two, { "d/x": "" });
  mkdirSync(join(directory, "evil"));
  await copy(one, to);
  await expect(copy(two, to)).rejects.toThrow("has become something else");
  expect(readdirSync(join(directory, "evil"))).toEqual([]);
});

const directoryMode = 2 ** 31 + 0o755;
const linkMode = 2 ** 27 + 0o777;
type Entry = Encoded<typeof stat>;

/** What a client sends that answers every request with the same bytes. */
async function receive(entries: Entry[], more: Encoded<typeof packet>[] = []): Promise<void> {
  mkdirSync(join(directory, "to"));
  const [sender, receiver] = ends();
  const answering = (async () => {
    for (const entry of entries) await sender.send(packet.encode({ type: packets.stat, stat: entry }));
    await sender.send(packet.encode({ type: packets.stat }));
    for (const each of more) await sender.send(packet.encode(each));
    for await (const message of sender.messages()) {
      const { type, ID } = packet.decode(message);
      if (type === packets.end) return sender.end();
      await sender.send(packet.encode({ type: packets.data, ID, data: Buffer.from("evil") }));
      await sender.send(packet.encode({ type: packets.data, ID }));
    }
  })();
  const received = receiveFiles(receiver, join(directory, "to"));
  await Promise.race([Promise.all([received, answering]), received.then(() => answering)]);
}

describe("what leads out of the directory, or is no tree, is refused", () => {
  test.each<[string, Entry[]]>([
    ["..", [{ path: "../evil", mode: 0o644 }]],
    ["an absolute path", [{ path: "/evil", mode: 0o644 }]],
    ["a path that is not clean", [{ path: "a//b", mode: 0o644 }]],
    ["nothing", [{ path: "", mode: 0o644 }]],
    ["a zero byte", [{ path: "a\0b", mode: 0o644 }]],
    ["a directory that was not told of", [{ path: "d/evil", mode: 0o644 }]],
    [
      "a link as a directory",
      [
        { path: "d", mode: linkMode, linkname: ".." },
        { path: "d/evil", mode: 0o644 },
      ],
    ],
    [
      "the same file twice",
      [
        { path: "a", mode: 0o644 },
        { path: "a", mode: 0o644 },
      ],
    ],
    [
      "a directory in a file's place",
      [
        { path: "a", mode: 0o644 },
        { path: "a", mode: directoryMode },
      ],
    ],
    ["a hard link out of it", [{ path: "a", mode: 0o644, linkname: "../evil" }]],
    [
      "a hard link to a link",
      [
        { path: "l", mode: linkMode, linkname: "/etc/passwd" },
        { path: "z", mode: 0o644, linkname: "l" },
      ],
    ],
  ])("%s", async (_, entries) => {
    writeFileSync(join(directory, "evil"), "mine");
    await expect(receive(entries)).rejects.toThrow();
    expect([readdirSync(directory).sort(), readFileSync(join(directory, "evil"), "utf8")]).toEqual([["evil", "to"], "mine"]);
  });

  test("data that nobody asked for", async () => {
    await expect(receive([], [{ type: packets.data, ID: 7, data: Buffer.from("x") }])).rejects.toThrow(/not asked for: 7/);
  });

  test("a client that cannot read says why, one that goes is missed", async () => {
    const failing = receive([{ path: "a", mode: 0o644 }], [{ type: packets.error, data: Buffer.from("open a: permission denied") }]);
    await expect(failing).rejects.toThrow("cannot send its files: open a: permission denied");
    const [sender, receiver] = ends();
    mkdirSync(join(directory, "other"));
    const received = receiveFiles(receiver, join(directory, "other"));
    await sender.send(packet.encode({ type: packets.stat, stat: { path: "a", mode: 0o644 } }));
    sender.end();
    await expect(received).rejects.toThrow("the client has broken off its files");
    expect(existsSync(join(directory, "other", "b"))).toBe(false);
  });
});
