/** What a container sees of a host with cgroup v2 alone, what it can do to it, and that nothing of it outlives its group. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maskedPaths, readonlyPaths } from "../../engine/container/spec/defaults.ts";
import { Program } from "../e2e/program.ts";
import { eventually } from "../support/eventually.ts";
import { busyboxTar } from "../support/rootfs.ts";

describe.each(["crun", "runc"])("%s", (runtime) => {
  const program = new Program({ BERTH_RUNTIME: runtime });
  beforeAll(() => program.ok(["import", busyboxTar(), "busybox"]));
  afterAll(() => program[Symbol.asyncDispose]());
  const output = (script: string, ...flags: string[]) =>
    program.ok(["run", "--rm", "--network", "none", ...flags, "busybox", "sh", "-c", script]);

  test("its own group is all it sees, and not to be written", async () => {
    const script = `cat /proc/self/cgroup; grep -c ' - cgroup2 ' /proc/self/mountinfo; cd /sys/fs/cgroup
      ls -d *.slice berth init.scope 2>/dev/null
      for file in cgroup.procs memory.max cgroup.kill cgroup.subtree_control; do (: >>$file) 2>/dev/null && echo "$file opens"; done
      mkdir below 2>/dev/null && echo made; cat /proc/1/cgroup`;
    expect(await output(script)).toBe("0::/\n1\n0::/\n");
    expect(await output(script, "--read-only", "--user", "1:1")).toBe("0::/\n1\n0::/\n");
    expect(await output("mkdir /sys/fs/cgroup/below && rmdir /sys/fs/cgroup/below && echo made", "--privileged")).toBe("made\n");
    expect(
      await output("ls -d /sys/fs/cgroup/berth; mkdir /sys/fs/cgroup/below 2>/dev/null && echo made; true", "--cgroupns", "host"),
    ).toBe("/sys/fs/cgroup/berth\n");
  });

  test("limits are in force for the one in front as for the others", async () => {
    const script = "cd /sys/fs/cgroup; cat memory.max memory.swap.max pids.max cpu.max cpuset.cpus.effective";
    expect(
      await output(script, "--memory", "48m", "--memory-swap", "48m", "--pids-limit", "17", "--cpus", "0.25", "--cpuset-cpus", "1"),
    ).toBe(`${48 << 20}\n0\n17\n25000 100000\n1\n`);
  });

  test("what tells about the host is hidden, and what steers it not to be written", async () => {
    const script = `for path in ${maskedPaths.join(" ")}; do
        [ -e $path ] || continue
        if [ -d $path ]; then [ -z "$(ls -A $path)" ]; else [ "$(stat -L -c %t:%T $path)" = 1:3 ]; fi || echo "$path shows"
      done
      for path in ${readonlyPaths.join(" ")} /sys /sys/kernel; do
        [ -d $path ] && mkdir $path/x 2>/dev/null && echo "$path can be written"
        [ -f $path ] && (: >>$path) 2>/dev/null && echo "$path can be written"
      done
      for path in /sys/kernel/debug /sys/kernel/tracing /sys/fs/bpf /sys/fs/pstore /sys/kernel/security; do ls -A $path 2>/dev/null; done
      for path in kernel/core_pattern vm/drop_caches kernel/panic; do (: >>/proc/sys/$path) 2>/dev/null && echo "$path opens"; done
      echo looked`;
    expect(await output(script)).toBe("looked\n");
  });

  test.each([
    ["kill -s KILL", ["kill"], []],
    ["rm -f", ["rm", "-f"], []],
    ["rm -f, where it shares the host's processes", ["rm", "-f"], ["--pid", "host"]],
  ])("%s ends whatever is in its group", async (_, end, flags) => {
    // Orphans in sessions of their own that no signal but KILL ends, of the container's process and of an exec.
    const stay = (seconds: number) =>
      `trap '' TERM HUP INT; setsid sleep ${seconds} & setsid sh -c "sleep ${seconds} & sleep ${seconds}" &`;
    const line = ["run", "-d", "--network", "none", "--name", "crowd", ...flags, "busybox", "sh", "-c", `${stay(4242)} exec sleep 4242`];
    const id = (await program.ok(line)).trim();
    await program.ok(["exec", "-d", "crowd", "sh", "-c", `${stay(4243)} wait`]);
    const procs = `/sys/fs/cgroup/berth/${id}/cgroup.procs`;
    await eventually(() => expect(readFileSync(procs, "utf8").trim().split("\n").length).toBeGreaterThanOrEqual(8), 60_000);
    await program.ok([...end, "crowd"]);
    await eventually(() => expect(existsSync(procs)).toBe(false), 60_000);
    expect(sleepers()).toEqual([]);
    await program.run(["rm", "-f", "crowd"]);
  });

  test("an exec in the background says how it ended", async () => {
    await program.ok(["run", "-d", "--network", "none", "--name", "host", "busybox", "sleep", "1000"]);
    await program.ok(["exec", "-d", "host", "sh", "-c", "exit 7"]);
    const events = ["events", "--since", "10m", "--until", "0s", "-f", "event=exec_die", "--format", "{{.Actor.Attributes.exitCode}}"];
    await eventually(async () => expect(await program.ok(events)).toContain("7\n"), 60_000);
    await program.ok(["rm", "-f", "host"]);
  });
});

/** Command lines of the processes above, wherever they are. */
function sleepers(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
      } catch {
        return ""; // gone meanwhile
      }
    })
    .filter((line) => /^sleep 424[23]$/.test(line));
}
