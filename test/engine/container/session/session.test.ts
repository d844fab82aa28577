/** Attached sessions, with and without a monitor, and what other processes see meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openHouse } from "../../../../engine/house.ts";
import type { ContainerCreate, Containers } from "../../../../engine/index.ts";
import { isAlive, startOf } from "../../../../engine/sys/owner.ts";
import { finish, importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { plainFace, terminalFace } from "../faces.ts";

let made: TestEngine;
let containers: Containers;
beforeAll(async () => {
  made = openTestEngine();
  containers = made.engine.containers;
  await importBusybox(made.engine);
});
afterAll(() => made[Symbol.asyncDispose]());

const spec = (Cmd: string[], AutoRemove: boolean, more: Partial<ContainerCreate> = {}): ContainerCreate => ({
  Image: "busybox",
  Cmd,
  ...more,
  HostConfig: { AutoRemove, NetworkMode: "none", ...more.HostConfig },
});
const everyContainer = () => containers.list({ all: true });

describe.each([
  ["without a monitor", true],
  ["with a monitor", false],
])("run in the foreground, %s", (_, AutoRemove) => {
  const run = async (Cmd: string[], more: Partial<ContainerCreate> = {}, face = plainFace()) => {
    const end = await finish(containers.run(spec(Cmd, AutoRemove, more), face, { stdin: more.OpenStdin ?? false }));
    if (!AutoRemove) await containers.remove(end.Id);
    return { ...end, out: face.stdout.text, err: face.stderr.text };
  };

  test("streams apart, status of the process", async () => {
    expect(await run(["sh", "-c", "echo out; echo err >&2; exit 42"])).toMatchObject({
      exitCode: 42,
      detached: false,
      out: "out\n",
      err: "err\n",
    });
    expect(await run(["sh", "-c", "sh -c 'kill -9 $$'; exit $?"])).toMatchObject({ exitCode: 137 });
    expect(await everyContainer()).toEqual([]);
  });

  test("input arrives whole, and its end", async () => {
    const face = plainFace();
    const sent = "0123456789abcdef".repeat(65_536); // 1 MiB: many packets
    face.stdin.end(sent);
    expect((await run(["cat"], { OpenStdin: true, StdinOnce: true }, face)).out === sent).toBe(true);
  });

  test("much output arrives whole", async () => {
    const { out } = await run(["sh", "-c", "seq 1 100000"]);
    expect(out.length).toBe(588_895);
    expect(out.endsWith("\n100000\n")).toBe(true);
  });

  test("a command that is not there", async () => {
    await expect(run(["nothing"])).rejects.toMatchObject({ code: "command-not-found", exit: 127 });
    for (const { Id } of await everyContainer()) await containers.remove(Id);
  });

  test("signals are passed on", async () => {
    const face = plainFace();
    let send: ((signal: string) => void) | undefined;
    const onSignal = (listener: (signal: string) => void) => {
      send = listener;
      return () => (send = undefined);
    };
    const running = finish(
      containers.run(spec(["sh", "-c", "trap 'echo got; exit 9' USR1; echo ready; while :; do sleep 0.05; done"], AutoRemove), face, {
        onSignal,
      }),
    );
    await face.stdout.seen(/ready/);
    send?.("SIGUSR1");
    const { Id, exitCode } = await running;
    expect([face.stdout.text, exitCode]).toEqual(["ready\ngot\n", 9]);
    if (!AutoRemove) await containers.remove(Id);
  });
});

describe("what another process sees of a container without a monitor", () => {
  test("ps, logs, exec and stop work; a second attach is refused", async () => {
    await using other = openHouse({ root: made.root });
    const face = plainFace();
    const running = finish(containers.run(spec(["sh", "-c", "echo hello; exec sleep 1000"], true, { Name: "fg" }), face, {}));
    await face.stdout.seen(/hello/);
    expect(await other.containers.list()).toMatchObject([{ Names: ["/fg"], State: "running" }]);
    const lines: string[] = [];
    for await (const entries of other.containers.logs("fg"))
      lines.push(...entries.map(({ stream, data }) => `${stream} ${Buffer.from(data).toString()}`));
    expect(lines).toEqual(["stdout hello"]);
    const answer = plainFace();
    await other.containers.exec("fg", { Cmd: ["echo", "in"] }, answer);
    expect(answer.stdout.text).toBe("in\n");
    await expect(other.containers.attach("fg", plainFace())).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("runs in the foreground of another berth"),
    });
    await other.containers.stop("fg", { timeout: 0 });
    expect((await running).exitCode).toBe(137);
    expect(await everyContainer()).toEqual([]);
  });
});

describe("a terminal", () => {
  test("detach, attach, resize, exec in it; its end ends the session", async () => {
    const face = terminalFace(100, 30);
    const running = finish(
      containers.run(spec(["sh"], false, { Name: "tty", Tty: true, OpenStdin: true, StdinOnce: true }), face, { stdin: true }),
    );
    await face.screen.seen(/# /);
    expect(face.isRaw).toBe(true);
    face.type("stty size\n");
    await face.screen.seen(/30 100/);
    face.resizeTo(120, 40);
    face.type("stty size\n");
    await face.screen.seen(/40 120/);
    face.type("\x10\x11");
    expect(await running).toMatchObject({ detached: true });
    expect(face.isRaw).toBe(false);

    const again = terminalFace();
    const attached = containers.attach("tty", again, { stdin: true, detachKeys: "ctrl-x" });
    again.type("echo back-$((1+1))\n");
    await again.screen.seen(/back-2/);
    const pane = terminalFace(77, 22);
    const execed = containers.exec("tty", { Cmd: ["sh"], Tty: true, AttachStdin: true }, pane);
    await pane.screen.seen(/# /);
    pane.type("stty size; exit 6\n");
    await pane.screen.seen(/22 77/);
    expect(await execed).toEqual({ detached: false, exitCode: 6 });
    again.type("exit 3\n");
    expect(await attached).toEqual({ detached: false, exitCode: 3 });
    await containers.remove("tty");
  });

  test("--rm holds after a detach: the monitor's last command removes the container", async () => {
    const face = terminalFace();
    const running = finish(containers.run(spec(["sh"], true, { Name: "gone", Tty: true, OpenStdin: true }), face, { stdin: true }));
    await face.screen.seen(/# /);
    face.type("\x10\x11");
    const { Id } = await running;
    const again = terminalFace();
    const ending = containers.attach("gone", again, { stdin: true });
    again.type("exit 4\n");
    expect(await ending).toMatchObject({ exitCode: 4 });
    await expect(containers.inspect(Id)).rejects.toMatchObject({ code: "not-found" });
  });
});

test("logs follow a container from its first line to its end", async () => {
  const { Id } = await finish(
    containers.create(spec(["sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.1; done; printf partial"], false)),
  );
  const followed = (async () => {
    const lines: string[] = [];
    for await (const entries of containers.logs(Id, { follow: true }))
      lines.push(...entries.map(({ data, partial }) => Buffer.from(data).toString() + (partial ? "…" : "")));
    return lines;
  })();
  await containers.start(Id);
  expect(await followed).toEqual(["line 1", "line 2", "line 3", "partial…"]);
  const tail: string[] = [];
  for await (const entries of containers.logs(Id, { tail: 2 })) tail.push(...entries.map(({ data }) => Buffer.from(data).toString()));
  expect(tail).toEqual(["line 3", "partial"]);
  await containers.remove(Id);
});

test("a container outlives its monitor: its end is noticed all the same", async () => {
  const { Id } = await finish(containers.create(spec(["sleep", "1000"], false)));
  await containers.start(Id);
  const monitor = made.engine.db.get<{ monitor_pid: number }>("SELECT monitor_pid FROM containers WHERE id = ?", Id)!.monitor_pid;
  process.kill(monitor, "SIGKILL");
  expect(await containers.list()).toMatchObject([{ Id, State: "running" }]);
  const { Pid } = (await containers.inspect(Id)).State;
  const start = startOf(Pid);
  process.kill(Pid, "SIGKILL");
  await eventually(async () => expect(isAlive(Pid, start)).toBe(false));
  await expect(containers.exec(Id, { Cmd: ["true"] }, plainFace())).rejects.toMatchObject({
    code: "not-running",
    message: `container ${Id} is not running`,
  });
  expect(await containers.wait(Id)).toBe(255);
  expect((await containers.inspect(Id)).State).toMatchObject({ Status: "exited", Error: expect.stringContaining("monitor") });
  await containers.remove(Id);
});
