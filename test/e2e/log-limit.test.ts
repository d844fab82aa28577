/** Who keeps logs within the limit that containers have without a word, and at what cost: a shell, and Node only while a log fills. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { unmountBelow } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { footprint, processesNaming } from "../support/leaks.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const timeout = 120_000;
const maxSize = 100_000;
const maxFile = 3;
const work = mkdtempSync(join(tmpdir(), "berth-limit-"));
const settings = join(work, "config.json");
writeFileSync(settings, JSON.stringify({ "log-opts": { "max-size": `${maxSize}`, "max-file": `${maxFile}` } }));
afterAll(() => rmSync(work, { recursive: true }));

/** The processes that look after containers. A command in the course of its work is none: it is awaited. */
function keepers(root: string): { pid: number; program: string }[] {
  const pids = processesNaming(root)
    .filter((line) => / internal supervise$/.test(line) && !line.includes("conmon --"))
    .map((line) => Number.parseInt(line, 10));
  return pids.flatMap((pid) => {
    try {
      return [{ pid, program: basename(readlinkSync(`/proc/${pid}/exe`)).replace(/^(dash|bash|busybox)$/, "sh") }];
    } catch {
      return []; // gone since
    }
  });
}
const programs = (root: string) => keepers(root).map(({ program }) => program);

async function prepared(onDisk = false): Promise<Program & { detach(name: string, ...rest: string[]): Promise<string> }> {
  const program = new Program({ BERTH_CONFIG_FILE: settings });
  if (onDisk) execFileSync("mount", ["-t", "tmpfs", "-o", "mode=700", "none", program.root]);
  await program.ok(["import", busyboxTar(), "busybox"]);
  const detach = async (name: string, ...rest: string[]) =>
    (await program.ok(["run", "-d", "--network", "none", "--name", name, ...rest])).trim();
  return Object.assign(program, { detach });
}

test("quiet containers cost one shell and no Node, whoever ends it is missed, and it goes with the last of them", { timeout }, async () => {
  await using program = await prepared();
  const { root } = program;
  await program.detach("one", "busybox", "sleep", "1000");
  const [first] = keepers(root);
  expect(programs(root)).toEqual(["sh"]);
  program.env["BERTH_CONFIG_FILE"] = join(work, "none"); // the limit that is built in
  await program.detach("two", "busybox", "sleep", "1000");
  expect(keepers(root)).toEqual([first]);
  process.kill(first!.pid, "SIGKILL");
  await eventually(() => expect(programs(root)).toEqual([]));
  await program.ok(["ps"]);
  await eventually(() => expect(programs(root)).toEqual(["sh"]));
  await program.ok(["rm", "-f", "one"]);
  expect(programs(root)).toEqual(["sh"]);
  await program.ok(["restart", "-t", "0", "two"]);
  await eventually(() => expect(programs(root)).toEqual(["sh"]));
  await program.ok(["rm", "-f", "two"]);
  await program.settled();
});

test("a log without limit has nobody; one that the user limits, and a health check, have the supervisor", { timeout }, async () => {
  await using program = await prepared();
  const { root } = program;
  for (const flags of [
    ["--log-opt", "max-size=-1"],
    ["--log-driver", "none"],
  ]) {
    await program.detach("free", ...flags, "busybox", "sh", "-c", "yes | head -n 50000; sleep 1000");
    expect(programs(root)).toEqual([]);
    await program.ok(["rm", "-f", "free"]);
  }
  for (const flags of [
    ["--log-opt", "max-size=20k"],
    ["--health-cmd", "true"],
  ]) {
    await program.detach("minded", ...flags, "busybox", "sleep", "1000");
    await eventually(() => expect(programs(root)).toEqual(["node"]));
    await program.ok(["rm", "-f", "minded"]);
    await program.settled();
  }
});

