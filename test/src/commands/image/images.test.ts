/** The image commands as people type them, through the dispatcher, with the real engine. */
import { once } from "node:events";
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ProgressEvent } from "../../../../engine/index.ts";
import { hostPlatform } from "../../../../engine/platform.ts";
import type { Context, Presentation } from "../../../../src/commands/command.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { present } from "../../../../src/present.ts";
import { layoutOf } from "../../../engine/image/layout.ts";
import { entriesOf, streamOf } from "../../../engine/image/scene.ts";
import { layerOf, recordContainer, shelve } from "../../../engine/image/shelf.ts";
import { openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { startOwnRegistry } from "../../../support/own-registry.ts";

let scene: TestEngine;
let work: string;
beforeAll(() => {
  scene = openTestEngine();
  work = mkdtempSync(join(tmpdir(), "berth-images-"));
});
afterEach(async () => {
  scene.engine.db.run("DELETE FROM containers");
  for (const { Id } of await scene.engine.images.list({ all: true })) await scene.engine.images.remove(Id, { force: true });
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  rmSync(work, { recursive: true });
});

interface Ran {
  events: ProgressEvent[];
  result: unknown;
  /** What a text face shows. */
  lines: string[];
  stdout: Promise<Buffer>;
}

/** Runs a command line; `answer` is what the user says to questions. */
async function berth(words: string[], options: { stdin?: Readable; answer?: boolean; questions?: string[] } = {}): Promise<Ran> {
  const stdout = new PassThrough();
  const output = buffer(stdout);
  const confirm = async (question: string) => {
    options.questions?.push(question);
    return options.answer ?? false;
  };
  const streams = { stdin: options.stdin, stdout, stderr: new PassThrough() } as Context["io"]["streams"];
  const context: Context = { engine: scene.engine, io: { streams, confirm, cwd: work, env: {} }, signal: new AbortController().signal };
  const events: ProgressEvent[] = [];
  const running = execute(context, words);
  try {
    for (;;) {
      const { done, value } = await running.next();
      if (!done) {
        events.push(value);
        continue;
      }
      const { spec, input, result } = value;
      const shown = events.flatMap((event) => (event.type === "row" ? [spec.presentRow?.(event.value as never, input)] : []));
      const texts = await Promise.all([...shown, spec.present?.(result as never, input)].map((each) => textOf(each)));
      return { events, result, lines: texts.join("").split("\n").slice(0, -1), stdout: output };
    }
  } finally {
    stdout.end();
  }
}

/** As the shell prints it. */
async function textOf(presentation: Presentation | undefined): Promise<string> {
  return presentation ? present(presentation) : "";
}

const put = (references: string[], ...layers: string[]) => shelve(scene.engine, { references, layers, config: { Labels: { team: "a" } } });
const short = (id: string) => id.slice(7, 19);

describe("images", () => {
  test("one line for each name, docker's columns", async () => {
    const id = await put(["app:1", "localhost:5000/app:1"], "base");
    const { lines } = await berth(["images"]);
    expect(lines[0]).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ["app", "1", short(id)],
      ["localhost:5000/app", "1", short(id)],
    ]);
    expect(lines[1]).toMatch(/ago +400B$/);
  });

  test("-q, --no-trunc, -a, -f, --format and a repository", async () => {
    const id = await put(["app:1"], "base");
    const lost = await put([], "base", "lost");
    expect((await berth(["images", "-q", "app"])).lines).toEqual([short(id)]);
    expect((await berth(["image", "ls", "-q", "--no-trunc", "-f", "dangling=true"])).lines).toEqual([lost]);
    expect((await berth(["images", "--format", "{{.Repository}}:{{.Tag}}", "-a"])).lines.sort()).toEqual(["<none>:<none>", "app:1"]);
    expect(JSON.parse((await berth(["images", "--format", "json", "app:1"])).lines[0]!)).toMatchObject({
      Repository: "app",
      Tag: "1",
      ID: short(id),
    });
    expect((await berth(["images", "--digests", "nothing"])).lines[0]).toMatch(/DIGEST/);
  });
});

