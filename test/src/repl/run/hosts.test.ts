/** Sessions over several hosts: `use`, `on`, and `parallel` over them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import { Session } from "../../../../src/repl/session.ts";
import { type ApiClient, serveOver } from "../../../support/api-client.ts";
import { container, fakeEngine } from "../../../support/fake-engine.ts";

const config = mkdtempSync(join(tmpdir(), "berth-hosts-"));
const before = process.env["DOCKER_CONFIG"];
let one: ApiClient;
let two: ApiClient;

async function hostWith(name: string) {
  const host = fakeEngine();
  host.containers.push(container(name));
  return serveOver(host.engine);
}

beforeAll(async () => {
  process.env["DOCKER_CONFIG"] = config;
  [one, two] = [await hostWith("web1"), await hostWith("web2")];
});
afterAll(async () => {
  if (before === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = before;
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  rmSync(config, { recursive: true });
});

let here: ReturnType<typeof fakeEngine>;
beforeEach(() => {
  here = fakeEngine();
  here.containers.push(container("here"));
});

/** What a script prints, and its failure; $one and $two are the hosts' addresses. */
async function ran(source: string): Promise<{ text: string; error?: EngineError }> {
  const env = { one: `unix://${one.socket}`, two: `unix://${two.socket}` };
  const io = { streams: { stdout: new PassThrough(), stderr: new PassThrough() }, confirm: async () => false, cwd: "/", env };
  const session = new Session({ engine: here.engine, io, file: "script" });
  const printed: string[] = [];
  session.place.output = { put: (data) => void printed.push(Buffer.from(data).toString()) };
  try {
    await session.run(source, "script", () => new AbortController().signal);
    return { text: printed.join("") };
  } catch (error) {
    return { text: printed.join(""), error: error as EngineError };
  } finally {
    await session.close();
  }
}

const names = "ps --format '{{.Names}}'";

test("use: the commands that follow are for another host, until another is used", async () => {
  const { text, error } = await ran(`${names}\nuse $env.one\n${names}\nuse $env.two\n${names}\nuse default\n${names}\nuse local\n${names}`);
  expect(error).toBeUndefined();
  expect(text).toBe("here\nweb1\nweb2\nhere\nhere\n");
});

test("on: one statement, or a block, and then it is as before", async () => {
  const { text, error } = await ran(`on $env.one ${names}\non $env.two {\n  ${names}\n  on $env.one ${names}\n  use default\n}\n${names}`);
  expect(error).toBeUndefined();
  expect(text).toBe("web1\nweb2\nweb1\nhere\n");
});

test("parallel over hosts", async () => {
  const { text, error } = await ran(`parallel for host in $env.one $env.two local {\n  on $host ${names}\n}`);
  expect(error).toBeUndefined();
  expect(text.split("\n").filter(Boolean).sort()).toEqual(["here", "web1", "web2"]);
});

test("expectations and results are of the host", async () => {
  const script = "use $env.one\nexpect inspect web1 .State.Status == running\nexpect fails inspect web2";
  expect((await ran(script)).error).toBeUndefined();
});

test("a host that there is not is told at its place", async () => {
  expect((await ran("use nobody")).error).toMatchObject({
    code: "not-found",
    message: expect.stringContaining('context "nobody"'),
    location: { line: 1 },
  });
  expect((await ran("on unix:///no/such.sock ps")).error).toMatchObject({ code: "network", location: { line: 1 } });
  expect((await ran("use")).error).toMatchObject({ code: "syntax" });
  expect((await ran("on $env.one")).error).toMatchObject({ code: "syntax" });
});

test("what is wrong in a block is found before anything is done", async () => {
  expect(await ran(`${names}\non $env.one { pss }`)).toMatchObject({ text: "", error: { code: "usage" } });
});