test("a log whose monitor was killed has nobody, and no command calls anybody for it", { timeout }, async () => {
  await using program = await prepared();
  const { root } = program;
  const killMonitor = async (id: string) => {
    process.kill(Number(readFileSync(join(root, "containers", id, "bundle", "conmon.pid"), "latin1")), "SIGKILL");
    await eventually(() => expect(keepers(root)).toEqual([]));
  };
  const called = (keeper: string) => statSync(join(root, "run", "locks", keeper), { bigint: true }).mtimeNs; // who is called is noted there
  await killMonitor(await program.detach("quiet", "busybox", "sleep", "1000"));
  const before = called("log-watcher");
  for (let look = 0; look < 3; look++) expect(await program.ok(["ps", "-q"])).toMatch(/^[0-9a-f]{12}\n$/);
  expect(called("log-watcher")).toBe(before);
  await program.ok(["rm", "-f", "quiet"]);
  // The supervisor finds out when the log is full.
  const full = await program.detach("full", "--log-opt", "max-size=20k", "busybox", "sleep", "1000");
  await eventually(() => expect(programs(root)).toEqual(["node"]));
  const [supervisor] = keepers(root);
  process.kill(supervisor!.pid, "SIGSTOP");
  process.kill(Number(readFileSync(join(root, "containers", full, "bundle", "conmon.pid"), "latin1")), "SIGKILL");
  writeFileSync(join(root, "containers", full, "ctr.log"), `2026-01-01T00:00:00.000000000Z stdout F ${"x".repeat(30_000)}\n`);
  process.kill(supervisor!.pid, "SIGCONT");
  await eventually(() => expect(keepers(root)).toEqual([]));
  const last = called("supervisor");
  expect(await program.ok(["logs", "full"])).toBe(`${"x".repeat(30_000)}\n`);
  expect(called("supervisor")).toBe(last);
  await program.ok(["rm", "-f", "full"]);
});

test("a log that pours is kept within the usual limit, and given back when it is quiet", { timeout }, async () => {
  await using program = await prepared();
  const { root } = program;
  await program.detach("free", "--log-opt", "max-size=-1", "busybox", "sh", "-c", "yes | head -n 50000; sleep 1000");
  await program.detach("quiet", "busybox", "sleep", "1000");
  const pour = "while :; do if [ -e /pour ]; then yes | head -n 5000; else sleep 0.1; fi; done";
  const directory = join(root, "containers", await program.detach("loud", "busybox", "sh", "-c", pour));
  const logs = () => readdirSync(directory).filter((name) => name.startsWith("ctr.log"));
  const newest = () => Math.max(0, ...logs().map((name) => Number(/\d+$/.exec(name)?.[0] ?? 0)));
  const stored = () => logs().reduce((sum, name) => sum + statSync(join(directory, name)).blocks * 512, 0);
  for (let round = 0; round < 2; round++) {
    expect(programs(root)).toEqual(["sh"]); // what has no limit wakes nobody
    const before = newest();
    await program.ok(["exec", "loud", "touch", "/pour"]);
    await eventually(() => {
      expect(programs(root).sort()).toEqual(["node", "sh"]);
      expect(newest()).toBeGreaterThan(before + 10);
    });
    await program.ok(["exec", "loud", "rm", "/pour"]);
    await eventually(() => {
      expect(stored()).toBeLessThan(maxSize * maxFile + 8192 * maxFile);
      expect(logs().length).toBeLessThanOrEqual(maxFile);
    });
    expect(await program.ok(["logs", "--tail", "1", "loud"])).toBe("y\n");
    await eventually(() => expect(programs(root)).toEqual(["sh"]), 40_000);
  }
  await program.ok(["rm", "-f", "free", "quiet", "loud"]);
  await program.settled();
});

test.each(["removed", "unmounted"])("who looks after containers ends when the state directory is %s", { timeout }, async (how) => {
  const program = await prepared(how === "unmounted");
  const { root } = program;
  const ids = [await program.detach("quiet", "busybox", "sleep", "1000")];
  const limit = ["--log-opt", "max-size=20k", "--log-opt", "max-file=2"];
  ids.push(await program.detach("limited", ...limit, "busybox", "sh", "-c", "yes | head -n 5000; sleep 1000"));
  const rotated = join(root, "containers", ids[1]!, "ctr.log.1");
  await eventually(() => expect(existsSync(rotated)).toBe(true)); // the supervisor is at its work
  expect(programs(root).sort()).toEqual(["node", "sh"]);
  const init = ids.map((id) => Number(readFileSync(join(root, "containers", id, "bundle", "pidfile"), "latin1")));
  const monitors = processesNaming(root).filter((line) => line.includes("conmon --"));
  unmountBelow(root);
  if (how === "unmounted") execFileSync("umount", ["-l", root]);
  rmSync(root, { recursive: true });
  try {
    await eventually(() => expect(keepers(root)).toEqual([]));
    expect(existsSync(root)).toBe(false);
  } finally {
    // The monitors first: they would start a berth.
    for (const line of monitors) process.kill(Number.parseInt(line, 10), "SIGKILL");
    for (const pid of init) process.kill(pid, "SIGKILL");
    await eventually(() => {
      for (const path of footprint(root, ids).cgroups) rmdirSync(path);
    });
  }
});
