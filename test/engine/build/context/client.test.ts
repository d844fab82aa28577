/** Builds for a client elsewhere: what they are made from, may know and give comes from the client, and nothing from this host. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildClient, BuildOptions, ClientStore, ReceiveWish } from "../../../../engine/build/index.ts";
import { parseDockerignore } from "../../../../engine/dockerfile/dockerignore.ts";
import { EngineError } from "../../../../engine/errors.ts";
import { sha256 } from "../../../../engine/image/documents/index.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { collect, createProject, outputOf, type Project } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(() => opened[Symbol.asyncDispose]());

/** A client whose directories are projects here. */
class Client implements BuildClient {
  readonly asked: string[] = [];
  readonly given = new Map<number, unknown>();
  readonly blobs = new Map<string, Buffer>();
  readonly #directories: Record<string, Project>;

  constructor(directories: Record<string, Project>) {
    this.#directories = directories;
  }

  async receive(name: string, into: string, { include = [], exclude = [], follow = [] }: ReceiveWish): Promise<void> {
    this.asked.push([name, ...include, ...exclude.map((each) => `-${each}`), ...follow.map((each) => `>${each}`)].join(" "));
    const project = this.#directories[name];
    if (!project) throw new Error(`no directory ${name}`);
    const rules = parseDockerignore(exclude.join("\n"));
    for (const path of readdirSync(project.directory, { recursive: true, encoding: "utf8" }))
      if ((include.length === 0 || include.includes(path)) && !rules.ignores(path) && isFollowed(path, follow))
        cpSync(join(project.directory, path), join(into, path), { recursive: true });
  }
  secret = async (id: string) => (id === "mine" ? Buffer.from("of the client") : undefined);
  agent = async () => undefined;
  credentials = async () => null;
  send = async (output: number, directory: string) => void this.given.set(output, readdirSync(directory).sort());
  write = async (output: number, content: AsyncIterable<Uint8Array>) =>
    void this.given.set(output, (await buffer(Readable.from(content))).length > 0);
  store = (name: string): ClientStore => {
    this.asked.push(name);
    const { blobs } = this;
    return {
      has: async (digest) => blobs.has(digest),
      async *read(digest) {
        const blob = blobs.get(digest);
        if (!blob) throw new EngineError("not-found", `no ${digest}`);
        yield blob;
      },
      async write(content) {
        const blob = await buffer(Readable.from(content));
        const digest = sha256(blob);
        blobs.set(digest, blob);
        return { digest, size: blob.length };
      },
    };
  };
}

const isFollowed = (path: string, follow: readonly string[]) =>
  follow.length === 0 || follow.some((each) => matchesGlob(path, each) || matchesGlob(path, `${each}/**`));

const build = (client: BuildClient, options: Partial<BuildOptions> = {}) =>
  collect(opened.engine, { context: "context", client, ...options });
const left = () => readdirSync(join(opened.root, "build", "steps"));

test("its context comes when it is needed, without what is ignored; its secrets are known", async () => {
  using project = createProject({
    Dockerfile: "FROM busybox\nRUN --mount=type=secret,id=mine cat /run/secrets/mine; echo\n",
    "with.Dockerfile": "FROM busybox\nCOPY . /all\nCOPY --from=more . /more\nRUN find /all /more -type f | sort\n",
    "with.Dockerfile.dockerignore": "*.tmp\n",
    ...{ ".dockerignore": "word\n", word: "", "a.tmp": "" },
  });
  using more = createProject({ other: "", hidden: "", ".dockerignore": "hidden" });
  const client = new Client({ context: project, dockerfile: project, more });
  const plain = await build(client);
  expect(outputOf(plain.events)).toContain("of the client\n");
  await plain.end;
  expect(client.asked).toEqual(["dockerfile Dockerfile Dockerfile.dockerignore dockerfile", "context .dockerignore"]);
  const { events, end } = await build(client, { file: "with.Dockerfile", buildContexts: { more: "local:more" } });
  await end;
  const files = [".dockerignore", "Dockerfile", "with.Dockerfile", "with.Dockerfile.dockerignore", "word"].map((name) => `/all/${name}`);
  expect(outputOf(events).trim().split("\n")).toEqual([...files, "/more/.dockerignore", "/more/other"]);
  expect(client.asked.slice(-3).sort()).toEqual(["context -*.tmp", "more -hidden", "more .dockerignore"]);
  expect(left()).toEqual([]);
});

