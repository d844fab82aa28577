/** Registries in the UI: those that are known, what is in them, and what keys do with it; none that is slow or away holds a key. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { layerOf } from "../../engine/image/shelf.ts";
import { startServer } from "../../engine/registry/server/scene.ts";
import { eventually } from "../../support/eventually.ts";
import { image } from "../../support/fake-engine.ts";
import { type Published, publish, publishArtifact, publishIndex } from "../../support/published.ts";
import { everyLook, openLook, shot } from "../shot.ts";
import { absent, cursorOn, fake, open, press, terminal } from "../tui-scene.ts";

let server: Awaited<ReturnType<typeof startServer>>;
let signed: Published;
let config: string;
const before = process.env["DOCKER_CONFIG"];

beforeAll(() => {
  config = mkdtempSync(join(tmpdir(), "berth-view-registry-"));
  process.env["DOCKER_CONFIG"] = config;
});
afterAll(() => {
  if (before === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = before;
  rmSync(config, { recursive: true, force: true });
});

beforeEach(async () => {
  server = await startServer();
  const app = `${server.host}/team/app`;
  signed = await publish(`${app}:1.0`, [layerOf("base"), layerOf("top")]);
  const other = await publish(`${app}:2.0`, [layerOf("base")], { architecture: "s390x" });
  await publishIndex(`${app}:2.1`, [signed.descriptor, other.descriptor]);
  const { platform: _, ...subject } = signed.descriptor;
  await publishArtifact(app, "notation", { subject, artifactType: "application/vnd.cncf.notary.signature" });
  await publish(`${server.host}/web:latest`, [layerOf("web")]);
  know(server.host, "registry.example.org");
});
afterEach(() => server[Symbol.asyncDispose]());

/** Registries that there are credentials for. */
function know(...names: string[]): void {
  writeFileSync(join(config, "config.json"), JSON.stringify({ auths: Object.fromEntries(names.map((name) => [name, {}])) }));
}

/** A registry that answers as told, or not at all. */
async function answering(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const http = createServer(answer).listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    host: `127.0.0.1:${(http.address() as { port: number }).port}`,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
    },
  };
}

/** Opens what a name says. */
async function openOther(name: string): Promise<void> {
  await press("n", "registry or repository: ");
  terminal.type(`${name}\r`);
}

async function toTags(columns = 100): Promise<void> {
  await open(columns, 24);
  await press("8", cursorOn(server.host));
  await press("\r", /team\/app/);
  await press("\r", /1\.0 .*linux\/amd64/);
}

