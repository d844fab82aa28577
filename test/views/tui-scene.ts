/** The TUI on a fake terminal over the fake engine, opened anew by each test of the file that imports this. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { TuiFlags } from "../../src/commands/command.ts";
import type { TuiHost } from "../../src/tui-hosts.ts";
import { runTui } from "../../views/app.tsx";
import { container, type FakeEngine, fakeEngine, image } from "../support/fake-engine.ts";
import { type Condition, type FakeTerminal, fakeTerminal } from "../support/screen.ts";

export let fake: FakeEngine;
export let terminal: FakeTerminal;
export let over: Promise<number>;
/** Which the UI knows of; none but the fake engine's. */
export const hosts: TuiHost[] = [];
let running = false;

export async function open(columns = 100, rows = 24, env: Record<string, string> = {}, cwd = "/", flags: TuiFlags = {}): Promise<void> {
  terminal = fakeTerminal(columns, rows);
  const loaded = Promise.withResolvers<void>();
  over = runTui({
    engine: fake.engine,
    hosts: async () => hosts,
    root: "/var/lib/berth",
    env,
    cwd,
    version: "1.2.3",
    flags,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    onLoaded: loaded.resolve,
  });
  running = true;
  void over.finally(() => (running = false)).catch(() => {});
  await Promise.race([loaded.promise, over]);
  await terminal.screen.parsed();
}

const homes: string[] = [];

/** Opens it with a configuration of the user's. */
export async function openWith(
  yaml: string,
  columns = 100,
  rows = 24,
  env: Record<string, string> = {},
  flags: TuiFlags = {},
  cwd = "/",
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "berth-settings-"));
  homes.push(home);
  mkdirSync(join(home, "berth"));
  writeFileSync(join(home, "berth", "config.yaml"), yaml);
  await open(columns, rows, { ...env, XDG_CONFIG_HOME: home }, cwd, flags);
}

export async function press(keys: string, condition: Condition): Promise<string> {
  terminal.type(keys);
  return terminal.screen.waitFor(condition);
}

/** Keys that are read alone; what follows does not wait for what they do. */
export async function typeAhead(keys: string): Promise<void> {
  terminal.type(keys);
  await new Promise((resolve) => setImmediate(resolve));
}

/** The row that the cursor is on. */
export const selected = () => terminal.screen.lines().find((_, row) => row > 2 && terminal.screen.styled(row).startsWith("⟦i⟧")) ?? "";
export const cursorOn = (name: string) => () => selected().includes(name);
export const absent = (text: string) => (screen: string) => !screen.includes(text);

beforeEach(() => {
  fake = fakeEngine();
  fake.containers.push(
    container("web", { Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: "tcp" }] }),
    container("db"),
    container("old", { State: "exited" }),
  );
  fake.images.push(image("busybox:latest"), image("python:3.9", 120_000_000));
});

afterEach(async () => {
  if (running) process.emit("SIGTERM");
  await over;
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});
