/** `berth demo` for real: an image from scratch, three containers, again and again, and gone. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Engine } from "../../../../engine/index.ts";
import { execute } from "../../../../src/commands/execute.ts";
import type { Demo } from "../../../../src/commands/system/demo.ts";
import { finish, openTestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { freePort, takenPort } from "../../../support/ports.ts";

async function demo(engine: Engine, ...flags: string[]): Promise<Demo> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const io = { streams, confirm: async () => false, cwd: "/", env: {} };
  const { result } = await finish(execute({ engine, io, signal: new AbortController().signal }, ["demo", ...flags]));
  return result as Demo;
}

const actions = ({ Containers }: Demo) => Object.fromEntries(Containers.map(({ Name, Action }) => [Name, Action]));
const all = (Action: string) => ({ "demo-web": Action, "demo-ticker": Action, "demo-shell": Action });

test("builds, starts, brings back what was stopped or removed, and cleans up", async () => {
  await using opened = openTestEngine();
  const { engine } = opened;
  const port = await freePort();

  const first = await demo(engine, "--port", String(port));
  expect(actions(first)).toEqual(all("created"));
  expect(first.URL).toBe(`http://127.0.0.1:${port}`);
  const page = await eventually(async () => (await fetch(first.URL!, { headers: { connection: "close" } })).text());
  expect(page).toContain("<h1>Hello from berth</h1>");

  expect(actions(await demo(engine, "--port", String(port)))).toEqual(all("running"));

  await engine.containers.stop("demo-web", { timeout: 0 });
  await engine.containers.remove("demo-shell", { force: true });
  const third = await demo(engine, "--port", String(port));
  expect(actions(third)).toEqual({ "demo-web": "started", "demo-ticker": "running", "demo-shell": "created" });
  expect(third.Image).toBe(first.Image);

  const gone = await demo(engine, "--remove");
  expect(gone.Removed.sort()).toEqual(["berth-demo", "demo-shell", "demo-ticker", "demo-web"]);
  expect(await engine.containers.list({ all: true })).toEqual([]);
  expect(await engine.images.list()).toEqual([]);
  expect((await demo(engine, "--remove")).Removed).toEqual([]);
});

test("takes the next port when the first is in use", async () => {
  await using opened = openTestEngine();
  await using taken = await takenPort();
  const { URL: url } = await demo(opened.engine, "--port", String(taken.port));
  expect(Number(new URL(url!).port)).toBeGreaterThan(taken.port);
  expect((await opened.engine.containers.list({ all: true })).map(({ State }) => State)).toEqual(["running", "running", "running"]);
});

test("leaves somebody else's container of the same name alone", async () => {
  await using opened = openTestEngine();
  const { engine } = opened;
  const port = await freePort();
  await demo(engine, "--port", String(port));
  await engine.containers.remove("demo-shell", { force: true });
  const { Id } = await finish(engine.containers.create({ Name: "demo-shell", Image: "berth-demo", Cmd: ["sh"] }));
  await expect(demo(engine, "--port", String(port))).rejects.toMatchObject({
    code: "conflict",
    hint: expect.stringContaining("berth rename demo-shell"),
  });
  await expect(demo(engine, "--remove")).rejects.toMatchObject({ code: "conflict" });
  expect((await engine.containers.inspect(Id)).Name).toBe("/demo-shell");
});