describe("rmi", () => {
  test("says what went, goes on after a failure, and forgives a missing image only with -f", async () => {
    const id = await put(["app:1", "app:2"], "base");
    const failing = berth(["rmi", "missing", "app:1"]);
    await expect(failing).rejects.toMatchObject({ code: "not-found", exit: 1 });
    expect((await scene.engine.images.inspect(id)).RepoTags).toEqual(["app:2"]);
    const { lines } = await berth(["rmi", "-f", "missing", "app:2"]);
    expect(lines.slice(0, 2)).toEqual(["Untagged: app:2", `Deleted: ${id}`]);
  });

  test("keeps what a container uses", async () => {
    const id = await put(["app:1"], "base");
    recordContainer(scene.engine, id, "running");
    await expect(berth(["rmi", "app:1"])).rejects.toMatchObject({
      code: "in-use",
      message: expect.stringMatching(/^conflict: unable to remove repository reference "app:1" \(must force\)/),
    });
    await expect(berth(["image", "rm", "-f", id])).rejects.toMatchObject({ message: expect.stringContaining("cannot be forced") });
  });
});

describe("image prune", () => {
  test("asks first, and says what it freed", async () => {
    const lost = await put([], "base", "lost");
    const questions: string[] = [];
    expect((await berth(["image", "prune"], { questions })).lines).toEqual([]);
    expect(questions[0]).toMatch(/^WARNING! This will remove all dangling images/);
    const { lines } = await berth(["image", "prune"], { answer: true });
    expect(lines.slice(0, 2)).toEqual(["Deleted Images:", `deleted: ${lost}`]);
    expect(lines.at(-1)).toBe("Total reclaimed space: 800B");
  });

  test("-f does not ask; -a takes what nobody uses", async () => {
    await put(["app:1"], "base");
    expect((await berth(["image", "prune", "-f"])).lines).toEqual(["Total reclaimed space: 0B"]);
    expect((await berth(["image", "prune", "-af"])).lines).toContain("untagged: app:1");
  });
});

describe("save and load", () => {
  test("through files and through streams", async () => {
    const id = await put(["app:1", "app:2"], "base", "one");
    const file = join(work, "app.tar");
    await berth(["save", "-o", "app.tar", "app"]);
    const streamed = await (await berth(["save", "app"])).stdout;
    expect(streamed.equals(readFileSync(file))).toBe(true);
    await berth(["rmi", "-f", id]);
    expect((await berth(["load", "-i", file])).lines).toEqual(["Loaded image: app:1", "Loaded image: app:2"]);
    await berth(["rmi", "-f", id]);
    const quiet = await berth(["image", "load", "-q"], { stdin: createReadStream(file) });
    expect(quiet.events).toEqual([]);
    expect(quiet.result).toEqual({ References: ["app:1", "app:2"], Ids: [] });
    await expect(berth(["load", "-i", "missing.tar"])).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("missing.tar"),
    });
    await expect(berth(["load"])).rejects.toMatchObject({ code: "usage" });
  });

  test("an id without a name", async () => {
    const id = await put(["app:1"], "base");
    await berth(["save", "--format", "oci", "-o", "id.tar", short(id)]);
    await berth(["rmi", "app:1"]);
    expect((await berth(["load", "-i", "id.tar"])).lines).toEqual([`Loaded image ID: ${id}`]);
  });
});

test("import from a file and from standard input", async () => {
  writeFileSync(join(work, "root.tar.gz"), gzipSync(layerOf("base")));
  const { lines } = await berth(["import", "-m", "mine", "-c", 'CMD ["sh"]', "--change", "ENV A=1", "root.tar.gz", "made:1"]);
  expect(lines).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
  expect(await scene.engine.images.inspect("made:1")).toMatchObject({
    Id: lines[0],
    Comment: "mine",
    Config: { Cmd: ["sh"], Env: ["A=1"] },
  });
  const second = await berth(["import", "-"], { stdin: createReadStream(join(work, "root.tar.gz")) });
  expect(await scene.engine.images.inspect(second.lines[0]!)).toMatchObject({ Comment: "Imported from -", RepoTags: [] });
});

