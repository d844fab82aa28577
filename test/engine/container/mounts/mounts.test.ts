/** Mounts of containers: where none may be, how read-only :ro is, what --volumes-from brings along, and their events. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkKernelPlace } from "../../../../engine/container/mounts/kernel-mounts.ts";
import { parseBind } from "../../../../engine/container/mounts/mounts.ts";
import type { ContainerCreate } from "../../../../engine/index.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { plainFace } from "../faces.ts";

let made: TestEngine;
beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
});
afterAll(() => made[Symbol.asyncDispose]());

async function build(tag: string, ...lines: string[]): Promise<void> {
  const dockerfile = `FROM busybox\n${lines.join("\n")}\n`;
  await finish(made.engine.builder.build({ context: made.engine.paths.tmp, dockerfile, tags: [tag] }));
}

function wish(Image: string, script: string, host: ContainerCreate["HostConfig"]): ContainerCreate {
  return { Image, Cmd: ["sh", "-c", script], HostConfig: { NetworkMode: "none", ...host } as object };
}

/** What a container printed on its standard output. */
async function output(script: string, host: ContainerCreate["HostConfig"], image = "busybox"): Promise<string> {
  const face = plainFace();
  const spec = wish(image, script, { AutoRemove: true, ...host } as object);
  await finish(made.engine.containers.run(spec, face, { stdout: true, stderr: true }));
  return face.stdout.text;
}

describe("the kernel's files", () => {
  test.each([
    ["/proc", "it is not of type proc"],
    ["/proc/sys", "it is inside /proc"],
    ["/proc/1/attr", "it is inside /proc"],
  ])("%s is refused, whatever is mounted there, before anything is made", async (place, why) => {
    await build("hostile", `VOLUME ${place}`);
    const wishes: [string, ContainerCreate["HostConfig"]][] = [
      ["busybox", { Binds: [`never:${place}`] }],
      ["busybox", { Binds: [`/tmp:${place}/`] }],
      ["busybox", { Mounts: [{ Type: "volume", Source: "never", Target: place }] }],
      ["busybox", { Tmpfs: { [place]: "" } }],
      ["hostile", {}],
    ];
    for (const [image, host] of wishes)
      await expect(finish(made.engine.containers.create(wish(image, "true", host)))).rejects.toMatchObject({
        code: "invalid",
        message: `"${place}" cannot be mounted because ${why}`,
      });
    expect(await made.engine.containers.list({ all: true })).toEqual([]);
    expect(await made.engine.volumes.list()).toEqual([]);
  });

  test("what a link of the image leads there is refused at the start", async () => {
    await build("linked", "RUN ln -s proc/sys /a && ln -s /a /b", "VOLUME /b/kernel");
    await expect(output("true", {}, "linked")).rejects.toMatchObject({
      message: '"/proc/sys/kernel" cannot be mounted because it is inside /proc',
    });
  });

  test("runc's exceptions hold, and below /sys and /dev it makes none", () => {
    for (const place of ["/proc/cpuinfo", "/proc/sys/kernel/ns_last_pid", "/sys/fs/cgroup", "/dev/shm", "/dev", "/process"])
      checkKernelPlace(place);
    checkKernelPlace("/proc", "/proc");
  });
});

test.each([
  ["/tmp:/x:nocopy", "bind", "VolumeOptions"],
  ["vol:/x:rshared", "volume", "BindOptions"],
])("%s is an error", (text, type, field) => {
  expect(() => parseBind(text)).toThrow(
    `invalid volume specification: '${text}': invalid mount config for type "${type}": field ${field} must not be specified`,
  );
});

