/** Limits, pausing and counting on cgroup v2, against the kernel's own files, with each runtime. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program } from "../e2e/program.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";

describe.each(["crun", "runc"])("%s", (runtime) => {
  const program = new Program({ BERTH_RUNTIME: runtime });
  beforeAll(() => program.ok(["import", busyboxTar(), "busybox"]));
  afterAll(() => program[Symbol.asyncDispose]());

  /** Starts a container that only waits, with these flags; its id. */
  const start = async (name: string, flags: string[], command = ["sleep", "1000"]) =>
    (await program.ok(["run", "-d", "--network", "none", "--name", name, ...flags, "busybox", ...command])).trim();
  const group = (id: string, file: string) => readFileSync(`/sys/fs/cgroup/berth/${id}/${file}`, "utf8").trim();
  const groups = (id: string, files: readonly string[]) => Object.fromEntries(files.map((file) => [file, group(id, file)]));
  const inspect = async (name: string, format: string) => (await program.ok(["inspect", "-f", format, name])).trim();
  const oomKills = (id: string) => Number(/^oom_kill (\d+)$/m.exec(group(id, "memory.events"))?.[1]);

  test("every limit is in the group's files", async () => {
    const id = await start("limited", [
      ...["--memory", "64m", "--memory-swap", "96m", "--memory-reservation", "32m", "--cpus", "0.5", "--cpu-shares", "512"],
      ...["--cpuset-cpus", "1", "--cpuset-mems", "0", "--pids-limit", "30", "--blkio-weight", "300"],
    ]);
    expect(
      groups(id, ["memory.max", "memory.swap.max", "memory.low", "cpu.max", "cpu.weight", "cpuset.cpus", "cpuset.mems", "pids.max"]),
    ).toEqual({
      "memory.max": String(64 << 20),
      "memory.swap.max": String(32 << 20),
      "memory.low": String(32 << 20),
      "cpu.max": "50000 100000",
      "cpu.weight": "20",
      "cpuset.cpus": "1",
      "cpuset.mems": "0",
      "pids.max": "30",
    });
    // Whichever the kernel has: BFQ's own weight, or the one of the cost model, whose scale is another.
    const weight = ["io.bfq.weight", "io.weight"].filter((file) => existsSync(`/sys/fs/cgroup/berth/${id}/${file}`));
    expect(weight.map((file) => group(id, file))).not.toContain("default 100");
    expect(await program.ok(["exec", "limited", "sh", "-c", "cat /sys/fs/cgroup/memory.max /proc/self/cgroup"])).toBe(
      `${64 << 20}\n0::/\n`,
    );
  });

  test("update changes them in place", async () => {
    const id = await start("changed", ["--memory", "64m", "--memory-swap", "64m", "--pids-limit", "30", "--cpus", "0.5"]);
    expect(group(id, "memory.swap.max")).toBe("0");
    await program.ok([
      "update",
      "--memory",
      "128m",
      "--memory-swap",
      "160m",
      "--pids-limit",
      "60",
      "--cpus",
      "1.5",
      "--cpuset-cpus",
      "0",
      "changed",
    ]);
    const changed = {
      "memory.max": String(128 << 20),
      "memory.swap.max": String(32 << 20),
      "pids.max": "60",
      "cpu.max": "150000 100000",
      "cpuset.cpus": "0",
    };
    expect(groups(id, Object.keys(changed))).toEqual(changed);
    await program.ok(["update", "--cpu-shares", "2048", "changed"]);
    expect(groups(id, [...Object.keys(changed), "cpu.weight"])).toEqual({ ...changed, "cpu.weight": "79" });
    await program.ok(["update", "--pids-limit", "-1", "--memory-swap", "-1", "changed"]);
    expect(groups(id, ["pids.max", "memory.swap.max", "memory.max"])).toEqual({
      "pids.max": "max",
      "memory.swap.max": "max",
      "memory.max": String(128 << 20),
    });
    // What was changed is what the next run gets.
    await program.ok(["restart", "-t", "0", "changed"]);
    expect(groups(id, ["pids.max", "cpu.max", "memory.max"])).toEqual({
      "pids.max": "max",
      "cpu.max": "150000 100000",
      "memory.max": String(128 << 20),
    });
  });

  test("the process that takes too much memory is killed, and it shows", async () => {
    const { status } = await program.run(["run", "--network", "none", "--name", "greedy", "-m", "24m", "busybox", "tail", "/dev/zero"]);
    expect(status).toBe(137);
    expect(await inspect("greedy", "{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}}")).toBe("true 137 exited");
    const events = await program.ok([
      "events",
      "--since",
      "1h",
      "--until",
      "0s",
      "--filter",
      "container=greedy",
      "--format",
      "{{.Action}}",
    ]);
    expect(events.trim().split("\n")).toEqual(expect.arrayContaining(["oom", "die"]));
    expect((await program.run(["run", "--rm", "--network", "none", "-m", "24m", "busybox", "tail", "/dev/zero"])).status).toBe(137);
  });

  test("a child that takes too much is killed alone, and it shows once the container has ended", async () => {
    const id = await start("parent", ["-m", "24m"], ["sh", "-c", "tail /dev/zero; echo child $?; until [ -e /stop ]; do sleep 0.1; done"]);
    await eventually(async () => expect(await program.ok(["logs", "parent"])).toBe("child 137\n"), 60_000);
    expect(oomKills(id)).toBe(1);
    expect(await inspect("parent", "{{.State.Status}}")).toBe("running");
    await program.ok(["exec", "parent", "touch", "/stop"]);
    expect(await program.ok(["wait", "parent"])).toBe("0\n");
    expect(await inspect("parent", "{{.State.OOMKilled}}")).toBe("true");
  });

  test("processes beyond the limit are refused", async () => {
    const { stdout } = await program.run([
      "run",
      "--rm",
      "--network",
      "none",
      "--pids-limit",
      "5",
      "busybox",
      "sh",
      "-c",
      "for n in 1 2 3 4 5 6; do sleep 100 & done; echo made",
    ]);
    expect(stdout).not.toContain("made");
  });

  test("pause freezes, unpause thaws, and what is paused can be stopped and removed", async () => {
    const id = await start("sleeper", [], ["sh", "-c", "trap 'exit 3' TERM; while :; do echo; sleep 0.1; done"]);
    await program.ok(["pause", "sleeper"]);
    expect(group(id, "cgroup.freeze")).toBe("1");
    expect(group(id, "cgroup.events")).toMatch(/^frozen 1$/m);
    expect(await program.ok(["ps", "--format", "{{.Names}} {{.Status}}", "--filter", "name=sleeper"])).toMatch(
      /^sleeper Up .*\(Paused\)\n$/,
    );
    expect((await program.run(["exec", "sleeper", "true"])).stderr).toContain("paused");
    const written = await program.ok(["logs", "sleeper"]);
    expect(await program.ok(["logs", "sleeper"])).toBe(written);
    await program.ok(["unpause", "sleeper"]);
    expect(group(id, "cgroup.events")).toMatch(/^frozen 0$/m);
    await eventually(async () => expect((await program.ok(["logs", "sleeper"])).length).toBeGreaterThan(written.length));
    await program.ok(["pause", "sleeper"]);
    await program.ok(["stop", "sleeper"]);
    expect(await inspect("sleeper", "{{.State.ExitCode}}")).toBe("3");
    await program.ok(["start", "sleeper"]);
    await program.ok(["pause", "sleeper"]);
    await program.ok(["rm", "-f", "sleeper"]);
    expect(existsSync(`/sys/fs/cgroup/berth/${id}`)).toBe(false);
  });

  test("stats and top count what is there", async () => {
    await start(
      "counted",
      ["-m", "64m", "--pids-limit", "20"],
      ["sh", "-c", "dd if=/dev/zero of=/file bs=1M count=4 2>/dev/null; sync; sleep 1000 & while :; do :; done"],
    );
    await eventually(async () => {
      const [line = ""] = (await program.ok(["stats", "--no-stream", "--format", "json", "counted"])).split("\n");
      const sample = JSON.parse(line) as { CPUPerc: string; MemUsage: string; PIDs: string; BlockIO: string };
      expect(Number.parseFloat(sample.CPUPerc)).toBeGreaterThan(10);
      expect(sample.MemUsage).toMatch(/^\d.*iB \/ 64MiB$/);
      expect(sample.PIDs).toBe("2");
    }, 60_000);
    const rows = (await program.ok(["top", "counted"])).trim().split("\n");
    expect(rows[0]).toMatch(/^UID\s+PID\s+PPID\s+C\s+STIME\s+TTY\s+TIME\s+CMD$/);
    expect(rows.slice(1).join("\n")).toMatch(/sleep 1000/);
  });
});
