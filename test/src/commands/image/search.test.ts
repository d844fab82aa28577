/** `berth search` against a registry that has an index, and one that has none. */
import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startOwnRegistry } from "../../../support/own-registry.ts";
import { openScene, type Scene } from "../scene.ts";

const results = [
  { name: "web", description: "A web server that serves\nwhatever is laid before it, and more", star_count: 12, is_official: true },
  { name: "me/web", description: null, star_count: 2, is_official: false },
];
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  if (request.url?.includes("q=broken")) response.end('{"results": 5}');
  else if (request.url?.startsWith("/v1/search")) response.end(JSON.stringify({ num_results: 2, query: "web", results }));
  else response.end();
});
let scene: Scene;
let host: string;
beforeAll(async () => {
  scene = await openScene();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  host = `127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(async () => {
  server.close();
  await scene[Symbol.asyncDispose]();
});

test("docker's table, templates and JSON", async () => {
  expect(await scene.text("search", `${host}/web`)).toBe(
    [
      "NAME      DESCRIPTION                                     STARS     OFFICIAL",
      "web       A web server that serves whatever is laid be…   12        [OK]",
      "me/web                                                    2         ",
    ].join("\n"),
  );
  expect(asked.at(-1)).toBe("/v1/search?q=web&n=25");
  expect(await scene.text("search", "--no-trunc", "--limit", "3", "--format", "{{.Description}}|{{.IsOfficial}}", `${host}/web`)).toBe(
    "A web server that serves whatever is laid before it, and more|[OK]\n|",
  );
  expect(asked.at(-1)).toBe("/v1/search?q=web&n=3");
  expect(await scene.text("search", "--format", "json", "-f", "stars=3", `${host}/web`)).toMatch(
    /^\{.*"IsOfficial":"true","Name":"web","StarCount":"12"\}$/,
  );
});

test("filters", async () => {
  const names = (...filters: string[]) =>
    scene.text("search", ...filters.flatMap((each) => ["-f", each]), "--format", "{{.Name}}", `${host}/web`);
  expect(await names("is-official=true")).toBe("web");
  expect(await names("is-official=0")).toBe("me/web");
  expect(await names("stars=2", "stars=10")).toBe("web");
  expect(await names("is-automated=true")).toBe("");
});

test.each([
  [["search", "-f", "stars=many", "x"], "invalid filter 'stars=many'"],
  [["search", "-f", "color=red", "x"], "invalid filter 'color'"],
  [["search", "-f", "is-official=maybe", "x"], "invalid filter 'is-official=[maybe]'"],
  [["search", "--limit", "101", "x"], "limit 101 is outside the range of [1, 100]"],
  [["search", "--limit", "-1", "x"], "limit -1 is outside the range of [1, 100]"],
  [["search", "https://x/y"], "should not have a scheme"],
])("%j is refused", async (words, message) => {
  expect(await scene.error(...words)).toMatchObject({ exit: 1, message: expect.stringContaining(message) });
});

test("a registry without an index says so; one that talks nonsense is named", async () => {
  await using registry = await startOwnRegistry();
  expect(await scene.error("search", `${registry.host}/web`)).toMatchObject({
    code: "unsupported",
    exit: 1,
    message: `cannot search "${registry.host}": this registry has no index`,
  });
  expect((await scene.error("search", `${host}/broken`)).message).toContain('the answer is malformed: "results" is not a list');
});
