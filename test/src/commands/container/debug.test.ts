/** `berth debug` against real containers: one without a shell, running and stopped, and what is left afterwards: nothing. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeEntry, tarHeader, trailer } from "../../../../engine/image/tar/index.ts";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;
let busybox: Buffer;

/** The tar of a root with two programs, none of them a shell, and some files. */
function bareRoot(files: Record<string, string> = {}): Buffer {
  const programs = ["sleep", "cat"].map((name) => encodeEntry(tarHeader({ name, mode: 0o755 }), busybox));
  const texts = Object.entries({ hello: "from the container\n", ...files }).map(([name, text]) =>
    encodeEntry(tarHeader({ name }), Buffer.from(text)),
  );
  return Buffer.concat([...programs, ...texts, trailer]);
}

/** Runs a line without a terminal; what it wrote, and its status. */
const debug = async (...words: string[]) => {
  const { output, status } = await scene.feed("", "debug", ...words);
  return { text: output.toString().trim(), status };
};
const ids = async () => (await scene.engine.containers.list({ all: true })).map(({ Id }) => Id);
const images = async () => (await scene.engine.images.list()).map(({ Id }) => Id);

beforeAll(async () => {
  scene = await openScene();
  busybox = readFileSync(
    ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", "/usr/bin/busybox-static"].find((path) => existsSync(path))!,
  );
  await scene.feed(bareRoot(), "import", "-", "bare");
  await scene.berth("volume", "create", "kept");
  await scene.berth("run", "-d", "--name", "bare", "-v", "kept:/data", "-e", "COLOUR=red", "bare", "/sleep", "1000");
});
afterAll(() => scene[Symbol.asyncDispose]());

test("a running container without a shell: its processes, its network, its files and volumes, to be written, too", async () => {
  const before = await ids();
  const { text } = await debug(
    "bare",
    "sh",
    "-c",
    "cat /target/hello; echo new >/target/data/file; cat /proc/1/cmdline; cat /etc/hostname",
  );
  expect(text).toMatch(/^from the container\n\/sleep\0?1000\0?/);
  const namespace = "readlink /proc/self/ns/net";
  const { State } = await scene.engine.containers.inspect("bare");
  const { text: net } = await debug("bare", "sh", "-c", `${namespace}; tr '\\0' '\\n' </proc/1/environ | grep COLOUR`);
  expect(net.split("\n")).toEqual([expect.stringMatching(/^net:/), "COLOUR=red"]);
  expect(readFileSync(`/proc/${State.Pid}/net/dev`, "utf8")).toContain("eth0");
  expect((await debug("bare", "cat", "/target/data/file")).text).toBe("new");
  expect(await ids()).toEqual(before);
});

test("the status of the command is that of the line", async () => {
  expect((await debug("bare", "sh", "-c", "exit 7")).status).toBe(7);
});

test("a stopped container: a copy of its files, which can be read, and its volumes", async () => {
  await scene.berth("create", "--name", "still", "-v", "kept:/data", "bare", "/sleep", "1000");
  const before = { ids: await ids(), images: await images() };
  const { text } = await debug("still", "sh", "-c", "cat /target/hello /target-mounts/data/file; echo >/target/hello || echo read-only");
  expect(text).toMatch(/^from the container\nnew\n.*read-only$/s);
  await scene.berth("start", "still");
  await scene.berth("kill", "still");
  await debug("still", "sh", "-c", "echo >/target/data/more");
  expect((await debug("bare", "ls", "/target/data")).text.split("\n")).toEqual(["file", "more"]);
  expect({ ids: await ids(), images: await images() }).toEqual(before);
});

test("tools of an image of choice", async () => {
  await scene.feed(bareRoot({ "tool.txt": "mine" }), "import", "-", "tools");
  const error = await scene.error("debug", "--image", "tools", "bare", "sh");
  expect(error.code).toBe("command-not-found");
  expect((await debug("--image", "tools", "bare", "/cat", "/tool.txt")).text).toBe("mine");
});

test("the host's static busybox serves where there is no image of it", async () => {
  await scene.berth("rmi", "-f", "busybox:latest");
  const { text } = await debug("bare", "sh", "-c", "cat /target/hello; ls -l /bin/vi");
  expect(text).toMatch(/^from the container\n.*\/bin\/vi -> \/bin\/busybox$/s);
  expect(await scene.text("images", "--format", "{{.Repository}}:{{.Tag}}")).toContain("berth-debug:busybox");
});

test("whoever looks for a shell where there is none hears of it", async () => {
  const error = await scene.error("exec", "bare", "sh");
  expect(error).toMatchObject({ code: "command-not-found", hint: '"berth debug bare" brings a shell along' });
  expect((await scene.error("exec", "bare", "wget")).hint).not.toContain("debug");
});

test("a container with the processes of another says which one to debug", async () => {
  await scene.berth("run", "-d", "--name", "guest", "--pid", "container:bare", "bare", "/sleep", "1000");
  const error = await scene.error("debug", "guest", "true");
  expect(error.message).toBe('cannot debug "guest": its processes are among those of another container');
  await scene.berth("run", "-d", "--name", "open", "--pid", "host", "bare", "/sleep", "1000");
  expect((await debug("open", "cat", "/target/hello")).text).toBe("from the container");
});
