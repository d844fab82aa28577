/** The registry in a browser, by what a browser sends and gets: pages, forms, and what must not be possible with them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openGate } from "../../../../engine/registry/server/auth/open-gate.ts";
import { openDirectory } from "../../../../engine/registry/server/storage/directory.ts";
import type { RegistryStorage } from "../../../../engine/registry/server/storage/storage.ts";
import { FormTokens } from "../../../../engine/registry/server/web/form-token.ts";
import { html } from "../../../../engine/registry/server/web/html.ts";
import { sizeText } from "../../../../engine/registry/server/web/pages.ts";
import { Site } from "../../../../engine/registry/server/web/site.ts";
import fc from "../../../support/property.ts";
import { pushImage, type ServerScene, startServer, types } from "./scene.ts";

let directory: string;
let storage: RegistryStorage;
/** Asks nobody for a password. */
let open: ServerScene;
/** Ann may do everything in "team", everybody may see "public". */
let guarded: ServerScene;
let image: Awaited<ReturnType<typeof pushImage>>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "berth-registry-site-"));
  storage = await openDirectory({ root: join(directory, "data") });
  const site = new Site(storage);
  open = await startServer({ server: { storage, site } });
  const { hash } = await import("bcryptjs");
  writeFileSync(join(directory, "users"), `ann:${await hash("secret", 4)}\nbob:${await hash("secret", 4)}\n`);
  const rules = [
    { repositories: ["team/**"], users: ["ann"], allow: ["pull", "push", "delete"] as const },
    { repositories: ["public"], users: ["anonymous", "*"], allow: ["pull"] as const },
  ];
  const gate = openGate({ htpasswd: join(directory, "users"), rules, anonymousPull: false, scheme: "http" });
  guarded = await startServer({ server: { storage, site, gate } });
  image = await pushImage(open, "team/app", "1");
  await pushImage(open, "team/app", "2");
  await pushImage(open, "public", "latest");
  const subject = { mediaType: types.manifest, digest: image.digest, size: image.size };
  await pushImage(open, "team/app", `${image.digest.replace(":", "-")}.sig`, { annotations: { what: "a signature" } });
  const referrer = await pushImage(open, "team/app", "referrer", {
    subject,
    artifactType: "application/spdx+json",
    annotations: { a: "b" },
  });
  await open.call("DELETE", "/v2/team/app/manifests/referrer");
  expect(referrer.reply.status).toBe(201);
});
afterAll(async () => {
  for (const each of [open, guarded, storage]) await each?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const as = (user: string) => ({ authorization: `Basic ${Buffer.from(`${user}:secret`).toString("base64")}` });

async function look(server: ServerScene, query = "", headers: Record<string, string> = {}) {
  const { status, headers: answered, body } = await server.call("GET", `/${query}`, undefined, headers);
  return { status, headers: answered, text: body.toString() };
}

const links = (text: string) => [...text.matchAll(/href="\?([^"]*)"/g)].map(([, query]) => query);

describe("pages", () => {
  test("repositories lead to tags, tags to layers and to what belongs to them", async () => {
    const first = await look(open);
    expect(first.status).toBe(200);
    expect(links(first.text)).toEqual(["repository=public", "repository=team%2Fapp"]);
    const second = await look(open, "?repository=team%2Fapp");
    expect(links(second.text)).toEqual(["repository=team%2Fapp&amp;reference=1", "repository=team%2Fapp&amp;reference=2"]);
    expect([...second.text.matchAll(/class="(signed|faint)">(present|none)/g)].map(([, , what]) => what)).toEqual(["present", "none"]);
    const third = await look(open, "?repository=team%2Fapp&reference=1");
    for (const each of [image.digest, image.layer, image.config, types.layer, "application/spdx+json", ".sig", "sbom", "signature"])
      expect(third.text).toContain(each);
    expect((await look(open, `?repository=team%2Fapp&reference=${image.digest}`)).status).toBe(200);
  });

  test("an index leads to its images", async () => {
    const platform = { os: "linux", architecture: "arm64" };
    const entry = { mediaType: types.manifest, digest: image.digest, size: image.size, platform };
    await open.pushManifest("team/app", "all", { schemaVersion: 2, mediaType: types.index, manifests: [entry] }, types.index);
    const { text } = await look(open, "?repository=team%2Fapp&reference=all");
    expect(text).toContain("linux/arm64");
    expect(links(text)).toContain(`repository=team%2Fapp&amp;reference=${image.digest.replace(":", "%3A")}`);
    await open.call("DELETE", "/v2/team/app/manifests/all");
  });

  test("long lists are in parts", async () => {
    await using many = await startServer();
    const site = new Site(many.storage);
    await using shown = await startServer({ server: { storage: many.storage, site } });
    const { reply } = await pushImage(many, "app", "t0");
    expect(reply.status).toBe(201);
    const body = (await many.call("GET", "/v2/app/manifests/t0")).body;
    const tags = Array.from({ length: 60 }, (_, at) => `n${String(at).padStart(2, "0")}`);
    await many.call("PUT", `/v2/app/manifests/t0?${tags.map((tag) => `tag=${tag}`).join("&")}`, body);
    const first = await look(shown, "?repository=app");
    expect(links(first.text).at(-1)).toBe("repository=app&amp;last=n49");
    const second = await look(shown, "?repository=app&last=n49");
    expect(links(second.text).map((link) => link?.split("=").at(-1))).toEqual([...tags.slice(50), "t0"]);
  });

  test.each(["?repository=none", "?repository=../x", "?repository=team%2Fapp&reference=none", "?repository=team%2Fapp&reference=../x"])(
    "%s is not there",
    async (query) => {
      const { status, text, headers } = await look(guarded, query, as("ann"));
      expect([status, headers["content-type"], text.includes("<h1>")]).toEqual([404, "text/html; charset=utf-8", true]);
    },
  );

  test("nothing runs, is loaded, framed or kept", async () => {
    const { headers, text } = await look(open);
    const policy = headers["content-security-policy"];
    for (const each of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
      expect(policy).toContain(each);
    expect(policy).not.toContain("unsafe");
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
    expect(text).not.toMatch(/<script|\son\w+=|javascript:|style=/i);
  });

  test("what a pusher wrote is text", async () => {
    const evil = `"><script>alert(1)</script>`;
    const layers = [{ mediaType: evil, digest: image.layer, size: 1 }];
    const config = { mediaType: `'${evil}`, digest: image.config, size: 1 };
    await open.pushManifest("team/app", "evil", { schemaVersion: 2, mediaType: types.manifest, config, layers });
    const { status, text } = await look(open, "?repository=team%2Fapp&reference=evil");
    expect(status).toBe(200);
    expect(text).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).not.toContain("<script");
    await open.call("DELETE", "/v2/team/app/manifests/evil");
    const asked = await look(open, `?repository=${encodeURIComponent(evil)}`);
    expect(asked.text).not.toContain("<script");
  });
});

describe("who sees what", () => {
  test("everybody what the rules say, and no more", async () => {
    const stranger = await look(guarded);
    expect(links(stranger.text)).toEqual(["login=1", "repository=public"]);
    expect((await look(guarded, "?repository=team%2Fapp")).status).toBe(404);
    expect(links((await look(guarded, "", as("ann"))).text)).toEqual(["repository=public", "repository=team%2Fapp"]);
    expect((await look(guarded, "", as("bob"))).text).toContain("bob");
    expect((await look(guarded, "", { authorization: `Basic ${Buffer.from("ann:wrong").toString("base64")}` })).status).toBe(401);
  });

  test("a browser is asked for the password, and led back", async () => {
    const asked = await look(guarded, "?login=1");
    expect([asked.status, asked.headers["www-authenticate"]]).toEqual([401, 'Basic realm="berth", charset="UTF-8"']);
    const back = await look(guarded, "?login=1", as("ann"));
    expect([back.status, back.headers.location]).toEqual([303, "/"]);
  });

  test("where nobody is asked, only who comes by an address: a name may be somebody else's", async () => {
    expect((await look(open, "", { host: "evil.example" })).status).toBe(403);
    for (const host of ["localhost:5000", "127.0.0.1:5000", "[::1]:5000", "192.0.2.1"])
      expect((await look(open, "", { host })).status).toBe(200);
    expect((await look(guarded, "", { host: "registry.example", ...as("ann") })).status).toBe(200);
  });
});

describe("deletion", () => {
  const tokenIn = (text: string) => /name="token" value="([^"]+)"/.exec(text)?.[1];
  const post = (server: ServerScene, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    server.call("POST", "/", new URLSearchParams(fields).toString(), {
      ...{ "content-type": "application/x-www-form-urlencoded", origin: `http://${server.host}`, "sec-fetch-site": "same-origin" },
      ...headers,
    });

  test("for who may, of a form that is from here, and meant", async () => {
    const page = await look(guarded, "?repository=team%2Fapp&reference=2", as("ann"));
    const token = tokenIn(page.text)!;
    const fields = { repository: "team/app", reference: "2", token, sure: "yes" };
    const { sure: _, ...unsure } = fields;
    const attempts: [number, ReturnType<typeof post>][] = [
      [400, post(guarded, unsure, as("ann"))],
      [403, post(guarded, { ...fields, token: "" }, as("ann"))],
      [403, post(guarded, { ...fields, token: new FormTokens().issue("ann") }, as("ann"))],
      [403, post(guarded, fields, { ...as("ann"), origin: "http://evil.example" })],
      [403, post(guarded, fields, { ...as("ann"), origin: "null" })],
      [403, post(guarded, fields, { ...as("ann"), "sec-fetch-site": "cross-site" })],
      [403, post(guarded, fields, as("bob"))],
      [403, post(guarded, fields)],
      [404, post(guarded, { ...fields, reference: "none" }, as("ann"))],
      [404, post(guarded, { ...fields, reference: "../x" }, as("ann"))],
      [404, post(guarded, { ...fields, repository: "other" }, as("ann"))],
      [413, post(guarded, { ...fields, more: "x".repeat(5000) }, as("ann"))],
      [403, guarded.call("POST", "/", new URLSearchParams(fields).toString(), as("ann"))],
    ];
    for (const [status, reply] of attempts) expect((await reply).status).toBe(status);
    expect((await open.call("HEAD", "/v2/team/app/manifests/2")).status).toBe(200);
    const done = await post(guarded, fields, as("ann"));
    expect([done.status, done.headers.location]).toEqual([303, "/?repository=team%2Fapp"]);
    expect((await open.call("HEAD", "/v2/team/app/manifests/2")).status).toBe(404);
  });

  test("who may not sees no form", async () => {
    expect(tokenIn((await look(guarded, "?repository=public&reference=latest", as("ann"))).text)).toBeUndefined();
    await using fixed = await startServer({ server: { storage, site: new Site(storage), readOnly: true } });
    expect(tokenIn((await look(fixed, "?repository=public&reference=latest")).text)).toBeUndefined();
    const token = tokenIn((await look(open, "?repository=public&reference=latest")).text)!;
    expect((await post(fixed, { repository: "public", reference: "latest", token, sure: "yes" })).status).toBe(403);
  });

  test("a token is one user's, for some hours", () => {
    let now = 0;
    const tokens = new FormTokens(() => now);
    const token = tokens.issue("ann");
    expect([tokens.isOurs(token, "ann"), tokens.isOurs(token, "bob"), tokens.isOurs(token, undefined)]).toEqual([true, false, false]);
    now += 2 * 3_600_000;
    expect(tokens.isOurs(token, "ann")).toBe(true);
    now += 2 * 3_600_000;
    expect(tokens.isOurs(token, "ann")).toBe(false);
  });
});

test("there are no pages where nobody asked for them", async () => {
  await using plain = await startServer();
  expect((await plain.call("GET", "/")).status).toBe(404);
});

test("whatever is put into a page is text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const inside = /^<p title="([^"<>']*)">([^<>"']*)<\/p>$/.exec(html`<p title="${text}">${text}</p>`.text);
      expect(inside?.[1]).toBe(inside?.[2]);
      expect(inside?.[1]).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [123_456_789, "123 MB"],
  [5e15, "5000 TB"],
])("%i bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