describe.each(["crun", "runc"])("below a bind's source, with %s", (Runtime) => {
  const tree = () => join(made.root, `tree-${Runtime}`);
  beforeAll(() => {
    mkdirSync(join(tree(), "sub"), { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", join(tree(), "sub")]);
    mkdirSync(join(tree(), "sub/inner"));
  });
  afterAll(() => void execFileSync("umount", ["-l", join(tree(), "sub")]));

  const attempt = "mkdir /t/own 2>/dev/null && echo own; mkdir /t/sub/new 2>/dev/null && rmdir /t/sub/new && echo sub; ls /t/sub";
  test.each([
    [{}, "inner\n"],
    [{ ReadOnlyForceRecursive: true, Propagation: "rprivate" }, "inner\n"],
    [{ ReadOnlyNonRecursive: true }, "sub\ninner\n"],
    [{ NonRecursive: true }, ""],
  ])("read-only with %j", async (BindOptions, expected) => {
    const Mounts = [{ Type: "bind" as const, Source: tree(), Target: "/t", ReadOnly: true, BindOptions }];
    expect(await output(attempt, { Mounts, Runtime })).toBe(expected);
  });

  test("so it is with -v, and a file is read-only too, also one of the kernel's that may be replaced", async () => {
    expect(await output(attempt, { Binds: [`${tree()}:/t:ro`], Runtime })).toBe("inner\n");
    const file = join(made.root, "file");
    writeFileSync(file, "file\n");
    expect(await output("cat /f; echo >/f", { Binds: [`${file}:/f:ro`], Runtime })).toBe("file\n");
    expect(await output("cat /proc/uptime", { Binds: [`${file}:/proc/uptime:ro`], Runtime })).toBe("file\n");
  });
});

test("--volumes-from a container that never started brings volumes that are filled, from either image", async () => {
  await build("filled", "RUN mkdir /data && echo image >/data/f", "VOLUME /data");
  const first = await finish(made.engine.containers.create(wish("filled", "true", {})));
  expect(await output("cat /data/f", { VolumesFrom: [first.Id] })).toBe("image\n");
  const bare = await finish(
    made.engine.containers.create({ ...wish("busybox", "true", {}), Volumes: { "/data": {} } } as unknown as ContainerCreate),
  );
  expect(await output("cat /data/f", { VolumesFrom: [bare.Id] }, "filled")).toBe("image\n");
  expect(await output("cat /data/f", { VolumesFrom: [`${bare.Id}:ro`] })).toBe("image\n");
});

test.each(["crun", "runc"])("an image is mounted with all its layers, or a part of it, and never written to; %s", async (Runtime) => {
  await build("assets", "RUN mkdir -p /srv/www && echo page >/srv/www/index && ln -s /etc/passwd /srv/out", "RUN echo more >/srv/www/more");
  const image = (ImageOptions: object, Target = "/a") => ({ Type: "image" as const, Source: "assets", Target, ImageOptions });
  const script = "cat /a/srv/www/* /b/index; touch /a/x /b/x 2>&1";
  expect(await output(script, { Mounts: [image({}), image({ Subpath: "srv/www" }, "/b")], Runtime })).toBe(
    "page\nmore\npage\ntouch: /a/x: Read-only file system\ntouch: /b/x: Read-only file system\n",
  );
  await expect(output("true", { Mounts: [image({ Subpath: "none" })], Runtime })).rejects.toThrow(/cannot access path "none"/);
  await expect(output("true", { Mounts: [image({ Subpath: "../x" })], Runtime })).rejects.toThrow(/must be relative and stay inside/);
  expect(await output("cat /c", { Mounts: [image({ Subpath: "srv/out" }, "/c")], Runtime })).toMatch(/^root:/);
});

test("an image that is mounted is in use; cp sees it; --volumes-from hands it on", async () => {
  await build("mounted", "RUN echo mounted >/file");
  const Mounts = [{ Type: "image" as const, Source: "mounted", Target: "/m/deep" }];
  const { Id } = await finish(made.engine.containers.create(wish("busybox", "true", { Mounts })));
  await expect(made.engine.images.remove("mounted")).rejects.toMatchObject({ code: "in-use" });
  expect((await made.engine.images.list()).find(({ RepoTags }) => RepoTags.includes("mounted:latest"))?.Containers).toBe(1);
  const tar = await buffer(await made.engine.containers.copyFrom(Id, "/m/deep/file"));
  expect(tar.toString("latin1")).toContain("mounted\n");
  await expect(made.engine.containers.copyTo(Id, "/m/deep", Readable.from([Buffer.alloc(1024)]))).rejects.toThrow(/read-only/);
  expect(await output("cat /m/deep/file", { VolumesFrom: [Id] })).toBe("mounted\n");
  expect((await made.engine.containers.inspect(Id)).Mounts).toMatchObject([
    { Type: "image", Name: (await made.engine.images.inspect("mounted")).Id, Source: "mounted", Destination: "/m/deep", RW: false },
  ]);
  await made.engine.containers.remove(Id);
  await made.engine.images.remove("mounted");
  const missing = [{ Type: "image" as const, Source: "nosuch", Target: "/m" }];
  await expect(finish(made.engine.containers.create(wish("busybox", "true", { Mounts: missing })))).rejects.toThrow(
    "No such image: nosuch",
  );
});

test("a start and an end say which volumes they mount and unmount", async () => {
  const { Id } = await finish(made.engine.containers.create(wish("busybox", "true", { Binds: ["told:/v:ro"] })));
  await made.engine.containers.start(Id);
  await made.engine.containers.wait(Id);
  const rows = made.engine.db.all<{ action: string; attributes: string }>(
    "SELECT action, attributes FROM events WHERE actor = 'told' ORDER BY seq",
  );
  expect(rows.map(({ action, attributes }) => [action, JSON.parse(attributes)])).toEqual([
    ["create", { driver: "local" }],
    ["mount", { container: Id, destination: "/v", driver: "local", propagation: "", "read/write": "false" }],
    ["unmount", { container: Id, driver: "local" }],
  ]);
});