test("from registries to repositories to tags to what is behind one, and back", async () => {
  fake.images.push({ ...image("x:1"), RepoDigests: [`${server.host}/team/app@${signed.digest}`] });
  await open(120, 24);
  await press("8", new RegExp(`· +${server.host} +yes +1 +not asked`));
  expect(terminal.screen.text()).toMatch(/· +registry\.example\.org +yes/);
  await press("\r", /team\/app +1[\s\S]*web/);
  expect(terminal.screen.text()).toContain("8 Reg › 127.0.0.1");
  await press("\r", /1\.0 +\d+B .*linux\/amd64 +present/);
  await terminal.screen.waitFor(/2\.1 +\d+B .*linux\/amd64, .* none/);
  await press("jj", /app:2\.1[\s\S]*Signed +no/);
  await press("kk", /app:1\.0[\s\S]*Signed +yes, not verified/);
  await press("\r", /tag .*1\.0[\s\S]*Digest +sha256/);
  await press("q", (text) => /TAG +SIZE/.test(text) && cursorOn("1.0")());
  await press(">", /Of linux\/amd64, lowest first/);
  await press(">", /signature +sha256:/);
  await press("<<", /Signed +yes/);
  await press("i", /"Digest": "sha256:/);
  await press("q", /TAG +SIZE/);
  await press("q", /REPOSITORY/);
  await press("h", /● +127.* 2 repositories/);
});

test("lists are read on as they are scrolled, and a filter looks through all of them", async () => {
  const names = Array.from({ length: 250 }, (_, at) => `v${String(at).padStart(3, "0")}`);
  const asked: string[] = [];
  await using registry = await answering(({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://x");
    if (!pathname.endsWith("/tags/list")) return response.writeHead(pathname === "/v2/" ? 200 : 404).end();
    asked.push(searchParams.get("last") ?? "");
    const from = names.indexOf(searchParams.get("last") ?? "") + 1;
    const tags = names.slice(from, from + 100);
    if (from + 100 < names.length) response.setHeader("link", `<${pathname}?n=100&last=${tags.at(-1)}>; rel="next"`);
    return response.end(JSON.stringify({ tags }));
  });
  await open(100, 24);
  await press("8", cursorOn(server.host));
  await openOther(`${registry.host}/big`);
  await terminal.screen.waitFor(cursorOn("v000"));
  expect(asked).toEqual([""]);
  await press("G", cursorOn("v099"));
  await eventually(() => expect(asked).toEqual(["", "v099"])); // the end is where the list is read on
  await press("g", cursorOn("v000"));
  await press("/v249\r", cursorOn("v249"));
  expect(asked).toEqual(["", "v099", "v199"]);
});

test("a registry that is away says so in its place, with what to do", async () => {
  know("127.0.0.1:1", server.host);
  await open(100, 24);
  await press("8", cursorOn("127.0.0.1:1"));
  await press("\r", /cannot reach "127\.0\.0\.1:1"[\s\S]*hint: .*r asks again/);
  await press("q", /✗ +127\.0\.0\.1:1 .*cannot reach/);
  await press("j\r", /team\/app/);
});

test("a registry without a catalog opens by the name of a repository, and shows what images came from", async () => {
  know("docker.io");
  await open(100, 24);
  await press("8", cursorOn("docker.io"));
  await press("\r", /this registry has no catalog[\s\S]*hint: n opens a repository by its name/);
  await press("q", cursorOn("docker.io"));
  fake.images.push({ ...image("python:3.9"), RepoDigests: [`python@sha256:${"0".repeat(64)}`] });
  await press("\r", cursorOn("library/python"));
  await press("n", /registry or repository: docker\.io\//);
  await press("\x1b", cursorOn("library/python"));
});

test("one that never answers holds no key, and is not waited for when it is left", async () => {
  let asked = 0;
  let aborted = 0;
  await using silent = await answering((request, response) => {
    if (request.url === "/v2/") return response.end();
    asked++;
    return response.on("close", () => aborted++);
  });
  know(silent.host, server.host);
  await open(100, 24);
  await press("8", cursorOn("127"));
  await openOther(silent.host);
  await terminal.screen.waitFor("loading …");
  await eventually(() => expect(asked).toBe(1));
  await press("?", "Esc close");
  await press("\x1b", absent("Esc close"));
  expect(terminal.screen.text()).toContain("loading …");
  await press("q", /REGISTRY/);
  await eventually(() => expect(aborted).toBe(1));
  await openOther(`${server.host}/team/app`);
  await terminal.screen.waitFor(/1\.0 .*linux\/amd64/);
});

test("a tag is removed after a question, and gone from the list", async () => {
  await toTags();
  await press("j", cursorOn("2.0"));
  await press("d", new RegExp(`Remove "${server.host}/team/app:2.0" from ${server.host}`));
  await press("n", absent("Nobody can pull"));
  await press("d", "Nobody can pull it by this name any more.");
  await press("y", (text) => /registry rm .*2\.0 ✓/.test(text) && !/^ +2\.0 /m.test(text));
  expect((await server.call("GET", "/v2/team/app/tags/list")).json.tags).toEqual(["1.0", "2.1"]);
});

test("where other tags would go with it, another question is asked", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const deleted: string[] = [];
  await using registry = await answering(({ method, url = "" }, response) => {
    const name = url.split("/").at(-1) ?? "";
    if (method === "DELETE") deleted.push(name);
    if (method === "DELETE") return response.writeHead(name.startsWith("sha256:") ? 202 : 405).end();
    if (url.includes("/tags/list")) return response.end(JSON.stringify({ tags: ["a", "b"] }));
    return response.writeHead(method === "HEAD" ? 200 : 404, { "docker-content-digest": digest }).end();
  });
  await open(100, 24);
  await press("8", cursorOn(server.host));
  await openOther(`${registry.host}/app`);
  await terminal.screen.waitFor(cursorOn("a "));
  await press("d", "Nobody can pull it");
  await press("y", "with all tags of the same manifest?");
  expect(deleted).toEqual(["a"]);
  await press("yes", /: yes/);
  await press("\r", /registry rm -f .* ✓/);
  expect(deleted).toEqual(["a", "a", digest]);
});

test("a copy is a form whose line shows, and a pull another", async () => {
  delete fake.cannot["images.pull"];
  await toTags();
  await press("u", new RegExp(`Pull an image[\\s\\S]*pull ${server.host}/team/app:1.0`));
  await press("\x1b", absent("Pull an image"));
  await press("c", /Copy to another registry or repository/);
  await press(`${server.host}/mirror/app`, new RegExp(`registry copy ${server.host}/team/app:1.0 ${server.host}/mirror/app`));
  await press("\r", /1\.0: digest: [\s\S]*registry copy .* ✓/);
  await press("q", /TAG +SIZE/);
  expect((await server.call("GET", "/v2/mirror/app/tags/list")).json.tags).toEqual(["1.0"]);
  await press("q", /REPOSITORY/);
  await press("r", /mirror\/app/);
});

test("what stands for it is copied by its tag, and by its digest", async () => {
  await toTags();
  await press("y", /copied/);
  await press("C", new RegExp(`digest +${server.host}/team/app@${signed.digest.slice(0, 20)}`));
});

/** A port and ages are the day's, and stand where columns end. */
function known(text: string): string {
  const months = (age: string) => "N months ago".padEnd(age.length).slice(0, age.length);
  const [address, port] = server.host.split(":") as [string, string];
  return text.replaceAll(server.host, `${address}:${"5".repeat(port.length)}`).replace(/\d+ (month|year)s? ago */g, months);
}

test.each(everyLook)("%d columns, %d rows, %s", async (columns, rows, look) => {
  await openLook(look, columns, rows);
  const isWide = columns >= 110;
  const shots: string[] = [];
  const take = async (name: string, keys: string, ...conditions: RegExp[]) => {
    terminal.type(keys);
    await terminal.screen.waitFor((text) => conditions.every((each) => each.test(text)));
    shots.push(known(shot(name, look, { tabs: name === "details" })));
  };
  const tags = [/ 1\.0 +\d+B/, / 2\.0 +\d+B/, / 2\.1 +\d+B/, isWide ? /Signed +yes[\s\S]*com\.example/ : /TAG/];
  await take("registries", "8", /registry\.example\.o/, isWide ? /Images here +0/ : /REGISTRY/);
  await take("repositories", "\r", /team\/app/, isWide ? /Registry +127/ : /REPOSITORY/);
  await take("tags", "\r", ...tags);
  await take("details", "\r", /tag 127.*1\.0[\s\S]*Digest +sha256/);
  await press("q", (text) => tags.every((each) => each.test(text)));
  await take("remove", "d", /Nobody can pull/);
  await press("n", absent("Nobody"));
  await take("copy", "c", /registry copy/, /127\S+\/ +registry\.example\.org\//);
  await press("\x1b", absent("registry copy"));
  await expect(shots.join("\n")).toMatchFileSnapshot(`screens/${look}-${columns}x${rows}.txt`);
});
