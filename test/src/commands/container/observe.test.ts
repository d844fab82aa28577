/** inspect, top, stats, port, events: looking at containers. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  await scene.text("run", "-d", "--name", "seen", "-p", "127.0.0.1::80", "-e", "A=b", "busybox", "sleep", "1000");
});
afterAll(() => scene[Symbol.asyncDispose]());

test("inspect shows what it finds and fails for the rest", async () => {
  const rows: unknown[] = [];
  const { engine, session } = scene;
  const { execute } = await import("../../../../src/commands/execute.ts");
  const lines = execute(session.context(new AbortController().signal), ["inspect", "seen", "nosuch", "busybox"]);
  await expect(
    (async () => {
      for await (const event of lines) if (event.type === "row") rows.push(...(event.value as unknown[]));
    })(),
  ).rejects.toMatchObject({ exit: 1, message: "Error: No such object: nosuch" });
  expect((await scene.error("inspect", "NoSuch")).message).toBe("Error: No such object: NoSuch");
  expect((await scene.error("inspect", "--type", "image", "NoSuch")).message).toContain(
    "repository name (library/NoSuch) must be lowercase",
  );
  expect(rows).toMatchObject([{ Name: "/seen", State: { Running: true } }, { RepoTags: ["busybox:latest"] }]);
  expect(await scene.text("inspect", "-f", "{{.Name}} {{.State.Status}} {{json .Config.Env}}", "seen")).toMatch(
    /^\/seen running \[.*"A=b".*\]$/,
  );
  expect((await scene.error("inspect", "--type", "image", "seen")).message).toBe("No such image: seen:latest");
  expect((await engine.containers.inspect("seen")).HostConfig.PortBindings).toEqual({ "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] });
});

test("inspect -f json is one list", async () => {
  expect(JSON.parse(await scene.text("inspect", "-f", "json", "seen", "busybox"))).toMatchObject([
    { Name: "/seen" },
    { RepoTags: ["busybox:latest"] },
  ]);
});

test("top lists the processes, with ps's options", async () => {
  expect(await scene.text("top", "seen")).toMatch(/^UID +PID +PPID +C +STIME +TTY +TIME +CMD\nroot .* sleep 1000$/);
  expect(await scene.text("top", "seen", "-o", "pid,comm")).toMatch(/^PID +COMMAND\n\d+ +sleep$/);
});

test("stats --no-stream has one row per container", async () => {
  const lines = (await scene.text("stats", "--no-stream")).split("\n");
  expect(lines[0]).toMatch(/^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS/);
  expect(lines).toHaveLength(2);
  expect(await scene.text("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", "seen")).toBe("seen 1");
  expect(await scene.text("stats", "--no-stream", "--format", "{{.Container}}", "seen")).toBe("seen");
});

test("--format raw is a block of lines for each thing, as docker writes it", async () => {
  const id = await scene.text("ps", "-q", "-f", "name=seen");
  expect(await scene.text("ps", "-s", "-f", "name=seen", "--format", "raw")).toMatch(
    new RegExp(`^container_id: ${id}\nimage: busybox\ncommand: "sleep 1000"\n[^]*\nstate: running\n[^]*\nports: .*\nsize: 0B \\(virtual `),
  );
  expect(await scene.text("images", "--digests", "--format", "raw")).toMatch(/^repository: busybox\ntag: latest\ndigest: .*\nimage_id: /);
  expect(await scene.text("network", "ls", "-f", "name=bridge", "--format", "raw")).toMatch(
    /^network_id: [0-9a-f]{12}\nname: bridge\ndriver: bridge\nscope: local\n$/,
  );
  await scene.text("volume", "create", "kept");
  expect(await scene.text("volume", "ls", "--format", "raw")).toBe("name: kept\ndriver: local\n");
  await scene.text("volume", "rm", "kept");
});

test("port names the published ports", async () => {
  const all = await scene.text("port", "seen");
  expect(all).toMatch(/^80\/tcp -> 127\.0\.0\.1:\d+$/);
  expect(`80/tcp -> ${await scene.text("port", "seen", "80/tcp")}`).toBe(all);
  expect((await scene.error("port", "seen", "81")).message).toBe("Error: No public port '81' published for seen");
});

test("events replays what happened, filtered and formatted", async () => {
  await scene.text("run", "--rm", "--name", "flash", "busybox", "true");
  const words = ["events", "--since", "1h", "--until", "0s", "-f", "container=flash", "--format", "{{.Type}} {{.Action}}"];
  const actions = (await scene.text(...words)).split("\n");
  expect(actions).toEqual(expect.arrayContaining(["container create", "container start", "container die", "container destroy"]));
  expect(actions.indexOf("container create")).toBeLessThan(actions.indexOf("container start"));
  expect(actions.indexOf("container start")).toBeLessThan(actions.indexOf("container die"));
  expect(await scene.text(...words.slice(0, 5), "-f", "event=nosuch")).toBe("");
  const fields = "{{.Status}} {{.From}} {{.Scope}} {{json .Actor.Attributes}}";
  expect(await scene.text(...words.slice(0, 5), "-f", "event=create", "-f", "container=flash", "--format", fields)).toBe(
    'create busybox local {"image":"busybox","name":"flash"}',
  );
  expect(await scene.error(...words.slice(0, 5), "-f", "nosuch=1")).toMatchObject({ exit: 1, message: "invalid filter 'nosuch'" });
});

test("ps quotes words with blanks, and refuses filters that mean nothing", async () => {
  await scene.text("create", "--name", "quoted", "-l", "b=2", "-l", "a=1", "busybox", "sh", "-c", "exit 5");
  expect(await scene.text("ps", "-a", "-f", "name=quoted", "--format", "{{.Command}} {{.Labels}}")).toBe(`"sh -c 'exit 5'" a=1,b=2`);
  expect(await scene.error("ps", "-f", "before=nosuch")).toMatchObject({ exit: 1, message: "No such container: nosuch" });
  expect(await scene.error("ps", "-f", "health=fine")).toMatchObject({ exit: 1 });
  expect(await scene.error("ps", "-f", "publish=web")).toMatchObject({ exit: 1 });
  expect(await scene.error("ps", "-f", "name")).toMatchObject({ exit: 125 });
  expect(await scene.text("ps", "-q", "-f", "", "--format", "x")).toMatch(/^[0-9a-f]{12}$/);
  await scene.text("rm", "quoted");
});

test("inspect has docker's keys, typed as docker's", async () => {
  const format = "{{json .Config.Volumes}} {{json .HostConfig.Binds}} {{.HostConfig.RestartPolicy}} {{.ID}}";
  expect(await scene.text("inspect", "-f", format, "seen")).toMatch(/^null null \{no 0\} [0-9a-f]{64}$/);
  expect(await scene.text("inspect", "-f", "{{.Config.Entrypoint}} {{json .Config.Env}} {{.DockerVersion}}", "busybox")).toMatch(
    /^\[\] (null|\[.*\]) $/,
  );
  expect(await scene.error("inspect", "--type", "nonsense", "seen")).toMatchObject({ exit: 1 });
});
