/** A container's life where cgroup v2 and systemd are all there is, with each runtime: the everyday commands once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program } from "../e2e/program.ts";
import { Driver } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { residue } from "../support/residue.ts";
import { busyboxTar } from "../support/rootfs.ts";

describe.each(["crun", "runc"])("%s", (runtime) => {
  const program = new Program({ BERTH_RUNTIME: runtime });
  const scratch = mkdtempSync(join(tmpdir(), "berth-vm-"));
  beforeAll(() => program.ok(["import", busyboxTar(), "busybox"]));
  afterAll(async () => {
    rmSync(scratch, { recursive: true, force: true });
    await program[Symbol.asyncDispose]();
  });
  const inspect = async (name: string, format: string) => (await program.ok(["inspect", "-f", format, name])).trim();

  test("is the one that is used, on version 2", async () => {
    expect(await program.ok(["info", "--format", "{{.DefaultRuntime}} {{.CgroupVersion}} {{.CgroupDriver}}"])).toBe(
      `${runtime} 2 cgroupfs\n`,
    );
  });

  test("run passes output and status on, and says why a command cannot be run", async () => {
    const run = (...words: string[]) => program.run(["run", "--rm", "--network", "none", "busybox", ...words]);
    expect(await run("sh", "-c", "echo out; echo err >&2; exit 7")).toEqual({ status: 7, stdout: "out\n", stderr: "err\n" });
    expect((await run("nothing")).status).toBe(127);
    expect((await run("/etc/passwd")).status).toBe(126);
  });

  test("a terminal, detached from and attached to again", async () => {
    await using terminal = new Driver(["run", "-it", "--network", "none", "--name", "shell", "busybox", "sh"], { env: program.env });
    await terminal.screen.waitFor("/ #", 60_000);
    terminal.type("echo a$((1+1))b\r");
    await terminal.screen.waitFor("a2b", 60_000);
    terminal.type("\x10\x11");
    expect(await terminal.exited).toBe(0);
    await using again = new Driver(["attach", "shell"], { env: program.env });
    again.type("exit 5\r");
    expect(await again.exited).toBe(5);
  });

  test("exec, logs, cp and diff of a container in the background", async () => {
    await program.ok(["run", "-d", "--network", "none", "--name", "worker", "busybox", "sh", "-c", "echo began; sleep 1000"]);
    expect(await program.run(["exec", "-w", "/tmp", "-e", "A=b", "worker", "sh", "-c", "pwd; echo $A; exit 3"])).toMatchObject({
      status: 3,
      stdout: "/tmp\nb\n",
    });
    expect((await program.run(["exec", "worker", "nothing"])).status).toBe(127);
    expect(await program.ok(["exec", "-i", "worker", "cat"], { input: "through" })).toBe("through");
    await program.ok(["exec", "-d", "worker", "sh", "-c", "echo later > /later; sleep 1000"]);
    await eventually(async () => expect(await program.ok(["exec", "worker", "cat", "/later"])).toBe("later\n"), 60_000);
    writeFileSync(join(scratch, "file"), "content");
    await program.ok(["cp", join(scratch, "file"), "worker:/tmp/there"]);
    await program.ok(["cp", "worker:/tmp/there", join(scratch, "back")]);
    expect(readFileSync(join(scratch, "back"), "utf8")).toBe("content");
    expect(await program.ok(["logs", "worker"])).toBe("began\n");
    expect(await program.ok(["diff", "worker"])).toBe("A /later\nC /tmp\nA /tmp/there\n");
    await program.ok(["rm", "-f", "worker"]);
  });

  test("a health check finds out, and a restart policy starts again", async () => {
    const check = ["--health-cmd", "test -e /well", "--health-interval", "1s", "--health-retries", "1", "--health-timeout", "60s"];
    await program.ok(["run", "-d", "--network", "none", "--name", "patient", ...check, "busybox", "sleep", "1000"]);
    await eventually(async () => expect(await inspect("patient", "{{.State.Health.Status}}")).toBe("unhealthy"), 60_000);
    await program.ok(["exec", "patient", "touch", "/well"]);
    await eventually(async () => expect(await inspect("patient", "{{.State.Health.Status}}")).toBe("healthy"), 60_000);
    await program.ok(["run", "-d", "--network", "none", "--name", "stubborn", "--restart", "on-failure:2", "busybox", "false"]);
    await eventually(
      async () => expect(await inspect("stubborn", "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}")).toBe("2 exited 1"),
      120_000,
    );
    await program.ok(["rm", "-f", "patient", "stubborn"]);
  });

  test("names on a network of one's own, and a published port", async () => {
    const port = await freePort();
    await program.ok(["network", "create", "friends"]);
    const server = ["sh", "-c", "mkdir /www; echo hello > /www/index.html; httpd -f -p 80 -h /www"];
    await program.ok(["run", "-d", "--network", "friends", "--name", "server", "-p", `127.0.0.1:${port}:80`, "busybox", ...server]);
    await eventually(async () => expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello\n"), 60_000);
    expect(await program.ok(["run", "--rm", "--network", "friends", "busybox", "wget", "-qO-", "http://server/"])).toBe("hello\n");
    await program.ok(["rm", "-f", "server"]);
    await program.ok(["network", "rm", "friends"]);
  });

  test("build runs commands, and finds them again", async () => {
    writeFileSync(
      join(scratch, "Dockerfile"),
      "FROM busybox\nRUN echo made > /made && test $(id -u) = 0\nRUN --network=none cat /proc/self/cgroup > /group\nCMD cat /made /group\n",
    );
    await program.ok(["build", "-q", "-t", "made", scratch]);
    expect(await program.ok(["run", "--rm", "--network", "none", "made"])).toBe("made\n0::/\n");
    expect((await program.run(["build", "--progress=plain", "-t", "made", scratch])).stderr.match(/CACHED/g)).toHaveLength(3);
    const failing = await program.run(["build", "--progress=plain", "-"], { input: "FROM busybox\nRUN exit 9\n" });
    expect(failing.status).not.toBe(0);
    expect(failing.stderr).toContain("9");
  });

  test("a killed monitor leaves a container that can be stopped, a killed process one that has ended", async () => {
    const start = async (name: string) => {
      const id = (await program.ok(["run", "-d", "--network", "none", "--name", name, "busybox", "sleep", "1000"])).trim();
      return { id, monitor: Number(readFileSync(join(program.root, "containers", id, "bundle", "conmon.pid"), "utf8")) };
    };
    const { id, monitor } = await start("orphan");
    process.kill(monitor, "SIGKILL");
    expect(await inspect("orphan", "{{.State.Status}}")).toBe("running");
    expect(await program.ok(["exec", "orphan", "echo", "alive"])).toBe("alive\n");
    await program.ok(["stop", "-t", "0", "orphan"]);
    expect(await inspect("orphan", "{{.State.Status}}")).toBe("exited");
    await program.ok(["rm", "orphan"]);
    const { id: other } = await start("victim");
    process.kill(Number(await inspect("victim", "{{.State.Pid}}")), "SIGKILL");
    await eventually(
      async () => expect(await inspect("victim", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}")).toBe("exited 137 false"),
      60_000,
    );
    await program.ok(["rm", "victim"]);
    await program.settled([id, other]);
  });

  test("nothing is left of what was removed", async () => {
    const ids = (await program.ok(["ps", "-aq", "--no-trunc"])).trim().split("\n").filter(Boolean);
    if (ids.length > 0) await program.ok(["rm", "-f", ...ids]);
    await program.settled(ids);
    expect(residue(program.root)).toEqual([]);
  });
});
