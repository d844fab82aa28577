/** `cp`: what it copies, and that no container leads it out of its own root, whatever it changes meanwhile. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { viewRoot } from "../../../../engine/container/mounts/rootfs.ts";
import { findById } from "../../../../engine/container/record/record.ts";
import { readTar } from "../../../../engine/image/tar/reader.ts";
import { encodeHeader, padding, tarHeader, trailer } from "../../../../engine/image/tar/writer.ts";
import type { ContainerCreate, Containers } from "../../../../engine/index.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { plainFace } from "../faces.ts";

let made: TestEngine;
let containers: Containers;
beforeAll(async () => {
  made = openTestEngine();
  containers = made.engine.containers;
  await importBusybox(made.engine);
});
afterAll(() => made[Symbol.asyncDispose]());

async function create(script: string, host: ContainerCreate["HostConfig"] = {}): Promise<string> {
  const { Id } = await finish(
    containers.create({
      Image: "busybox",
      Cmd: ["sh", "-c", script],
      HostConfig: { NetworkMode: "none", StopTimeout: 0, ...host } as object,
    }),
  );
  return Id;
}

async function run(script: string, host: ContainerCreate["HostConfig"] = {}): Promise<string> {
  const id = await create(script, host);
  await containers.start(id);
  return id;
}

async function done(script: string, host: ContainerCreate["HostConfig"] = {}): Promise<string> {
  const id = await run(script, host);
  await containers.wait(id);
  return id;
}

async function output(id: string, ...Cmd: string[]): Promise<string> {
  const face = plainFace();
  await containers.exec(id, { Cmd }, face);
  return face.stdout.text;
}

/** Name to content (files), target (links) or "". */
async function unpack(tar: Readable): Promise<Record<string, string>> {
  const entries: Record<string, string> = {};
  for await (const { header, content } of readTar(tar)) {
    const text = header.type === "file" ? (await buffer(Readable.from(content()))).toString() : header.linkName;
    entries[header.name.replace(/\/$/, "")] = text;
  }
  return entries;
}

function archive(files: Record<string, string>): Readable {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = name.endsWith("/")
      ? tarHeader({ name, type: "directory", mode: 0o755 })
      : text.startsWith("->")
        ? tarHeader({ name, type: "symlink", linkName: text.slice(2) })
        : tarHeader({ name, size: content.length, mode: 0o640, uid: 5, gid: 6 });
    return [encodeHeader(header), ...(text.startsWith("->") ? [] : [content, padding(content.length)])];
  });
  return Readable.from([...parts, trailer]);
}

const tree = "mkdir -p /d/sub; echo one >/d/one; echo two >/d/sub/two; ln -s one /d/link; ln -s /d /to";

describe.each([
  ["running", () => run(`${tree}; echo ready; sleep 1000`)],
  ["ended", () => done(tree)],
] as const)("a container that is %s", (_, make) => {
  let id: string;
  beforeAll(async () => {
    id = await make();
    await eventually(async () => expect(Object.keys(await unpack(await containers.copyFrom(id, "/to")))).toEqual(["to"]));
  });

  test("gives a file, a directory, what is in it, a link, and what a link leads to", async () => {
    expect(await unpack(await containers.copyFrom(id, "/d/one"))).toEqual({ one: "one\n" });
    const whole = { one: "one\n", link: "one", sub: "", "sub/two": "two\n" };
    const below = (name: string) =>
      Object.fromEntries([[name, ""], ...Object.entries(whole).map(([path, text]) => [`${name}/${path}`, text])]);
    expect(await unpack(await containers.copyFrom(id, "/d"))).toEqual(below("d"));
    expect(await unpack(await containers.copyFrom(id, "/to"))).toEqual({ to: "/d" });
    expect(await unpack(await containers.copyFrom(id, "/to", { followLink: true }))).toEqual(below("d"));
    expect(await unpack(await containers.copyFrom(id, "d/link", { followLink: true }))).toEqual({ one: "one\n" });
  });

  test("takes an archive into a directory, also through a link", async () => {
    await containers.copyTo(id, "/to/sub", archive({ new: "new\n", "deep/er": "deeper\n" }));
    expect(await unpack(await containers.copyFrom(id, "/d/sub/new"))).toEqual({ new: "new\n" });
    expect(await unpack(await containers.copyFrom(id, "/d/sub/deep"))).toEqual({ deep: "", "deep/er": "deeper\n" });
  });

  test("says what is not there, and what is no directory", async () => {
    await expect(containers.copyFrom(id, "/d/none")).rejects.toThrow(/Could not find the file \/d\/none in container/);
    await expect(containers.copyFrom(id, "/d/one/")).rejects.toThrow(/not a directory|Could not find/);
    await expect(containers.copyTo(id, "/d/one", archive({ x: "x" }))).rejects.toThrow(/not a directory/);
    await expect(containers.copyTo(id, "/none", archive({ x: "x" }))).rejects.toThrow(/Could not find/);
  });
});

