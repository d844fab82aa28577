/** logs, exec, attach and standard input: bytes in and out of containers. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  await scene.text(
    "run",
    "-d",
    "--name",
    "talker",
    "-e",
    "WHO=env",
    "busybox",
    "sh",
    "-c",
    "echo one; echo two >&2; sleep 0.2; echo three; sleep 1000",
  );
  await scene.session.run('expect 10s logs talker "three"', "setup", () => new AbortController().signal);
});
afterAll(() => scene[Symbol.asyncDispose]());

const digest = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

test("logs shows all, a tail, time stamps, and follows to the end", async () => {
  const { berth, text } = scene;
  expect((await text("logs", "talker")).split("\n").sort()).toEqual(["one", "three", "two"]);
  expect(await text("logs", "--tail", "1", "talker")).toBe("three");
  expect(await text("logs", "--tail", "0", "talker")).toBe("");
  for (const all of ["all", "-1", "many"]) expect(await text("logs", "--tail", all, "talker")).toBe(await text("logs", "talker"));
  expect(await text("logs", "-t", "-n", "1", "talker")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z three$/);
  expect(await text("logs", "--until", "1h", "talker")).toBe("");
  await text("run", "-d", "--name", "brief", "busybox", "sh", "-c", "echo begin; sleep 0.3; echo end");
  expect(await berth("logs", "-f", "brief")).toMatchObject({ status: 0, text: "begin\nend" });
  await text("rm", "-f", "brief");
});

test("exec has the container's environment, the user's flags and the process's status", async () => {
  const { berth, error } = scene;
  expect(await berth("exec", "talker", "sh", "-c", "echo $WHO; exit 3")).toMatchObject({ status: 3, text: "env" });
  expect(
    await berth("exec", "-e", "WHO=me", "-w", "/tmp", "-u", "12:34", "talker", "sh", "-c", "echo $WHO $PWD; id -u; id -g"),
  ).toMatchObject({
    status: 0,
    text: "me /tmp\n12\n34",
  });
  const missing = await error("exec", "talker", "nosuch");
  expect(missing).toMatchObject({ exit: 127, message: 'cannot execute "nosuch": exec: "nosuch": executable file not found in $PATH' });
  expect(await error("exec", "talker", "/nosuch")).toMatchObject({
    exit: 127,
    message: 'cannot execute "/nosuch": exec: "/nosuch": stat /nosuch: no such file or directory',
  });
  expect(await error("exec", "-w", "tmp", "talker", "pwd")).toMatchObject({ exit: 128, message: expect.stringContaining("absolute path") });
  expect((await error("exec", "nosuch", "true")).message).toBe("No such container: nosuch");
  expect(await berth("exec", "-d", "talker", "touch", "/tmp/flag")).toMatchObject({ status: 0, text: "" });
  await scene.session.run("expect 10s exec talker ls /tmp/flag", "exec", () => new AbortController().signal);
});

// More than conmon's packets, the pipes and the sockets hold together: a byte lost or doubled shows in the hash.
test.each([
  ["run without a monitor", ["run", "-i", "--rm", "busybox", "cat"]],
  ["run with a monitor", ["run", "-i", "--name", "echo", "busybox", "cat"]],
  ["exec", ["exec", "-i", "talker", "cat"]],
])("5 MB of input come back whole: %s", async (_name, words) => {
  const data = randomBytes(5 << 20);
  const { output, status } = await scene.feed(data, ...words);
  expect(status).toBe(0);
  expect(output.length).toBe(data.length);
  expect(digest(output)).toBe(digest(data));
});

test("without -i a container reads nothing", async () => {
  const { output, status } = await scene.feed("text", "run", "--rm", "busybox", "cat");
  expect({ output: output.toString(), status }).toEqual({ output: "", status: 0 });
});

test("attach follows a container to its end and has its status", async () => {
  const { berth, error, text } = scene;
  await text("run", "-d", "--name", "ending", "busybox", "sh", "-c", "while ! [ -e /go ]; do sleep 0.05; done; echo over; exit 6");
  const attached = berth("attach", "--no-stdin", "ending");
  await scene.session.run(
    "expect 10s events --since 1h --until 0s -f container=ending 'container attach'",
    "attach",
    () => new AbortController().signal,
  );
  await text("exec", "ending", "touch", "/go");
  expect(await attached).toMatchObject({ status: 6, text: "over" });
  expect((await error("attach", "ending")).message).toBe("You cannot attach to a stopped container, start it first");
  await text("rm", "ending");
});
