/** Who may do what: passwords, tokens, rules, certificates. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readIdentity, tlsFiles } from "../../../../engine/http/tls-files.ts";
import { openGate } from "../../../../engine/registry/server/auth/open-gate.ts";
import { type Rule, Rules } from "../../../../engine/registry/server/auth/rules.ts";
import { Tokens } from "../../../../engine/registry/server/auth/tokens.ts";
import { hashPassword, parseUsers, Users, withUser } from "../../../../engine/registry/server/auth/users.ts";
import { parseRules } from "../../../../engine/registry/server/settings/settings.ts";
import { certificates } from "../../../support/certificates.ts";
import { programOrSkip } from "../../../support/programs.ts";
import fc from "../../../support/property.ts";
import { digestOf, pushImage, type ServerScene, startServer } from "./scene.ts";

let directory: string;
let htpasswd: string;
let rules: Rule[];
/** Cheap: bcrypt's cost is no part of what is tested. */
const entries = {
  ann: "$2b$04$OSTRjn9mjInXI8oOhdmCpuWUFDnqBrvG9MbRJEeLjvBYAhUBIdiQu",
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "berth-registry-auth-"));
  htpasswd = join(directory, "users");
  const { hash } = await import("bcryptjs");
  const lines = await Promise.all(["ann", "bob", "gone"].map(async (name) => `${name}:${await hash(`${name}'s secret`, 4)}`));
  writeFileSync(htpasswd, `# users\n${lines.join("\n")}\n`);
  rules = await parseRules(
    `rules:
  - { repositories: "team/**", users: [ann], allow: [pull, push, delete] }
  - { repositories: ["team/public", "free/*"], users: "*", allow: pull }
  - { repositories: "free/*", users: anonymous, allow: [pull] }
`,
    "rules.yaml",
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const basic = (user: string, password = `${user}'s secret`) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
});

async function tokenFor(server: ServerScene, headers: Record<string, string>, ...scopes: string[]): Promise<Record<string, string>> {
  const query = new URLSearchParams(scopes.map((scope): [string, string] => ["scope", scope]));
  const { json } = await server.call("GET", `/v2/token?service=berth&${query}`, undefined, headers);
  return { authorization: `Bearer ${json.token}` };
}

/** Pushed by who may do everything, from the side of the storage: another server over the same directory. */
async function filled(): Promise<string> {
  const root = mkdtempSync(join(directory, "filled-"));
  await using open = await startServer({ root });
  for (const name of ["team/app", "team/public", "free/app", "private"]) await pushImage(open, name, "1");
  return root;
}

const guardedOver = (root: string) =>
  startServer({ root, server: { gate: openGate({ htpasswd, rules, anonymousPull: false, scheme: "http" }) } });

describe("who shows", () => {
  let server: ServerScene;
  beforeAll(async () => {
    server = await guardedOver(await filled());
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const get = async (path: string, headers = {}) => (await server.call("GET", path, undefined, headers)).status;

  test("nothing is told where tokens are given, and may do what anonymous may", async () => {
    const { status, headers, codes } = await server.call("GET", "/v2/");
    expect([status, codes]).toEqual([401, ["UNAUTHORIZED"]]);
    expect(headers["www-authenticate"]).toBe(`Bearer realm="http://${server.host}/v2/token",service="berth"`);
    const refused = await server.call("POST", "/v2/team/app/blobs/uploads/");
    expect([refused.status, refused.headers["www-authenticate"]]).toEqual([
      401,
      `Bearer realm="http://${server.host}/v2/token",service="berth",scope="repository:team/app:pull,push"`,
    ]);
    expect(await get("/v2/free/app/manifests/1")).toBe(200);
    expect(await get("/v2/team/public/manifests/1")).toBe(401);
    expect(await get("/v2/free/app/manifests/1", await tokenFor(server, {}, "repository:free/app:pull"))).toBe(200);
    expect((await server.call("DELETE", "/v2/free/app/manifests/1")).status).toBe(401);
  });

  test("a password may do what the rules let its user", async () => {
    expect(await get("/v2/", basic("bob"))).toBe(200);
    expect(await get("/v2/team/app/manifests/1", basic("ann"))).toBe(200);
    expect(await get("/v2/team/public/manifests/1", basic("bob"))).toBe(200);
    const denied = await server.call("GET", "/v2/team/app/manifests/1", undefined, basic("bob"));
    expect([denied.status, denied.codes]).toEqual([403, ["DENIED"]]);
    expect((await server.call("POST", "/v2/free/app/blobs/uploads/", "", basic("ann"))).status).toBe(403);
    expect((await server.call("POST", "/v2/team/new/blobs/uploads/", "", basic("ann"))).status).toBe(202);
  });

  test.each([
    ["a wrong password", basic("ann", "guess")],
    ["somebody unknown", basic("eve", "ann's secret")],
    ["no name", basic("", "ann's secret")],
    ["half of it", { authorization: "Basic YW5u" }],
    ["another scheme", { authorization: "Digest x" }],
  ])("%s is let in nowhere, not even where anonymous is", async (_, headers) => {
    expect(await get("/v2/free/app/manifests/1", headers)).toBe(401);
    expect((await server.call("GET", "/v2/token", undefined, headers)).status).toBe(401);
  });

  test("a token may do what it was given for, and no more than its user may", async () => {
    const pull = await tokenFor(server, basic("ann"), "repository:team/app:pull");
    expect(await get("/v2/team/app/manifests/1", pull)).toBe(200);
    expect(await get("/v2/team/public/manifests/1", pull)).toBe(401);
    expect((await server.call("DELETE", "/v2/team/app/manifests/1", undefined, pull)).status).toBe(401);
    const more = await tokenFor(server, basic("bob"), "repository:team/app:pull,push", "repository:team/public:pull,push");
    expect(await get("/v2/team/app/manifests/1", more)).toBe(403);
    expect(await get("/v2/team/public/manifests/1", more)).toBe(200);
    expect((await server.call("POST", "/v2/team/public/blobs/uploads/", "", more)).status).toBe(403);
  });

  test("a token that was changed, or is another's, is worth nothing", async () => {
    const { authorization = "" } = await tokenFor(server, basic("bob"), "repository:team/public:pull");
    const [head, body = "", signature] = authorization.slice("Bearer ".length).split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const forged = encode({ ...claims, sub: "ann" });
    const foreign = new Tokens().issue({ sub: "ann", access: [{ type: "repository", name: "team/app", actions: ["pull"] }] });
    const none = encode({ alg: "none", typ: "JWT" });
    for (const token of [
      `${head}.${forged}.${signature}`,
      `${none}.${forged}.`,
      `${none}.${forged}`,
      foreign,
      "x",
      "..",
      `${authorization}.x`,
    ]) {
      const reply = await server.call("GET", "/v2/team/public/manifests/1", undefined, { authorization: `Bearer ${token}` });
      expect([token, reply.status]).toEqual([token, 401]);
      expect(reply.headers["www-authenticate"]).toMatch(/error="invalid_token"$|^Basic/);
    }
  });

  test("the list of repositories has what one may pull", async () => {
    const names = async (headers: Record<string, string>) =>
      (await server.call("GET", "/v2/_catalog", undefined, headers)).json.repositories;
    expect(await names({})).toEqual(["free/app"]);
    expect(await names(basic("bob"))).toEqual(["free/app", "team/public"]);
    expect(await names(basic("ann"))).toEqual(["free/app", "team/app", "team/public"]);
  });

  test("who shows nothing, and may see nothing, is asked for a password to list repositories; a token for that lists what its user may pull", async () => {
    const gate = openGate({
      htpasswd,
      rules: rules.filter(({ users }) => !users.includes("anonymous")),
      anonymousPull: false,
      scheme: "http",
    });
    await using closed = await startServer({ root: await filled(), server: { gate } });
    const list = async (headers = {}) => {
      const { status, headers: answered, json } = await closed.call("GET", "/v2/_catalog", undefined, headers);
      return status === 200 ? json.repositories : answered["www-authenticate"];
    };
    expect(await list()).toMatch(/^Bearer realm=.*,scope="registry:catalog:\*"$/);
    expect(await list(basic("ann"))).toEqual(await list(await tokenFor(closed, basic("ann"), "registry:catalog:*")));
    expect(await list(await tokenFor(closed, basic("ann"), "registry:catalog:*"))).toEqual(["free/app", "team/app", "team/public"]);
    expect(await list(await tokenFor(closed, {}, "registry:catalog:*"))).toEqual([]);
    const catalog = await tokenFor(closed, basic("ann"), "registry:catalog:*");
    expect((await closed.call("GET", "/v2/team/app/manifests/1", undefined, catalog)).status).toBe(401);
  });

  test("a blob is not mounted from where one may not pull", async () => {
    const secret = digestOf('{"for":"private:1"}');
    const mount = (query: string) => server.call("POST", `/v2/team/new/blobs/uploads/?mount=${secret}${query}`, "", basic("ann"));
    expect((await mount("&from=private")).status).toBe(202);
    expect((await mount("")).status).toBe(202);
    const shared = digestOf('{"for":"free/app:1"}');
    expect((await server.call("POST", `/v2/team/new/blobs/uploads/?mount=${shared}`, "", basic("ann"))).status).toBe(201);
  });
});

test("a user who is gone is gone, with the tokens; a file that is bad changes nothing", async () => {
  const file = join(directory, "changing");
  const { hash } = await import("bcryptjs");
  const ann = `ann:${await hash("ann's secret", 4)}`;
  writeFileSync(file, `${ann}\nbob:${await hash("bob's secret", 4)}\n`);
  const gate = openGate({ htpasswd: file, anonymousPull: false, scheme: "http" });
  await using server = await startServer({ server: { gate } });
  const token = await tokenFor(server, basic("bob"), "repository:a:push");
  const push = async (headers: Record<string, string>) => (await server.call("POST", "/v2/a/blobs/uploads/", "", headers)).status;
  expect([await push(token), await push(basic("bob"))]).toEqual([202, 202]);
  writeFileSync(file, `${ann}\n`);
  expect([await push(token), await push(basic("bob")), await push(basic("ann"))]).toEqual([401, 401, 202]);
  writeFileSync(file, "half a li");
  expect(await push(basic("ann"))).toBe(202);
});

test("read-only: nothing is changed, whoever asks", async () => {
  const root = await filled();
  await using server = await startServer({ root, server: { readOnly: true } });
  expect((await server.call("GET", "/v2/team/app/manifests/1")).status).toBe(200);
  for (const [method, path] of [
    ["POST", "/v2/team/app/blobs/uploads/"],
    ["PUT", "/v2/team/app/manifests/2"],
    ["DELETE", "/v2/team/app/manifests/1"],
  ]) {
    const { status, codes } = await server.call(method!, path!);
    expect([status, codes]).toEqual([405, ["UNSUPPORTED"]]);
  }
});

describe("tokens", () => {
  test("are over after five minutes; the key of an hour ago still counts, an older one does not", () => {
    let now = 1_000_000_000_000;
    const tokens = new Tokens(() => now);
    const token = tokens.issue({ sub: "ann", access: [] });
    now += 299_000;
    expect(tokens.read(token)).toMatchObject({ sub: "ann" });
    now += 2000;
    expect(tokens.read(token)).toBeUndefined();
    now += 3_297_000;
    const old = tokens.issue({ access: [] });
    now += 10_000;
    tokens.issue({ access: [] });
    expect(tokens.read(old)).toBeDefined();
    now += 3_600_000;
    tokens.issue({ access: [] });
    now += 3_600_000;
    tokens.issue({ access: [] });
    now -= 7_200_000;
    expect(tokens.read(old)).toBeUndefined();
  });

  test("anything else is none", () => {
    const tokens = new Tokens();
    tokens.issue({ access: [] });
    const any = fc.oneof(
      fc.string(),
      fc.array(fc.base64String(), { maxLength: 4 }).map((parts) => parts.join(".")),
    );
    fc.assert(
      fc.property(any, (text) => tokens.read(text) === undefined),
      { numRuns: 1000 },
    );
  });
});

describe("rules", () => {
  test("no rule is no permission, and everybody with a password is not anonymous", () => {
    expect(new Rules([]).allows("ann", "a", "pull")).toBe(false);
    const all = new Rules([{ repositories: ["**"], users: ["*"], allow: ["pull"] }]);
    expect([all.allows("ann", "a", "pull"), all.allows("ann", "a", "push"), all.allows(undefined, "a", "pull")]).toEqual([
      true,
      false,
      false,
    ]);
    const named = new Rules([{ repositories: ["**"], users: ["anonymous"], allow: ["pull"] }]);
    expect(named.allows("ann", "a", "pull")).toBe(false);
  });
});

describe("users", () => {
  test.each([
    ["ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "x:1: this is no NAME:HASH"],
    ["\nann", "x:2: this is no NAME:HASH"],
    [`anonymous:${entries.ann}`, "x:1: this is no NAME:HASH"],
    [`ann:${entries.ann.replace("$04$", "$31$")}`, "x:1: a cost of 31 takes too long"],
  ])("%j is shown where it is wrong", (text, message) => {
    expect(() => parseUsers(text, "x")).toThrow(message);
  });

  test("a new one, and a new password, leave the others as they are", async () => {
    const hash = await hashPassword("secret");
    const first = withUser("# comment\nbob:$2y$x\n", "ann", hash);
    expect(first).toBe(`# comment\nbob:$2y$x\nann:${hash}\n`);
    expect(withUser(first, "ann", entries.ann)).toBe(`# comment\nbob:$2y$x\nann:${entries.ann}\n`);
    expect(withUser("", "ann", hash)).toBe(`ann:${hash}\n`);
    expect(() => withUser("", "a b", hash)).toThrow("no NAME:HASH");
    await expect(hashPassword("x".repeat(73))).rejects.toThrow("72 bytes");
    const file = join(directory, "one");
    writeFileSync(file, first.replace("bob:$2y$x\n", ""));
    expect(await new Users(file).verify("ann", "secret")).toBe(true);
  });

  test("a flood of passwords is refused before it takes the processor", async () => {
    const users = new Users(htpasswd);
    const tried = await Promise.allSettled(Array.from({ length: 100 }, (_, at) => users.verify("ann", `guess ${at}`)));
    const refused = tried.filter((each) => each.status === "rejected");
    expect(refused.length).toBe(100 - 32);
    expect(refused[0]!.reason.details.status).toBe(429);
    expect(await users.verify("ann", "ann's secret")).toBe(true);
  });
});

test("a certificate that is renewed is shown to the next who comes; one that is half written is not", async (context) => {
  const openssl = programOrSkip(context, "openssl");
  const { make } = certificates(openssl, directory);
  const [first, second] = [make("first"), make("second")];
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const write = (pair: Partial<typeof first>) => {
    if (pair.cert) writeFileSync(cert, pair.cert);
    if (pair.key) writeFileSync(key, pair.key);
  };
  write(first);
  const told: string[] = [];
  await using server = await startServer({ server: { tls: tlsFiles(cert, key, (text) => told.push(text)) } });
  const [host, port] = server.host.split(":");
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.on("error", reject);
    });
  expect(await shown()).toBe("first");
  write({ cert: second.cert });
  expect(await shown()).toBe("first");
  expect(told).toEqual([expect.stringMatching(/^cannot serve the certificate .*: key values mismatch; the ones before are served until/)]);
  write({ key: second.key });
  expect(await shown()).toBe("second");
  write({ cert: "rubbish" });
  expect([await shown(), await shown()]).toEqual(["second", "second"]);
  expect(told.slice(1)).toEqual([expect.stringContaining("the ones before are served until these are right")]);
  write(second);
  const status = await new Promise((resolve) => {
    request(`https://${server.host}/v2/`, { rejectUnauthorized: false }, (response) => resolve(response.resume().statusCode)).end();
  });
  expect(status).toBe(200);
});

test("files that are no certificate with its key are told of before anybody comes, and a certificate that is over is, too", (context) => {
  const openssl = programOrSkip(context, "openssl");
  const { make } = certificates(openssl, directory);
  for (const name of ["one", "other"]) make(name);
  const at = (name: string) => join(directory, name);
  const why = (cert: string, key: string, text: RegExp) => expect(() => tlsFiles(at(cert), at(key))).toThrow(text);
  why("one.pem", "other.key", /^cannot serve the certificate ".*one.pem" with the key ".*other.key": key values mismatch$/);
  why("one.pem", "one.pem", /^cannot serve the certificate/);
  why("none.pem", "one.key", /^cannot read the certificate ".*none.pem": ENOENT/);
  why("one.pem", "none.key", /^cannot read the key ".*none.key": ENOENT/);
  expect(() => readIdentity(at("none.pem"), at("one.pem"), at("one.key"))).toThrow(/^cannot read the certificate ".*none.pem"/);
  execFileSync(openssl, ["req", "-new", "-key", "one.key", "-subj", "/CN=one", "-out", "one.csr"], { cwd: directory });
  const over = ["x509", "-req", "-in", "one.csr", "-signkey", "one.key", "-days", "-1", "-out", "over.pem"];
  execFileSync(openssl, over, { cwd: directory, stdio: "ignore" });
  const told: string[] = [];
  const identity = tlsFiles(at("over.pem"), at("one.key"), (text) => told.push(text));
  expect([identity(), identity()].map(({ cert }) => cert)).toEqual(Array(2).fill(readFileSync(at("over.pem"), "utf8")));
  expect(told).toEqual([expect.stringMatching(/^clients will refuse the certificate ".*over.pem": it ended on /)]);
});
