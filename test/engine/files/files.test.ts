/** Trees looked at from outside: what their owners do to them leads nowhere else, and costs nothing. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileEntry, TreeName } from "../../../engine/index.ts";
import { makeNode } from "../../../engine/sys/files.ts";
import { openScene, type Scene } from "../../src/commands/scene.ts";

let scene: Scene;
const files = () => scene.engine.files;

beforeAll(async () => {
  scene = await openScene();
}, 60_000);
afterAll(() => scene?.[Symbol.asyncDispose]());

const names = (entries: readonly FileEntry[]) => entries.map(({ Name }) => Name);
const marks = (entries: readonly FileEntry[]) =>
  Object.fromEntries(entries.filter(({ Change }) => Change).map(({ Change, Name }) => [Name, Change]));

/** A volume with whatever a container could have put into it. */
async function volume(name: string, fill: (data: string) => void): Promise<TreeName> {
  const { Mountpoint } = await scene.engine.volumes.create({ Name: name });
  fill(Mountpoint);
  return { kind: "volume", ref: name };
}

async function created(...words: string[]): Promise<TreeName> {
  const { result } = await scene.berth("create", "--network", "none", ...words);
  return { kind: "container", ref: (result as { Id: string }).Id };
}

/** A container that did what a shell line says, and has ended. */
async function ran(line: string): Promise<TreeName> {
  const tree = await created("busybox", "sh", "-c", line);
  await scene.engine.containers.start(tree.ref);
  await scene.engine.containers.wait(tree.ref);
  return tree;
}

