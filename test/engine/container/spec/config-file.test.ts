/** What the runtimes make of a configuration: the mounts over parts of /proc have the flags of /proc. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { withFlags } from "../../../../engine/container/spec/config-file.ts";
import { createSpec } from "../../../../engine/container/spec/spec.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { plainFace } from "../faces.ts";

let made: TestEngine;
beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
});
afterAll(() => made[Symbol.asyncDispose]());

test.each(["crun", "runc"])("what is only to be read below /proc runs nothing and holds no devices (%s)", async (Runtime) => {
  const face = plainFace();
  const HostConfig = { AutoRemove: true, NetworkMode: "none", Runtime, Sysctls: { "kernel.msgmax": "9000" } };
  const look = "cat /proc/sys/kernel/msgmax; cat /proc/self/mounts; echo 1 > /proc/sys/kernel/msgmax";
  const { exitCode } = await finish(made.engine.containers.run({ Image: "busybox", Cmd: ["sh", "-c", look], HostConfig }, face, {}));
  expect([exitCode, face.stderr.text]).toEqual([1, expect.stringContaining("Read-only file system")]);
  expect(face.stdout.text).toMatch(/^9000\n/);
  const flags = [...face.stdout.text.matchAll(/^proc \/proc\/(bus|fs|irq|sys) proc (\S+) /gm)].map(([, name, options]) => [name, options]);
  expect(flags).toEqual(["bus", "fs", "irq", "sys"].map((name) => [name, "ro,nosuid,nodev,noexec,relatime"]));
});

test("only docker's own paths, over the /proc that the runtime mounts", () => {
  const user = { uid: 0, gid: 0, additionalGids: [], home: "/" };
  const base = { id: "0", rootfs: "/r", args: ["sh"], env: [], cwd: "/", user, netns: undefined, mounts: [] };
  const spec = createSpec({ ...base, host: { ReadonlyPaths: ["/proc/sys", "/proc/version", "/etc"] } });
  const changed = withFlags(spec);
  expect(changed.linux.readonlyPaths).toEqual(["/proc/version", "/etc"]);
  expect(changed.mounts.slice(0, 2).map(({ destination, type }) => [destination, type])).toEqual([
    ["/proc", "proc"],
    ["/proc/sys", "bind"],
  ]);
  const covered = createSpec({ ...base, host: {}, mounts: [{ destination: "/proc", type: "bind", source: "/x" }] });
  expect(withFlags(covered)).toBe(covered);
  const privileged = createSpec({ ...base, host: { Privileged: true } });
  expect(withFlags(privileged)).toBe(privileged);
});
