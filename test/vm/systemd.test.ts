/**
 * Containers belong to nobody's login and to no service: systemd kills what a session or a unit leaves in its control
 * group, and must find neither a container there, nor its monitor, the health checks or the name server.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program } from "../e2e/program.ts";
import { launcher } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { busyboxTar } from "../support/rootfs.ts";

const sh = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Lets root log in to this machine by itself, as a user of a server would from afar. */
function openDoor(): void {
  if (existsSync("/root/.ssh/id_ed25519")) return;
  mkdirSync("/root/.ssh", { recursive: true, mode: 0o700 });
  sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/root/.ssh/id_ed25519");
  appendFileSync("/root/.ssh/authorized_keys", readFileSync("/root/.ssh/id_ed25519.pub"), { mode: 0o600 });
}

const sessions = () => sh("loginctl", "list-sessions", "--no-legend").trim();
const unit =
  (name: string, ...properties: string[]) =>
  (line: string) =>
    void sh(
      "systemd-run",
      "--quiet",
      "--wait",
      "--collect",
      `--unit=${name}`,
      ...properties.map((each) => `--property=${each}`),
      "sh",
      "-c",
      line,
    );

/** Ways to run a command line in a control group that is emptied when the command line is over. */
const ways: Record<string, (line: string) => unknown> = {
  "a session of ssh": async (line) => {
    openDoor();
    sh("ssh", "-o", "StrictHostKeyChecking=no", "-o", "ConnectTimeout=120", "root@127.0.0.1", line);
    await eventually(() => expect(sessions()).toBe(""), 120_000);
  },
  "a service": unit("berth-vm-plain"),
  "a service with a delegated group": unit("berth-vm-delegated", "Delegate=yes"),
};

const cgroupOf = (pid: number | string) =>
  readFileSync(`/proc/${pid}/cgroup`, "utf8")
    .trim()
    .split("\n")
    .find((line) => /^(0:|\d+:name=systemd)/.test(line))!;

describe.each(["crun", "runc"])("%s", (runtime) => {
  const program = new Program({ BERTH_RUNTIME: runtime });
  beforeAll(() => program.ok(["import", busyboxTar(), "busybox"]));
  afterAll(() => program[Symbol.asyncDispose]());
  const berth = `PATH=${process.env["PATH"]} BERTH_ROOT=${program.root} BERTH_RUNTIME=${runtime} ${launcher}`;
  const inspect = async (name: string, format: string) => (await program.ok(["inspect", "-f", format, name])).trim();

  test.each(Object.entries(ways))("what %s started goes on when it ends", async (_, runIn) => {
    const health = "--health-cmd 'test -e /well' --health-interval 1s --health-timeout 60s";
    const work = "until [ -e /stop ]; do sleep 0.1; done; exit 6";
    await runIn(`set -e
      ${berth} network create friends
      ${berth} run -d --network friends --name one ${health} busybox sh -c '${work}'
      ${berth} run -d --network friends --name other --restart on-failure:1 busybox sh -c 'trap "exit 4" TERM; ${work}'`);
    // The monitor: it alone knows the status, and starts what follows.
    expect(await inspect("one", "{{.State.Status}}")).toBe("running");
    expect(cgroupOf(await inspect("one", "{{.State.Pid}}"))).toContain(`/berth/${await inspect("one", "{{.Id}}")}`);
    // The name server.
    expect(await program.ok(["exec", "one", "ping", "-c", "1", "-W", "60", "other"])).toContain("1 packets received");
    // The health checks.
    await program.ok(["exec", "one", "touch", "/well"]);
    await eventually(async () => expect(await inspect("one", "{{.State.Health.Status}}")).toBe("healthy"), 60_000);
    await program.ok(["exec", "one", "touch", "/stop"]);
    expect(await program.ok(["wait", "one"])).toBe("6\n");
    expect(await inspect("one", "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}")).toBe("exited 6");
    await program.ok(["exec", "other", "touch", "/stop"]);
    await eventually(
      async () => expect(await inspect("other", "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}")).toBe("1 exited 6"),
      60_000,
    );
    await program.ok(["rm", "-f", "one", "other"]);
    await program.ok(["network", "rm", "friends"]);
  });

  test("reloading and re-executing the service manager changes no limit and ends nothing", async () => {
    const flags = ["--network", "none", "--memory", "64m", "--cpus", "0.5", "--pids-limit", "30", "--cpuset-cpus", "0"];
    const start = async (name: string) => (await program.ok(["run", "-d", "--name", name, ...flags, "busybox", "sleep", "1000"])).trim();
    const look = (id: string) =>
      ["memory.max", "cpu.max", "pids.max", "cpuset.cpus"].map((file) => readFileSync(`/sys/fs/cgroup/berth/${id}/${file}`, "utf8").trim());
    const id = await start("before");
    const limits = look(id);
    expect(limits).toEqual([String(64 << 20), "50000 100000", "30", "0"]);
    sh("systemctl", "daemon-reload");
    sh("systemctl", "daemon-reexec");
    // Units with limits of their own make systemd turn controllers on, and off again when they go.
    unit("berth-vm-limited", "MemoryMax=100M", "AllowedCPUs=0", "IOWeight=200", "TasksMax=50", "CPUQuota=50%")("true");
    expect(await inspect("before", "{{.State.Status}}")).toBe("running");
    expect(look(id)).toEqual(limits);
    expect(look(await start("after"))).toEqual(limits);
    await program.ok(["update", "--memory", "32m", "--memory-swap", "32m", "before"]);
    expect(look(id)[0]).toBe(String(32 << 20));
    await program.ok(["rm", "-f", "before", "after"]);
  });

  test("neither monitor, health checks, name server nor forwarder of IPv6 ports are in the group of what started them", async () => {
    await program.ok(["network", "create", "friends"]);
    const flags = ["--network", "friends", "-p", `${await freePort()}:80`, "--health-cmd", "true"];
    await program.ok(["run", "-d", "--name", "one", ...flags, "busybox", "sleep", "1000"]);
    const own = cgroupOf("self");
    expect(own).toContain("vm-tests.service");
    const helpers = ["conmon", "programs/nameserver", "internal supervise", "programs/forwarder"].map((name) =>
      sh("pgrep", "-f", `${name}.*${program.root}|${program.root}.*${name}`).trim().split("\n"),
    );
    for (const pids of helpers) for (const pid of pids) expect(cgroupOf(pid)).not.toBe(own);
    await program.ok(["rm", "-f", "one"]);
    await program.ok(["network", "rm", "friends"]);
  });
});