test("a file takes a directory's place, and the other way, only when asked; what is mounted stays", async () => {
  const id = await run("mkdir -p /p/dir/sub; echo x > /p/dir/x; echo y > /p/file; mkdir /p/v; sleep 1000", {
    Mounts: [{ Type: "volume", Source: "kept", Target: "/p/v" }],
  } as ContainerCreate["HostConfig"]);
  await eventually(async () => expect(await output(id, "ls", "/p")).toBe("dir\nfile\nv\n"));
  await output(id, "sh", "-c", "echo kept > /p/v/mine");
  const swapped = () => archive({ dir: "now a file", "file/": "", "file/deep": "now in a directory" });
  await expect(containers.copyTo(id, "/p", swapped())).rejects.toThrow('cannot overwrite directory "/p/dir" with non-directory "dir"');
  expect(await output(id, "cat", "/p/dir/x")).toBe("x\n");
  await containers.copyTo(id, "/p", swapped(), { replace: true });
  expect(await output(id, "cat", "/p/dir", "/p/file/deep")).toBe("now a filenow in a directory");
  await expect(containers.copyTo(id, "/p", archive({ v: "no volume" }), { replace: true })).rejects.toThrow(
    'cannot replace "/p/v": something is mounted',
  );
  expect(await output(id, "cat", "/p/v/mine")).toBe("kept\n");
});

test("a volume is read and written where the container has it, the rest of a read-only root is not written", async () => {
  const id = await done("echo kept >/v/file", { Binds: ["copied:/v"], ReadonlyRootfs: true });
  expect(await unpack(await containers.copyFrom(id, "/v/file"))).toEqual({ file: "kept\n" });
  await containers.copyTo(id, "/v", archive({ more: "more\n" }));
  const { Mountpoint } = await made.engine.volumes.inspect("copied");
  expect(readFileSync(join(Mountpoint, "more"), "utf8")).toBe("more\n");
  await expect(containers.copyTo(id, "/tmp", archive({ more: "more\n" }))).rejects.toThrow(/marked read-only/);
});

test("of a volume's part nothing else is seen, by whoever mounts it", async () => {
  await done("mkdir -p /v/part; echo mine >/v/part/file; echo other >/v/secret; ln -s .. /v/part/up", { Binds: ["parted:/v"] });
  const Mounts = [{ Type: "volume" as const, Source: "parted", Target: "/p", VolumeOptions: { Subpath: "part" } }];
  const id = await run("ls -a /p; sleep 1000", { Mounts });
  expect((await output(id, "ls", "/p", "/p/up")).match(/\w+/g)).not.toContain("secret");
  const borrower = await run("sleep 1000", { VolumesFrom: [id] });
  expect(await output(borrower, "ls", "/p")).toBe("file\nup\n");
  for (const each of [id, borrower]) {
    await containers.stop(each, { timeout: 0 });
    expect(Object.keys(await unpack(await containers.copyFrom(each, "/p")))).toEqual(["p", "p/file", "p/up"]);
  }
  for (const Subpath of ["../out", "/etc", "part/../.."]) {
    const escaping = [{ Type: "volume" as const, Source: "parted", Target: "/p", VolumeOptions: { Subpath } }];
    await expect(create("true", { Mounts: escaping })).rejects.toThrow(/subpath must be a relative path within the volume/);
  }
});

test("links in a container lead to its own files, never to the host's of the same name", async () => {
  const outside = join(made.root, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "host's");
  const up = "../".repeat(12);
  const id = await done(
    `ln -s ${outside} /abs; ln -s ${up}${outside.slice(1)} /rel; ln -s ${outside}/secret /file; mkdir -p /proc-like; ln -s /proc/1/root /magic`,
  );
  for (const path of ["/abs/secret", "/rel/secret", `${up}${outside.slice(1)}/secret`, `/magic${outside}/secret`]) {
    await expect(containers.copyFrom(id, path, { followLink: true })).rejects.toThrow(/Could not find|cannot copy/);
  }
  await expect(containers.copyFrom(id, "/file", { followLink: true })).rejects.toThrow(/Could not find/);
  for (const path of ["/abs", "/rel", `${up}${outside.slice(1)}`]) {
    await expect(containers.copyTo(id, path, archive({ planted: "planted" }))).rejects.toThrow(/Could not find/);
  }
  // Links that the archive itself brings: written through, they stay in the container.
  await containers.copyTo(id, "/tmp", archive({ escape: `->${outside}`, "escape/planted": "planted" })).catch(() => {});
  await containers.copyTo(id, "/tmp", archive({ [`${up}${outside.slice(1)}/planted`]: "planted" })).catch(() => {});
  expect(readdirSync(outside)).toEqual(["secret"]);
});

