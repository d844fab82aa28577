/** A journey over two hosts at a real terminal: the other one is used, looked into, goes away, and comes back. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";

let here: TestEngine;
let far: TestEngine;
let directory: string;
let server: ReturnType<typeof spawn>;

const socket = () => join(directory, "far.sock");

/** The other host: this machine's second engine, reached through its API. */
async function serve(): Promise<void> {
  server = spawn(launcher, ["--root", far.root, "serve", `unix://${socket()}`], { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise<void>((resolve) => server.stderr!.once("data", () => resolve()));
}

async function crash(): Promise<void> {
  const over = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await over;
}

beforeAll(async () => {
  [here, far] = [openTestEngine(), openTestEngine()];
  await importBusybox(here.engine);
  await importBusybox(far.engine);
  directory = mkdtempSync(join(tmpdir(), "berth-hosts-"));
  await serve();
});

afterAll(async () => {
  await crash();
  await here[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

test("a host is used, looked into, goes away and comes back", async () => {
  const env = { DOCKER_CONFIG: directory };
  const berth = (...words: string[]) => execFileSync(launcher, words, { encoding: "utf8", env: { ...process.env, ...env } });
  berth("context", "create", "build", "--docker", `host=unix://${socket()}`);
  berth("--root", far.root, "run", "-d", "--name", "api", "busybox", "sh", "-c", "echo from afar; exec sleep 1000");
  berth("--root", here.root, "run", "-d", "--name", "near", "busybox", "sleep", "1000");
  await using tui = new Driver(["--root", here.root], { columns: 140, rows: 30, env });
  await tui.screen.waitFor(/● {2}near/);
  await tui.press("7", /● {2}build .*berth \S+ +1\/1 .*connected/);
  await tui.press("j\r", /● {2}build .*in use/);
  await tui.press("1", /● {2}api/);
  expect(tui.screen.text()).not.toContain("near");
  await tui.press("l", /logs of api[\s\S]*^from afar/m);
  await tui.press("q", / s stop a attach/);
  await tui.press("e", "1 exec api sh");
  await tui.press("echo in''side $HOSTNAME\r", /^inside [0-9a-f]{12}/m);
  await tui.press("exit\r", /● {2}api/);
  await crash();
  await tui.screen.waitFor(/berth \S+ {2}build {2}✗ /);
  berth("--root", far.root, "rm", "-f", "api");
  berth("--root", far.root, "run", "-d", "--name", "later", "busybox", "sleep", "1000");
  await serve();
  await tui.screen.waitFor(/● {2}later/);
  await eventually(() => expect(tui.screen.lines()[0]).not.toContain("✗"));
  await tui.press("M", /● {2}near +local/);
  expect(tui.screen.text()).toMatch(/● {2}later +build/);
  await tui.press("/near\r", (screen) => !screen.includes("later"));
  await tui.press("X", 'Kill "near"?');
  await tui.press("y", "$ berth -H local kill near ✓");
  tui.type("q");
  expect(await tui.exited).toBe(0);
});