test("only what its steps take comes, and what they take by variables when these are known", async () => {
  using project = createProject({
    Dockerfile: [
      ...["FROM busybox AS unused", "COPY never /", "FROM busybox AS one", "COPY --from=more x /", "COPY d/e /e"],
      ...["FROM busybox", "ARG V=late", "COPY --from=one /e /e", "COPY a* /", "COPY $V /late"],
      ...["RUN --mount=source=m/n,target=/n find /e /a /ab /late /n -type f | sort", ""],
    ].join("\n"),
    ...{ a: "", ab: "", "d/e/x": "", "d/f": "", "m/n/x": "", "late/x": "", never: "", other: "" },
  });
  using more = createProject({ x: "", y: "" });
  const client = new Client({ context: project, dockerfile: project, more });
  const { events, end } = await build(client, { buildContexts: { more: "local:more" } });
  await end;
  expect(outputOf(events).trim().split("\n")).toEqual(["/a", "/ab", "/e/x", "/late/x", "/n/x"]);
  const asked = client.asked.filter((line) => line.includes(">"));
  expect(asked.toSorted()).toEqual(["context >a* >d/e >m/n", "context >late", "more >x"]);
  const odd = createProject({ Dockerfile: "FROM scratch\nCOPY a+b /\nCOPY c /\n", "a+b": "", c: "" });
  using _ = odd;
  const plain = new Client({ context: odd, dockerfile: odd });
  await (await build(plain)).end;
  expect(plain.asked.at(-1)).toBe("context"); // older clients take such names for patterns
});

test("outputs are given to it, by their place, and the store keeps none", async () => {
  using project = createProject({ Dockerfile: "FROM scratch\nCOPY a b /\n", a: "", b: "" });
  const client = new Client({ context: project, dockerfile: project });
  const outputs: BuildOptions["outputs"] = [
    { type: "tar", attributes: {}, dest: "-" },
    { type: "local", attributes: {} },
    { type: "oci", attributes: {}, dest: "-" },
    { type: "cacheonly", attributes: {} },
  ];
  const { end } = await build(client, { outputs });
  expect((await end).ImageID).toBeUndefined();
  expect([...client.given]).toEqual([
    [0, true],
    [1, ["a", "b"]],
    [2, true],
  ]);
});

test("a cache goes into its store, and comes from there", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nCOPY word /\nRUN cat /word; date +%N > /when\n", word: "word\n" });
  const client = new Client({ context: project, dockerfile: project });
  const to = { type: "local", dest: "/theirs", mode: "max" };
  const written = await (await build(client, { cacheTo: [to] })).end;
  const manifest = JSON.parse(written.Metadata["cache.manifest"] as string) as { digest: string; size: number };
  expect(client.blobs.get(manifest.digest)).toHaveLength(manifest.size);
  expect(client.blobs.size).toBe(4); // with a config and two layers
  await opened.engine.images.remove(written.ImageID ?? "", { force: true });
  await opened.engine.builder.prune({ all: true });
  const from = { type: "local", src: "/theirs", digest: manifest.digest };
  const again = await build(client, { cacheFrom: [from] });
  expect((await again.end).Steps.cached).toBe(3);
  expect(outputOf(again.events)).toBe("");
  expect(client.asked.filter((each) => each.startsWith("local:"))).toEqual(["local:/theirs", "local:/theirs"]);
  await opened.engine.images.remove((await again.end).ImageID ?? "", { force: true });
  await opened.engine.builder.prune({ all: true });
  client.blobs.set(manifest.digest, Buffer.from("{}"));
  const damaged = await build(client, { cacheFrom: [from] });
  expect((await damaged.end).Steps.cached).toBe(1);
  expect(damaged.events).toContainEqual(
    expect.objectContaining({
      type: "warning",
      text: expect.stringMatching(/^cannot use the cache in "\/theirs": .* its content is another/),
    }),
  );
});

test("nothing of this host is taken for the client's", async () => {
  const here = mkdtempSync(join(tmpdir(), "berth-here-"));
  writeFileSync(join(here, "secret"), "of this host");
  using project = createProject({
    Dockerfile: "FROM busybox\nCOPY --from=more / /more\nRUN --mount=type=secret,id=secret cat /run/secrets/secret; ls /more\n",
  });
  const client = new Client({ context: project, dockerfile: project });
  const wishes: Partial<BuildOptions>[] = [
    { buildContexts: { more: here } },
    { buildContexts: { more: `oci-layout://${here}` } },
    { buildContexts: { more: "local:elsewhere" } },
    { file: "../secret", cwd: here },
  ];
  for (const wish of wishes) {
    const { events, end } = await build(client, wish);
    await expect(end, JSON.stringify(wish)).rejects.toThrow();
    expect(outputOf(events)).toBe("");
  }
  using plain = createProject({ Dockerfile: "FROM busybox\nRUN --mount=type=secret,id=secret ls /run/secrets\n" });
  const { events, end } = await build(new Client({ context: plain, dockerfile: plain }), {
    secrets: [{ id: "secret", file: join(here, "secret") }],
  });
  await end.catch(() => {});
  expect(outputOf(events)).not.toContain("secret\n");
  expect([left(), existsSync(join(here, "secret")), readFileSync(join(here, "secret"), "utf8")]).toEqual([[], true, "of this host"]);
  rmSync(here, { recursive: true });
});