test("a container that swaps directories and links all the time leads no copy outside", { timeout: 120_000 }, async () => {
  const outside = join(made.root, "swapped");
  mkdirSync(outside);
  writeFileSync(join(outside, "file"), "host's");
  // A copy may land in between and put a directory of its own there: the loop then starts anew.
  const heal = "rm -rf /t/dir; [ -e /t/real/file ] || { rm -rf /t/real; mkdir /t/real; echo inside >/t/real/file; }";
  const swap = `${heal}; mv /t/real /t/dir; cat /t/dir/file /t/dir/file; cat /t/dir/file; mv /t/dir /t/real; mv /t/link /t/dir; mv /t/dir /t/link`;
  // The same path exists inside, so that the link leads somewhere.
  const id = await run(
    `mkdir -p /t/real ${outside}; echo inside >/t/real/file; echo inside >${outside}/file; ln -s ${outside} /t/link; while :; do ${swap}; done >/dev/null 2>&1`,
  );
  await eventually(async () => expect(await output(id, "ls", "/t")).toContain("dir"));
  let read = 0;
  let written = 0;
  // Most attempts fail, as what was there is gone: as many as needed for one of each to succeed, within bounds.
  for (let attempt = 0; attempt < 400 && (attempt < 20 || read < 1 || written < 1); attempt++) {
    const got = await containers
      .copyFrom(id, "/t/dir/file")
      .then(unpack)
      .catch(() => undefined);
    if (got) expect(got).toEqual({ file: "inside\n" });
    const whole = await containers
      .copyFrom(id, "/t/dir", { followLink: true })
      .then(unpack)
      .catch(() => ({}));
    expect(Object.values(whole)).not.toContain("host's");
    read += got ? 1 : 0;
    written += await containers.copyTo(id, "/t/dir", archive({ [`planted-${attempt}`]: "planted" })).then(
      () => 1,
      () => 0,
    );
  }
  expect(readdirSync(outside)).toEqual(["file"]);
  expect(readFileSync(join(outside, "file"), "utf8")).toBe("host's");
  expect(read).toBeGreaterThan(0);
  expect(written).toBeGreaterThan(0);
  await containers.kill(id, "KILL");
});

test("a /proc that knows the host's processes leads no copy to the host's root", async () => {
  const outside = join(made.root, "magic");
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "host's");
  const script = `ln -s /proc/${process.pid}/root${outside} /direct; ln -s /hostproc/${process.pid}/root${outside} /bound; sleep 1000`;
  const id = await run(script, { PidMode: "host", Binds: ["/proc:/hostproc"] });
  await eventually(async () => expect(await output(id, "ls", "/")).toContain("bound"));
  for (const stopped of [false, true]) {
    if (stopped) await containers.kill(id, "KILL");
    if (stopped) await containers.wait(id);
    for (const link of ["direct", "bound"]) {
      await expect(containers.copyFrom(id, `/${link}/secret`)).rejects.toThrow(/Could not find/);
      await expect(containers.copyTo(id, `/${link}`, archive({ planted: "planted" }))).rejects.toThrow(/Could not find/);
      await containers.copyTo(id, "/", archive({ [`${link}/planted`]: "planted" })).catch(() => {});
    }
  }
  expect(readdirSync(outside)).toEqual(["secret"]);
});

test("a file that turns into a pipe or a device while it is copied holds nothing up", { timeout: 120_000 }, async () => {
  const swap = "rm -f /t/x; mkfifo /t/x; rm -f /t/x; mknod /t/x c 1 5; rm -f /t/x; cp /t/big /t/x";
  const id = await run(`mkdir /t; dd if=/dev/zero of=/t/big bs=1k count=64 2>/dev/null; while :; do ${swap}; done 2>/dev/null`);
  await eventually(async () => expect(await output(id, "ls", "/t")).toContain("big"));
  for (let attempt = 0; attempt < 20; attempt++) {
    const got = await containers
      .copyFrom(id, "/t")
      .then(unpack)
      .catch(() => undefined);
    if (got?.["t/big"] !== undefined) expect(got["t/big"]).toHaveLength(65_536);
  }
  await containers.kill(id, "KILL");
});

test("looking into a container that is being removed makes nothing of it again", async () => {
  const id = await create("true");
  const record = findById(made.engine, id)!;
  await using view = await viewRoot(made.engine, record, { write: false });
  expect(readdirSync(view.root)).toContain("bin"); // never started: it is its image
  await containers.remove(id);
  for (const write of [false, true])
    await expect(viewRoot(made.engine, record, { write })).rejects.toMatchObject({ code: "not-found", message: /^No such container: / });
  expect(readdirSync(made.engine.paths.containers)).not.toContain(id);
});

test("an image without layers has a root too, before the first start", async () => {
  const Id = (
    await finish(
      made.engine.builder.build({ context: made.engine.paths.tmp, dockerfile: "FROM scratch\nLABEL a=b\n", tags: ["nothing:1"] }),
    )
  ).ImageID!;
  const container = await finish(containers.create({ Image: Id, Cmd: ["/x"], HostConfig: { NetworkMode: "none" } }));
  const entries = [];
  for await (const { header } of readTar(await containers.copyFrom(container.Id, "/"))) entries.push(header.name);
  expect(entries).toEqual(["./"]);
  await containers.remove(container.Id);
});
