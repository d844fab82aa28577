/** Images, builds, networks, volumes and what a host without a swarm says, over the engine in memory. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ImageInspect, Images } from "../../../engine/image/index.ts";
import { configChanges } from "../../../engine/serve/config-changes.ts";
import { progressLine } from "../../../engine/serve/json-progress.ts";
import { allCredentialsIn, credentialsIn } from "../../../engine/serve/registry-auth.ts";
import { type ApiClient, serveOver } from "../../support/api-client.ts";
import { fakeEngine, image, network } from "../../support/fake-engine.ts";

let api: ApiClient;
const fake = fakeEngine();
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

beforeAll(async () => {
  fake.images.push(image("busybox:latest"));
  fake.networks.push(network("bridge"));
  api = await serveOver(fake.engine);
});
afterAll(() => api[Symbol.asyncDispose]());

describe("images", () => {
  test("names with slashes stand in the middle of paths", async () => {
    expect((await api.post("/images/busybox/tag?repo=localhost:5000/a/b&tag=1")).status).toBe(201);
    for (const name of ["localhost:5000/a/b:1", "localhost:5000%2Fa%2Fb:1", "busybox"])
      expect((await api.get(`/v1.44/images/${name}/json`)).json.RepoTags, name).toContain("localhost:5000/a/b:1");
    expect((await api.call("DELETE", "/images/localhost:5000/a/b:1")).json).toEqual([{ Untagged: "localhost:5000/a/b:1" }]);
    expect(await api.get("/images/no/such/image/json")).toMatchObject({ status: 404 });
  });

  test("manifests and platforms are asked for; a platform is an object of JSON", async () => {
    const asked: unknown[] = [];
    const { engine } = fakeEngine();
    const images: Images = {
      ...engine.images,
      list: async ({ manifests } = {}) => asked.splice(asked.length, 0, { manifests }) as never[],
      async inspect(_, options) {
        asked.push(options);
        return {} as ImageInspect;
      },
    };
    await using other = await serveOver({ ...engine, images });
    const json = (value: object) => encodeURIComponent(JSON.stringify(value));
    for (const path of ["/v1.46/images/json?manifests=1", "/images/json?manifests=1", "/images/json", "/v1.47/images/a/json?manifests=1"])
      await other.get(path);
    await other.get("/images/a/b/json?manifests=1");
    await other.get(`/images/a/json?platform=${json({ os: "linux", architecture: "arm", variant: "v7" })}`);
    expect(asked).toEqual([
      ...[{ manifests: false }, { manifests: true }, { manifests: false }, { manifests: false }],
      ...[{ manifests: true }, { manifests: false, platform: "linux/arm/v7" }],
    ]);
    for (const [query, message] of [
      [`manifests=1&platform=${json({ os: "linux", architecture: "arm64" })}`, "cannot both be set"],
      [`platform=${json({ os: "linux" })}`, "invalid platform"],
      [`platform=${json({ os: 1, architecture: "a" })}`, "invalid platform"],
      ["platform=%7B", '"platform"'],
    ])
      expect(await other.get(`/images/a/json?${query}`)).toMatchObject({
        status: 400,
        json: { message: expect.stringContaining(message!) },
      });
  });

  test("members come and go with the version", async () => {
    fake.images.push({ ...image("x"), Id: `sha256:${"c".repeat(64)}`, RepoTags: [] });
    const row = async (version: string) => (await api.get(`/v${version}/images/json?all=1`)).json.at(-1);
    expect(await row("1.41")).toMatchObject({
      RepoTags: ["<none>:<none>"],
      RepoDigests: ["<none>@<none>"],
      VirtualSize: 4_000_000,
      Containers: -1,
    });
    const now = await row("1.51");
    expect(now).toMatchObject({ RepoTags: [], RepoDigests: [], SharedSize: -1, Containers: 0 });
    expect(Object.keys(now)).not.toContain("VirtualSize");
    expect(Object.keys(now)).not.toContain("Dangling");
    expect((await api.get("/v1.43/images/busybox/json")).json).toHaveProperty("VirtualSize");
    fake.images.pop();
  });

  test("an error before progress is an answer of its own", async () => {
    expect(await api.post("/images/create?fromImage=busybox&tag=1")).toMatchObject({ status: 501, json: { message: expect.any(String) } });
    expect(await api.post("/images/create")).toMatchObject({ status: 400 });
    expect(await api.post("/images/create?fromSrc=http%3A%2F%2F%5B")).toMatchObject({ status: 400 });
  });

  test("an archive is saved, and loaded again with lines of progress", async () => {
    const { body, headers } = await api.get("/images/get?names=busybox");
    expect(headers["content-type"]).toBe("application/x-tar");
    const loaded = await api.call("POST", "/images/load", body);
    expect(loaded.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(loaded.text.trim())).toEqual({ stream: "Loaded image: busybox:latest\n" });
  });
});

test("progress in docker's lines", () => {
  expect(progressLine({ type: "transfer", id: "abc", status: "Downloading", current: 500_000, total: 1_000_000 })).toEqual({
    status: "Downloading",
    progressDetail: { current: 500_000, total: 1_000_000 },
    progress: `[${"=".repeat(25)}>${" ".repeat(24)}]  500kB/1MB`,
    id: "abc",
  });
  expect(progressLine({ type: "transfer", id: "abc", status: "Pull complete", done: true })).toEqual({
    status: "Pull complete",
    progressDetail: {},
    id: "abc",
  });
  expect(progressLine({ type: "message", text: "latest: Pulling from library/busybox" })).toEqual({
    status: "Pulling from library/busybox",
    id: "latest",
  });
});

test("credentials that come along; what cannot be read is none", () => {
  const from = (value: unknown) => credentialsIn({ "x-registry-auth": encoded(value) });
  expect(from({ username: "me", password: "secret", serveraddress: "x" })).toEqual({ username: "me", password: "secret" });
  expect(from({ auth: Buffer.from("me:a:b").toString("base64") })).toEqual({ username: "me", password: "a:b" });
  expect(from({ identitytoken: "t" })).toEqual({ username: "", password: "", identityToken: "t" });
  expect(from({ registrytoken: "t" })).toEqual({ username: "", password: "", registryToken: "t" });
  expect([from({}), from([]), credentialsIn({}), credentialsIn({ "x-registry-auth": "%%" })]).toEqual([null, null, null, null]);
  expect(
    allCredentialsIn({
      "x-registry-config": encoded({ "https://index.docker.io/v1/": { username: "a", password: "b" }, "localhost:5000": {}, x: null }),
    }),
  ).toEqual({ "docker.io": { username: "a", password: "b" } });
});

test("a configuration that comes with a commit is instructions", () => {
  expect(
    configChanges({
      ...{
        Cmd: ["a", 'b"'],
        Env: ['A=x "$y"', "B"],
        Labels: { "a b": "c" },
        ExposedPorts: { "80/tcp": {} },
        User: "",
        WorkingDir: "/w",
        OnBuild: ["RUN x"],
      },
    }),
  ).toEqual(["WORKDIR /w", 'ENV A="x \\"\\$y\\""', 'ENV B=""', 'LABEL "a b"="c"', "EXPOSE 80/tcp", 'CMD ["a","b\\""]', "ONBUILD RUN x"]);
});

describe("builds", () => {
  test.each([
    [`outputs=${encodeURIComponent('[{"Type":"tar"}]')}`, 501, '"outputs"'],
    ["securityopt=x", 501, '"securityopt"'],
    ["squash=1", 501, '"squash"'],
    ["remote=/etc", 400, "it is no URL"],
    ["remote=..", 400, "it is no URL"],
    ["buildargs=[]", 400, "buildargs"],
    ["ulimits={}", 400, "ulimits"],
  ])("%s is refused", async (query, status, message) => {
    expect(await api.post(`/build?${query}`)).toMatchObject({ status, json: { message: expect.stringContaining(message) } });
  });
});

test("networks: made, told about, joined, left, pruned, removed", async () => {
  const { status, json } = await api.post("/networks/create", { Name: "web", CheckDuplicate: true, Labels: { a: "b" } });
  expect([status, json]).toEqual([201, { Id: expect.any(String), Warning: "" }]);
  expect((await api.get(`/networks/${json.Id}`)).json).toMatchObject({ Name: "web", Containers: {} });
  expect((await api.get("/networks")).json.map(({ Name }: { Name: string }) => Name)).toEqual(["bridge", "web"]);
  const { json: made } = await api.post("/containers/create?name=joined", { Image: "busybox", Cmd: ["true"] });
  expect((await api.post("/networks/web/connect", { Container: "joined", EndpointConfig: null })).status).toBe(200);
  expect((await api.post("/networks/web/disconnect", { Container: made.Id, Force: true })).status).toBe(200);
  expect((await api.post("/networks/web/connect", { Container: "nobody" })).status).toBe(404);
  expect((await api.call("DELETE", "/networks/web")).status).toBe(204);
  expect(await api.post("/networks/create", {})).toMatchObject({ status: 400 });
  expect(await api.post("/networks/create", { Name: "x", Scope: "swarm" })).toMatchObject({ status: 501 });
  await api.call("DELETE", `/containers/${made.Id}`);
});

test("volumes: made, told about, pruned as the version says, removed", async () => {
  const { status, json } = await api.post("/volumes/create", { Name: "data", Labels: { a: "b" } });
  expect([status, json.Name]).toEqual([201, "data"]);
  expect((await api.get("/volumes")).json).toMatchObject({ Volumes: [{ Name: "data" }], Warnings: null });
  expect((await api.post("/v1.44/volumes/prune")).json).toEqual({ VolumesDeleted: [], SpaceReclaimed: 0 });
  expect((await api.get("/volumes/data")).json).toMatchObject({ Name: "data", Scope: "local" });
  expect((await api.post("/v1.41/volumes/prune")).json.VolumesDeleted).toEqual(["data"]);
  expect((await api.get("/volumes/data")).status).toBe(404);
  expect((await api.call("DELETE", "/volumes/data?force=1")).status).toBe(204);
});

test("no swarm, no plugins", async () => {
  for (const path of ["/swarm", "/nodes", "/services", "/tasks/x", "/secrets"])
    expect(await api.get(path), path).toMatchObject({ status: 503, json: { message: expect.stringContaining("not a swarm manager") } });
  expect((await api.post("/services/create", {})).status).toBe(503);
  expect((await api.get("/plugins")).json).toEqual([]);
});
