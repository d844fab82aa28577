/** A journey through a project at a real terminal: up, its logs as one, an edit that is told before it is made true, down. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../support/engine.ts";

let home: TestEngine;
let directory: string;

const file = (mode: string, more = "") => `name: shop
services:
  web:
    image: busybox
    command: sh -c 'echo serving $$MODE; exec sleep 1000'
    environment: { MODE: ${mode} }
    stop_signal: SIGKILL
    depends_on:
      db: { condition: service_healthy }
      migrate: { condition: service_completed_successfully }
  migrate:
    image: busybox
    command: echo migrated
    depends_on: { db: { condition: service_healthy } }
  db:
    image: busybox
    command: sh -c 'echo storing; exec sleep 1000'
    stop_signal: SIGKILL
    healthcheck: { test: "true", interval: 200ms }
${more}`;

const write = (text: string) => writeFileSync(join(directory, "compose.yaml"), text);

beforeAll(async () => {
  home = openTestEngine();
  await importBusybox(home.engine);
  directory = mkdtempSync(join(tmpdir(), "berth-shop-"));
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

test("a project goes up, is looked at, changed and taken down", async () => {
  write(file("fast"));
  await using tui = new Driver(["--root", home.root], { columns: 120, rows: 40, cwd: directory });
  await tui.screen.waitFor("No containers yet.");
  await tui.press("6", /shop +down/);
  await tui.screen.waitFor(/db ─+ healthy|● web ─|· web ─|└─ · db/);
  await tui.press("u", /shop +3\/3 up +1 healthy/);
  await tui.screen.waitFor("$ berth compose up -d ✓");
  await tui.press("l", /^web-1 +\| serving fast$/m);
  const text = tui.screen.text();
  for (const line of [/^db-1 +\| storing$/m, /^migrate-1 +\| migrated$/m]) expect(text).toMatch(line);
  const row = tui.screen.lines().findIndex((line) => line.startsWith("web-1"));
  expect(tui.screen.styled(row)).toMatch(/^⟦f\d+⟧web-1/);
  await tui.press("q", /shop +3\/3 up/);
  await tui.press("\r", /✓ {2}migrate +done/);
  await tui.press("t", /completed ─+▶ ✓ migrate/);
  const more = "    labels: { tier: back }\n  extra: { image: busybox, command: sleep 1000, stop_signal: SIGKILL }\n";
  write(file("slow", more));
  await tui.press("q", /· {2}extra +no container/); // the file is watched
  await tui.press("c", /~ web-1 +recreate +environment MODE=fast → slow/);
  expect(tui.screen.text()).toMatch(/~ db-1 +recreate +labels \+tier=back/);
  expect(tui.screen.text()).toMatch(/\+ extra-1 +create/);
  await tui.press("q", /· {2}extra +no container/);
  await tui.press("u", 'Make "db-1" anew?'); // the service under the cursor
  await tui.press("n", (screen) => !screen.includes("anew?"));
  await tui.press("q", /shop +\d\/4 up/);
  await tui.press("u", /Make "db-1".*"web-1" anew\?/);
  await tui.press("y", /shop +4\/4 up/);
  await tui.screen.waitFor("$ berth compose up -d ✓");
  const containers = execFileSync(launcher, ["--root", home.root, "logs", "shop-web-1"], { encoding: "utf8" });
  expect(containers).toBe("serving slow\n");
  write(file("slow").replace("image: busybox\n    command: echo", "imag: busybox\n    command: echo"));
  await tui.screen.waitFor(/shop +error at 12:5/);
  await tui.press("f", /did you mean "image"/);
  write(file("slow", more));
  await tui.screen.waitFor((screen) => !screen.includes("did you mean"));
  await tui.press("q", /shop +4\/4 up/);
  await tui.press("d", 'Take project "shop" down?');
  await tui.press("yes", 'type "yes" and ⏎: yes');
  await tui.press("\r", /shop +down/);
  await tui.screen.waitFor("$ berth compose down ✓");
  tui.type("q");
  expect(await tui.exited).toBe(0);
});
