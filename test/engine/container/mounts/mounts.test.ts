/** Mounts of containers: where none may be, how read-only :ro is, what --volumes-from brings along, and their events. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseBind } from "../../../../engine/container/mounts/mounts.ts";
import { checkKernelPlace } from "../../../../engine/container/spec/kernel-mounts.ts";
import { placesOf } from "../../../../engine/container/spec/mount-places.ts";
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
    for (const place of ["/proc/cpuinfo", "/proc/sys/kernel/ns_last_pid", "/sys/fs/cgroup", "/dev/shm", "/process"])
      checkKernelPlace(place, { type: "bind" });
    for (const place of ["/proc", "/dev"]) checkKernelPlace(place, { type: "bind", source: place });
  });

  test("/dev is the runtime's or the host's", async () => {
    const message = '"/dev" cannot be mounted because it is not the host\'s /dev';
    for (const source of ["never", "/tmp"])
      await expect(finish(made.engine.containers.create(wish("busybox", "true", { Binds: [`${source}:/dev/`] })))).rejects.toMatchObject({
        message,
      });
    expect(() => checkKernelPlace("/dev", { type: "tmpfs" })).not.toThrow();
  });

  test.each(["crun", "runc"])("links in a volume lead a mount below it to none of them, and elsewhere as they say; %s", async (Runtime) => {
    const script = "cd /v && ln -s /proc proc; ln -s ../dev dev; ln -s proc/sys/kernel deep; ln -s /srv elsewhere; ln -s loop loop";
    await output(script, { Binds: [`links-${Runtime}:/v`] });
    const below = (place: string) => ({ Runtime, Binds: [`links-${Runtime}:/v`, `other:/v/${place}`] });
    await expect(output("true", below("proc"))).rejects.toThrow('"/proc" cannot be mounted because it is not of type proc');
    await expect(output("true", below("dev"))).rejects.toThrow('"/dev" cannot be mounted because it is not the host\'s /dev');
    await expect(output("true", below("deep/x"))).rejects.toThrow('"/proc/sys/kernel/x" cannot be mounted because it is inside /proc');
    await expect(output("true", below("loop"))).rejects.toThrow(/ELOOP|too many/);
    expect(await output("touch /srv/here; ls /v/elsewhere/", below("elsewhere"))).toBe("here\n");
    await expect(output("true", { Runtime, Binds: [`links-${Runtime}:/v`], Tmpfs: { "/v/proc/sys": "" } })).rejects.toThrow(
      '"/proc/sys" cannot be mounted because it is inside /proc',
    );
  });

  test.each(["crun", "runc"])("a mount below another is where it was asked for, whatever its name; %s", async (Runtime) => {
    const Mounts = [`/v`, `/v/a b\tc\\d\ne`, "/etc"].map((Target) => ({ Type: "volume" as const, Source: "", Target }));
    const Tmpfs = { "/v/t": "" };
    expect(
      await output("for f in /v/*; do echo \"$f\"; done; wc -l </etc/hosts; grep -c ' /v/' /proc/mounts", { Mounts, Tmpfs, Runtime }),
    ).toMatch(/^\/v\/a b\tc\\d\ne\n\/v\/t\n[1-9]\d*\n2\n$/);
  });
});

test("a mount's place is found through links of the root and of what is mounted before it", () => {
  const [root, volume] = [join(made.root, "places/root"), join(made.root, "places/volume")];
  for (const directory of [join(root, "run"), join(root, "v"), join(volume, "sub")]) mkdirSync(directory, { recursive: true });
  symlinkSync("/run", join(root, "var"));
  symlinkSync("/var/x", join(volume, "out"));
  symlinkSync("../../../../proc", join(volume, "sub/up"));
  const bind = (destination: string) => ({ destination, type: "bind", source: volume, options: ["rbind"] });
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc" },
    bind("/v"),
    ...["/var/run", "/v/sub", "/v/new/deep", "/v/out/y", "/v/sub/up/self", "/proc/v"].map(bind),
  ];
  expect(placesOf(root, mounts).map(({ path, isShared }) => [path, isShared])).toEqual([
    ["/proc", false],
    ["/v", false],
    ["/run/run", false],
    ["/v/sub", true],
    ["/v/new/deep", true],
    ["/run/x/y", true],
    ["/v/sub/up/self", true],
    ["/proc/v", false],
  ]);
});

test.each(["/proc/self/cwd", "/proc/thread-self/root/etc", "/proc/self"])(
  "%s, which is the runtime's own, is not mounted",
  async (source) => {
    const { Id } = await finish(made.engine.containers.create(wish("busybox", "true", { Binds: [`${made.root}:/proc-self`] })));
    await made.engine.containers.remove(Id);
    for (const host of [{ Binds: [`${source}:/x`] }, { Mounts: [{ Type: "bind" as const, Source: source, Target: "/x" }] }])
      await expect(finish(made.engine.containers.create(wish("busybox", "true", host)))).rejects.toThrow(
        `cannot mount "${source}": it is something else for each process`,
      );
  },
);

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

test("--volumes-from a container that never started brings volumes that its own image has filled, not the borrower's", async () => {
  await build("filled", "RUN mkdir /data && echo image >/data/f", "VOLUME /data");
  const first = await finish(made.engine.containers.create(wish("filled", "true", {})));
  expect(await output("cat /data/f", { VolumesFrom: [first.Id] })).toBe("image\n");
  const bare = await finish(
    made.engine.containers.create({ ...wish("busybox", "true", {}), Volumes: { "/data": {} } } as unknown as ContainerCreate),
  );
  expect(await output("ls -a /data | wc -l", { VolumesFrom: [bare.Id] }, "filled")).toBe("2\n");
  expect(await output("ls -a /data | wc -l", { VolumesFrom: [`${bare.Id}:ro`] })).toBe("2\n");
});

test.each(["crun", "runc"])("an image is mounted with all its layers, or a part of it, and never written to; %s", async (Runtime) => {
  await build("assets", "RUN mkdir -p /srv/www && echo page >/srv/www/index && ln -s /etc/passwd /srv/out", "RUN echo more >/srv/www/more");
  const image = (ImageOptions: object, Target = "/a") => ({ Type: "image" as const, Source: "assets", Target, ImageOptions });
  const script = "cat /a/srv/www/* /b/index; touch /a/x /b/x 2>&1";
  expect(await output(script, { Mounts: [image({}), image({ Subpath: "srv/www" }, "/b")], Runtime })).toBe(
    "page\nmore\npage\ntouch: /a/x: Read-only file system\ntouch: /b/x: Read-only file system\n",
  );
  await expect(output("true", { Mounts: [image({ Subpath: "none" })], Runtime })).rejects.toThrow(/cannot access path "none"/);
  await expect(output("true", { Mounts: [image({ Subpath: "../x" })], Runtime })).rejects.toThrow(
    /subpath must be a relative path within the volume/,
  );
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