test("import from a URL", async () => {
  const archive = gzipSync(layerOf("base"));
  const server = createServer(({ url }, response) => (url === "/root.tar.gz" ? response.end(archive) : response.writeHead(404).end()));
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const { lines } = await berth(["import", "-c", "ENV A=1", `${base}/root.tar.gz`, "fetched:1"]);
    const { Id, Comment, Config, RootFS } = await scene.engine.images.inspect("fetched:1");
    expect([Comment, Config.Env, RootFS.Layers.length]).toEqual([`Imported from ${base}/root.tar.gz`, ["A=1"], 1]);
    expect(lines.at(-1)).toBe(Id);
    await expect(berth(["import", `${base}/none`])).rejects.toMatchObject({ message: expect.stringContaining("status 404") });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("tag, history and image inspect", async () => {
  const id = await shelve(scene.engine, {
    references: ["app:1"],
    layers: ["base"],
    history: [
      {
        created: "2026-01-01T00:00:00Z",
        created_by: "/bin/sh -c #(nop) ADD file:0123456789abcdef0123456789abcdef in / ",
        comment: "hello",
      },
    ],
  });
  expect((await berth(["tag", "app:1", "app:2"])).lines).toEqual([]);
  const { lines } = await berth(["history", "app:2"]);
  expect(lines[0]).toMatch(/^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$/);
  expect(lines[1]).toMatch(new RegExp(`^${short(id)} .* ago +/bin/sh -c #\\(nop\\) ADD file.*… +400B +hello$`));
  expect((await berth(["history", "-q", "--no-trunc", "app:1"])).lines).toEqual([id]);
  expect((await berth(["history", "-H=false", "--format", "{{.CreatedAt}} {{.Size}}", "app:1"])).lines).toEqual([
    "2026-01-01T00:00:00Z 400",
  ]);
  expect((await berth(["image", "inspect", "-f", "{{.Id}} {{json .RepoTags}}", "app:1"])).lines).toEqual([`${id} ["app:1","app:2"]`]);
  await expect(berth(["tag", "app:1", "NO"])).rejects.toMatchObject({ code: "invalid" });
  await expect(berth(["image", "inspect", "missing"])).rejects.toMatchObject({ code: "not-found" });
});

test("push and pull, with and without -q", async () => {
  await using registry = await startOwnRegistry();
  const name = `${registry.host}/team/app:latest`;
  const id = await put([name], "base", "one");
  expect((await berth(["push", "-q", name])).lines).toEqual([expect.stringMatching(/^sha256:/)]);
  await berth(["rmi", "-f", id]);
  const pulled = await berth(["pull", name.replace(":latest", "")]);
  expect(pulled.lines).toEqual([name]);
  const said = pulled.events.flatMap((event) => (event.type === "message" ? [event.text] : []));
  expect(said[0]).toBe("Using default tag: latest");
  expect(said.at(-1)).toBe(`Status: Downloaded newer image for ${name}`);
  const again = await berth(["image", "pull", "-q", name]);
  expect(again).toMatchObject({ events: [], lines: [name] });
  await expect(berth(["pull", `${registry.host}/nothing`])).rejects.toMatchObject({ code: "not-found" });
});

test("images of several platforms: loaded, shown, pushed, fetched whole, saved alone", async () => {
  await using registry = await startOwnRegistry();
  const own = hostPlatform().architecture;
  const { archive, digest, images } = layoutOf("multi:1", ["s390x", own]);
  const name = `${registry.host}/multi:1`;
  await berth(["load"], { stdin: streamOf(archive) });
  await berth(["tag", "multi:1", name]);
  expect((await berth(["push", "-q", name])).lines).toEqual([digest]);
  for (const each of ["multi:1", name]) await berth(["rmi", each]);
  expect((await berth(["pull", "-q", "--all-platforms", name])).lines).toEqual([name]);
  expect((await berth(["images", "--digests", "--format", "{{.Tag}} {{.Digest}}"])).lines).toEqual([`1 ${digest}`]);
  const { lines } = await berth(["images", "--tree"]);
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(["IMAGE", name, "├─ linux/s390x", `└─ linux/${own}`]);
  await expect(berth(["images", "--tree", "-q"])).rejects.toMatchObject({ message: "--quiet is not yet supported with --tree" });
  const inspected = await berth(["image", "inspect", "--platform", "linux/s390x", "-f", "{{.Architecture}} {{.Id}}", name]);
  expect(inspected.lines).toEqual([`s390x ${images["s390x"]!.id}`]);
  expect((await berth(["push", "-q", "--platform", "linux/s390x", name])).lines).toEqual([images["s390x"]!.descriptor.digest]);
  const saved = await entriesOf(await (await berth(["save", "--platform", "linux/s390x", name])).stdout);
  expect(JSON.parse(saved.get("index.json")!.toString()).manifests).toMatchObject([{ digest: images["s390x"]!.descriptor.digest }]);
});
