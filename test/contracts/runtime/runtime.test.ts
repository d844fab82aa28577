/** What berth asks of an OCI runtime, of each one that this host has. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encodeSpec } from "../../../engine/container/spec/encode.ts";
import { createSpec, type SpecInput } from "../../../engine/container/spec/spec.ts";
import { resolveUser } from "../../../engine/container/spec/user.ts";
import { findProgram, runProcess } from "../../../engine/process/spawn.ts";
import { cgroupDirectories, cgroupProcesses } from "../../../engine/runtime/cgroup.ts";
import { deleteRuntimeContainer, runDirect } from "../../../engine/runtime/direct.ts";
import { runtimeFor } from "../../../engine/runtime/select.ts";
import { openTestEngine, type TestEngine } from "../../support/engine.ts";
import { busyboxTar } from "../../support/rootfs.ts";

const obstacles: Record<string, string | undefined> = {
  runc: findProgram("runc") ? undefined : "runc is not installed",
  crun: findProgram("crun") ? undefined : "crun is not installed",
};

describe.each(Object.entries(obstacles))("%s", (runtime, obstacle) => {
  describe("runs bundles", () => {
    beforeEach((context) => {
      if (obstacle !== undefined) context.skip(obstacle);
    });
    let made: TestEngine;
    let rootfs: string;
    let count = 0;
    beforeAll(async () => {
      if (obstacle !== undefined) return;
      made = openTestEngine({ runtime });
      void made.engine.db; // makes the directories
      rootfs = join(made.root, "rootfs");
      mkdirSync(rootfs);
      const { status } = await runProcess("/bin/tar", ["-C", rootfs, "-xf", busyboxTar()]);
      expect(status).toBe(0);
    });
    afterAll(() => (made as TestEngine | undefined)?.[Symbol.asyncDispose]());

    /** A bundle of its own for each run. */
    const prepare = (args: string[], changes: Partial<SpecInput> = {}) => {
      const id = `contract-${process.pid}-${runtime}-${count++}`;
      const bundle = join(made.root, id);
      mkdirSync(bundle);
      const spec = createSpec({
        id,
        rootfs,
        args,
        env: ["PATH=/bin"],
        cwd: "/",
        user: resolveUser(rootfs, ""),
        host: {},
        netns: undefined,
        mounts: [],
        ...changes,
      });
      writeFileSync(join(bundle, "config.json"), encodeSpec(spec));
      return { id, bundle };
    };
    const run = async (args: string[], changes: Partial<SpecInput> = {}) => {
      const { id, bundle } = prepare(args, changes);
      const { stdout, exited } = await runDirect(made.engine, { id, bundle, stdio: ["ignore", "pipe", "pipe"] });
      let out = "";
      void stdout?.pour(async (chunk) => void (out += chunk));
      const status = await exited;
      return { id, status, out };
    };
    const traces = (id: string) => [...cgroupDirectories(id), ...[join(made.engine.paths.runtime, id)].filter((path) => existsSync(path))];

    test("is the one that was asked for", () => {
      expect(runtimeFor(made.engine)).toMatchObject({ kind: runtime, name: runtime });
    });

    test("passes output and status on, and leaves nothing", async () => {
      const { id, status, out } = await run(["sh", "-c", "echo $$; exit 7"]);
      expect([status, out]).toEqual([7, "1\n"]);
      expect(traces(id)).toEqual([]);
    });

    test("confines: filter, capabilities, namespaces, limits", async () => {
      const { out } = await run(
        [
          "sh",
          "-c",
          "grep -E '^(Seccomp|CapEff|CapInh):' /proc/self/status; mount -t tmpfs x /mnt 2>/dev/null || echo refused; cat /proc/kcore | wc -c",
        ],
        { host: { PidsLimit: 20 } },
      );
      expect(out).toMatch(/^CapInh:\s+0+$/m);
      expect(out).toMatch(/^CapEff:\s+00000000a80425fb$/m);
      expect(out).toMatch(/^Seccomp:\s+2$/m);
      expect(out).toMatch(/^refused$/m);
      expect(out).toMatch(/^0$/m);
    });

    test.each([
      [["nothing"], "command-not-found"],
      [["/nothing"], "command-not-found"],
      [["/etc/passwd"], "command-not-executable"],
      [["/etc"], "command-not-executable"],
    ])("says that it cannot start %j", async (args, code) => {
      await expect(run(args)).rejects.toMatchObject({ code });
    });

    test("a bundle that is none of its fault is the runtime's failure", async () => {
      await expect(run(["true"], { rootfs: "/nowhere" })).rejects.toMatchObject({ code: "runtime-failed" });
    });

    test("aborting kills the container", async () => {
      const { id, bundle } = prepare(["sleep", "1000"]);
      const abort = new AbortController();
      const { child, exited } = await runDirect(made.engine, { id, bundle, stdio: ["ignore", "pipe", "ignore"], signal: abort.signal });
      abort.abort();
      expect(await exited).toBe(137);
      expect(existsSync(`/proc/${child.pid}`)).toBe(false);
      await deleteRuntimeContainer(made.engine, id);
      expect(traces(id)).toEqual([]);
    });

    test("whatever a killed runtime leaves can be removed, twice", async () => {
      const { id, bundle } = prepare(["sh", "-c", "sleep 1000 & echo up; wait"]);
      const { child, stdout, exited } = await runDirect(made.engine, { id, bundle, stdio: ["ignore", "pipe", "ignore"] });
      await new Promise<void>((resolve) => void stdout?.pour(async () => resolve()));
      const pids = cgroupProcesses(id);
      expect(pids.length).toBeGreaterThanOrEqual(2);
      child.kill("SIGKILL");
      await deleteRuntimeContainer(made.engine, id);
      await deleteRuntimeContainer(made.engine, id);
      expect(traces(id)).toEqual([]);
      expect(pids.filter((pid) => existsSync(`/proc/${pid}/exe`) && /\) [^ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1")))).toEqual(
        [],
      );
      await Promise.allSettled([exited]); // a failure if it was killed before it had written the pidfile
      rmSync(bundle, { recursive: true });
    });
  });
});