describe("links", () => {
  test("lead nowhere outside: neither on the way, nor at the end", async () => {
    const outside = mkdtempSync(join(tmpdir(), "berth-files-"));
    try {
      writeFileSync(join(outside, "secret"), "of the host");
      const tree = await volume("links", (data) => {
        symlinkSync(outside, join(data, "away"));
        symlinkSync(join(outside, "secret"), join(data, "file"));
        symlinkSync("../../../../../../../../etc", join(data, "up"));
        symlinkSync("/proc/1/root", join(data, "magic"));
        mkdirSync(join(data, "etc"));
        writeFileSync(join(data, "etc/passwd"), "of the volume");
      });
      const { Entries } = await files().list(tree, "/");
      expect(names(Entries)).toEqual(["etc", "away", "file", "magic", "up"]);
      expect(Entries.find(({ Name }) => Name === "away")).toMatchObject({ Type: "link", Target: outside });
      expect((await files().read(tree, "/up/passwd")).Data.toString()).toBe("of the volume");
      expect((await files().list(tree, "/up")).Path).toBe("/etc");
      for (const path of ["/away", "/magic"]) await expect(files().list(tree, path)).rejects.toMatchObject({ code: "not-found" });
      for (const path of ["/away/secret", "/file", "/magic/etc/passwd"]) {
        await expect(files().read(tree, path)).rejects.toMatchObject({ code: "not-found" });
        await expect(files().write(tree, path, Buffer.from("mine"))).rejects.toMatchObject({ code: "not-found" });
      }
      expect((await files().find(tree, "/", "secret")).Paths).toEqual([]);
      expect(await files().usage(tree, "/")).toEqual({ Size: 13, Files: 1, Directories: { etc: 13 } });
      expect(readFileSync(join(outside, "secret"), "utf8")).toBe("of the host");
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test("in a circle end", async () => {
    const tree = await volume("circle", (data) => symlinkSync("circle", join(data, "circle")));
    await expect(files().list(tree, "/circle")).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("ELOOP") });
    await expect(files().read(tree, "/circle")).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("what is no regular file", () => {
  test("is named, and never opened", async () => {
    const tree = await volume("kinds", (data) => {
      execFileSync("mkfifo", [join(data, "fifo")]);
      makeNode(join(data, "tty"), 0o020666, 5, 0);
      makeNode(join(data, "disk"), 0o060666, 8, 0);
    });
    const { Entries } = await files().list(tree, "/");
    expect(Object.fromEntries(Entries.map(({ Name, Type }) => [Name, Type]))).toEqual({ disk: "block", fifo: "fifo", tty: "character" });
    for (const [name, kind] of [
      ["fifo", "a named pipe"],
      ["tty", "a character device"],
      ["disk", "a block device"],
    ]) {
      const refused = { code: "invalid", message: expect.stringContaining(`it is ${kind}, not a regular file`) };
      await expect(files().read(tree, `/${name}`)).rejects.toMatchObject(refused);
      await expect(files().write(tree, `/${name}`, Buffer.from("x"))).rejects.toMatchObject(refused);
    }
  });

  test("a directory has no content, a file no entries", async () => {
    const tree = await volume("wrong", (data) => {
      mkdirSync(join(data, "d"));
      writeFileSync(join(data, "f"), "");
    });
    await expect(files().read(tree, "/d")).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("a directory") });
    await expect(files().list(tree, "/f")).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("no directory") });
    await expect(files().list(tree, "/none")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("sizes", () => {
  test("a file of a terabyte is read in pieces, from any place", async () => {
    const tree = await volume("huge", (data) => {
      const fd = openSync(join(data, "sparse"), "w");
      ftruncateSync(fd, 2 ** 40);
      closeSync(fd);
    });
    const piece = await files().read(tree, "/sparse", { offset: 2 ** 40 - 10, length: 2 ** 30 });
    expect(piece).toMatchObject({ Size: 2 ** 40 });
    expect(piece.Data).toEqual(Buffer.alloc(10));
    expect((await files().read(tree, "/sparse")).Data.length).toBe(1 << 20);
    expect((await files().read(tree, "/sparse", { offset: 2 ** 41 })).Data.length).toBe(0);
  });

  test("a directory of any size comes in parts, in order", async () => {
    const count = 20_000;
    const tree = await volume("many", (data) => {
      mkdirSync(join(data, "many"));
      writeFileSync(join(data, "many/0"), "");
      // Hard links cost no inodes.
      writeFileSync(join(data, "many/1"), "");
      for (let at = 2; at < count; at++) linkSync(join(data, `many/${at % 2}`), join(data, `many/${at}`));
      mkdirSync(join(data, "many/zz-directory"));
    });
    const first = await files().list(tree, "/many", { limit: 3 });
    expect(first).toMatchObject({ Total: count + 1, IsCut: false });
    expect(names(first.Entries)).toEqual(["zz-directory", "0", "1"]);
    const last = await files().list(tree, "/many", { from: count - 1 });
    expect(names(last.Entries)).toEqual(["9998", "9999"]);
    const part = await files().list(tree, "/many", { having: "14321", limit: 100 });
    expect(part.Entries.map(({ Name }) => Name)).toContain("14321");
    expect(part.From % 100).toBe(0);
    expect((await files().find(tree, "/", "9999")).Paths.length).toBe(2);
    expect(await files().find(tree, "/", "9", { limit: 5 })).toMatchObject({ IsCut: true });
  });
});

test("any name: bytes that are no text, control characters, what a shell would take", async () => {
  const odd = [Buffer.from([0x78, 0xe4]), Buffer.from("a\nb\x1b[31m"), Buffer.from("-rf *")];
  const tree = await volume("odd", (data) => {
    for (const name of odd) writeFileSync(Buffer.concat([Buffer.from(`${data}/`), name]), name);
  });
  const { Entries } = await files().list(tree, "/");
  expect(names(Entries).sort()).toEqual(["-rf *", "a\nb\x1b[31m", "x\udce4"]);
  for (const { Name } of Entries) expect((await files().read(tree, `/${Name}`)).Size).toBeGreaterThan(0);
  expect((await files().find(tree, "/", "x")).Paths).toEqual(["/x\udce4"]);
});

describe("containers", () => {
  test("one that never started shows its image's files, and nothing is changed", async () => {
    const tree = await created("busybox", "true");
    const { Entries, Total } = await files().list(tree, "/");
    expect(names(Entries)).toContain("bin");
    expect(Total).toBe(Entries.length);
    expect(marks(Entries)).toEqual({});
  });

  test("added, changed and removed against the image, directories with what is in them", async () => {
    const tree = await ran("echo x > /etc/new; echo y >> /etc/passwd; rm /etc/group; mkdir -p /srv/a/b; echo z > /srv/a/b/c");
    expect(marks((await files().list(tree, "/")).Entries)).toEqual({ etc: "changed", srv: "added" });
    const etc = (await files().list(tree, "/etc")).Entries;
    expect(marks(etc)).toEqual({ new: "added", passwd: "changed", group: "removed" });
    expect(etc.find(({ Name }) => Name === "group")?.Size).toBeGreaterThan(0);
    expect(marks((await files().list(tree, "/srv/a")).Entries)).toEqual({ b: "added" });
  });

  test("one that runs shows its mounts, which are not compared, and nothing of the kernel's", async () => {
    await scene.engine.volumes.create({ Name: "mounted" });
    const { result } = await scene.berth(
      "run",
      "-d",
      "--network",
      "none",
      "-v",
      "mounted:/data",
      "busybox",
      "sh",
      "-c",
      "echo v > /data/v; exec sleep 1000",
    );
    const tree: TreeName = { kind: "container", ref: (result as { Id: string }).Id };
    await expect.poll(async () => names((await files().list(tree, "/data")).Entries)).toEqual(["v"]);
    expect(marks((await files().list(tree, "/data")).Entries)).toEqual({});
    expect(marks((await files().list(tree, "/")).Entries)).not.toHaveProperty("data");
    expect((await files().list(tree, "/proc")).Entries).toEqual([]);
    await files().write(tree, "/data/v", Buffer.from("written"));
    expect((await scene.berth("exec", tree.ref, "cat", "/data/v")).text).toContain("written");
    await scene.berth("rm", "-f", tree.ref);
    await expect(files().list(tree, "/data")).rejects.toMatchObject({ code: "not-found" });
    await expect(files().read(tree, "/data/v")).rejects.toMatchObject({ code: "not-found" });
  });

  test("one that changes its tree all the time is read, or says what is not there", async () => {
    const line = "mkdir -p /a/b; echo in > /a/b/f; ln -s / /l; while true; do mv /a /c; mv /l /a; mv /a /l; mv /c /a; done";
    const { result } = await scene.berth("run", "-d", "--network", "none", "busybox", "sh", "-c", line);
    const tree: TreeName = { kind: "container", ref: (result as { Id: string }).Id };
    for (let turn = 0; turn < 40; turn++) {
      const found = await files()
        .read(tree, "/a/b/f")
        .then(({ Data }) => Data.toString())
        .catch(({ code }: { code: string }) => code);
      // While /a is the link to the root, there is no /b.
      expect(["in\n", "not-found", ""]).toContain(found);
      expect((await files().usage(tree, "/")).Files).toBeGreaterThan(0);
    }
    await scene.berth("rm", "-f", tree.ref);
  });
});

describe("writing", () => {
  test("keeps the inode, the owner, the mode and other names", async () => {
    let path = "";
    const tree = await volume("kept", (data) => {
      path = join(data, "file");
      writeFileSync(path, "a longer text", { mode: 0o4750 });
      execFileSync("chown", ["123:456", path]);
      execFileSync("chmod", ["4750", path]);
      linkSync(path, join(data, "other"));
    });
    const before = statSync(path);
    const { Version } = await files().read(tree, "/file");
    await files().write(tree, "/file", Buffer.from("short"), { version: Version });
    const { ino, mode, uid, gid } = statSync(path);
    expect({ ino, mode, uid, gid }).toEqual({ ino: before.ino, mode: before.mode, uid: 123, gid: 456 });
    expect((await files().read(tree, "/other")).Data.toString()).toBe("short");
    await files().write(tree, "/file", Buffer.from("longer than it was before"));
    expect(readFileSync(path, "utf8")).toBe("longer than it was before");
  });

  test("a file that has changed since it was read stays", async () => {
    let path = "";
    const tree = await volume("raced", (data) => writeFileSync((path = join(data, "file")), "one"));
    const { Version } = await files().read(tree, "/file");
    writeFileSync(path, "two");
    await expect(files().write(tree, "/file", Buffer.from("mine"), { version: Version })).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(path, "utf8")).toBe("two");
  });

  test("not where a container may not, nor into images", async () => {
    const tree = await created("--read-only", "busybox", "true");
    await expect(files().write(tree, "/etc/passwd", Buffer.from("x"))).rejects.toMatchObject({ code: "conflict" });
    const image: TreeName = { kind: "image", ref: "busybox" };
    await expect(files().write(image, "/etc/passwd", Buffer.from("x"))).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a container that does not run has it at its next start", async () => {
    const tree = await created("busybox", "cat", "/etc/passwd");
    await files().write(tree, "/etc/passwd", Buffer.from("root:x:0:0:mine:/:/bin/sh\n"));
    expect(marks((await files().list(tree, "/etc")).Entries)).toEqual({ passwd: "changed" });
    await scene.engine.containers.start(tree.ref);
    await scene.engine.containers.wait(tree.ref);
    expect(await scene.text("logs", tree.ref)).toContain("mine");
  });
});

describe("images", () => {
  const dockerfile = [
    "FROM busybox",
    "RUN mkdir /d && echo one > /d/one && echo two > /d/two && ln -s one /d/link",
    "RUN rm /d/one && echo more >> /d/two && echo three > /d/three",
  ].join("\n");
  const at = (layer?: number): TreeName => ({ kind: "image", ref: "layered", ...(layer !== undefined && { layer }) });
  beforeAll(async () => {
    await scene.feed(dockerfile, "build", "-q", "-t", "layered", "-");
  }, 60_000);

  test("the sum, and each layer against those below", async () => {
    expect(names((await files().list(at(), "/d")).Entries)).toEqual(["link", "three", "two"]);
    expect((await files().read(at(), "/d/two")).Data.toString()).toBe("two\nmore\n");
    expect(marks((await files().list(at(1), "/")).Entries)).toEqual({});
    expect(marks((await files().list(at(2), "/")).Entries)).toEqual({ d: "added" });
    expect(names((await files().list(at(3), "/")).Entries)).toEqual(["d"]);
    expect(marks((await files().list(at(3), "/d")).Entries)).toEqual({ one: "removed", three: "added", two: "changed" });
    expect((await files().find(at(3), "/", "one")).Paths).toEqual([]);
    await expect(files().list(at(4), "/")).rejects.toMatchObject({ code: "not-found", message: expect.stringContaining("it has 3") });
    await expect(files().list(at(0), "/")).rejects.toMatchObject({ code: "not-found" });
  });

  test("a layer that makes a directory anew shows what it hides", async () => {
    const anew = ["FROM layered", "RUN rm -rf /d && mkdir /d && echo 2 > /d/two && echo 4 > /d/four"].join("\n");
    await scene.feed(anew, "build", "-q", "-t", "anew", "-");
    const layer: TreeName = { kind: "image", ref: "anew", layer: 4 };
    expect(marks((await files().list(layer, "/")).Entries)).toEqual({ d: "changed" });
    expect(marks((await files().list(layer, "/d")).Entries)).toEqual({ link: "removed", three: "removed", two: "changed", four: "added" });
  });

  test("two compared: what the second has otherwise", async () => {
    const { Differences, Added, Removed } = await files().compare(at(2), at(3));
    expect(Differences.filter(({ Path }) => Path.startsWith("/d/"))).toMatchObject([
      { Path: "/d/link", Change: "removed", Type: "link" },
      { Path: "/d/one", Change: "removed", Before: 4, After: 0 },
      { Path: "/d/three", Change: "added", Before: 0, After: 6 },
      { Path: "/d/two", Change: "changed", Before: 4, After: 9 },
    ]);
    expect([Added, Removed]).toEqual([15, 8]);
    await expect(files().compare(at(), at())).resolves.toEqual({ Differences: [], Added: 0, Removed: 0 });
    const other = await files().compare({ kind: "image", ref: "busybox" }, at());
    expect(other.Differences.map(({ Path }) => Path)).toEqual(["/d", "/d/link", "/d/three", "/d/two"]);
  });

  test("contents tell files of one size apart", async () => {
    const before = await volume("before", (data) => writeFileSync(join(data, "f"), "aaa"));
    const after = await volume("after", (data) => writeFileSync(join(data, "f"), "aab"));
    expect((await files().compare(before, after)).Differences).toMatchObject([{ Path: "/f", Change: "changed", Before: 3, After: 3 }]);
  });

  test("a walk that nobody waits for ends", async () => {
    const over = new AbortController();
    over.abort(new Error("left"));
    const tree = await volume("left", (data) => {
      for (let count = 0; count < 600; count++) writeFileSync(join(data, String(count)), "");
    });
    await expect(files().find(tree, "/", "x", { signal: over.signal })).rejects.toThrow("left");
    await expect(files().usage(tree, "/", { signal: over.signal })).rejects.toThrow("left");
  });
});

/** What the process holds open of a tree: directories and mount namespaces. */
const held = () =>
  readdirSync("/proc/self/fd")
    .map((fd) => readlinkOrNot(`/proc/self/fd/${fd}`))
    .filter((link) => link.startsWith("mnt:") || statSync(link, { throwIfNoEntry: false })?.isDirectory());

function readlinkOrNot(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

test("nothing stays behind: no mount, no directory, no descriptor", async () => {
  const image: TreeName = { kind: "image", ref: "busybox" };
  const { DockerRootDir } = await scene.engine.system.info();
  await files().list(image, "/");
  const before = held();
  for (let turn = 0; turn < 10; turn++) {
    await files().list(image, "/bin");
    await files().find(image, "/", "passwd");
    await files()
      .list(image, "/nowhere")
      .catch(() => {});
    await files()
      .read(image, "/nowhere")
      .catch(() => {});
  }
  expect(held()).toEqual(before);
  expect(execFileSync("find", [DockerRootDir, "-name", "files-*"], { encoding: "utf8" })).toBe("");
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(`${DockerRootDir}/tmp/files-`);
});
