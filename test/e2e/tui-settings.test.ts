/** The built binary with a configuration of the user's: what `berth config` says, and how `berth tui` begins. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../support/engine.ts";

let home: TestEngine;
let place: string;
let file: string;

function berth(words: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(launcher, ["--root", home.root, ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: place, XDG_CONFIG_HOME: place, ...env },
  });
  return { status, stdout, stderr };
}

beforeAll(async () => {
  home = openTestEngine();
  await importBusybox(home.engine);
  place = mkdtempSync(join(tmpdir(), "berth-config-"));
  mkdirSync(join(place, "berth"));
  file = join(place, "berth", "config.yaml");
});

afterAll(async () => {
  rmSync(place, { recursive: true });
  await home[Symbol.asyncDispose]();
});

test("berth config says what holds, and whose word it is", () => {
  writeFileSync(file, "theme: light\nkeys:\n  container.stop: ctrl-s\n");
  const { status, stdout } = berth(["config", "--view", "images"], { LANG: "C", BERTH_PREFIX: "^x" });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^SETTING +VALUE +ORIGIN\nfile +\S+config.yaml +environment XDG_CONFIG_HOME\n/);
  expect(stdout).toContain(`light`);
  expect(stdout).toMatch(new RegExp(`^theme +light +${file}:1:8$`, "m"));
  expect(stdout).toMatch(new RegExp(`^keys\\.container\\.stop +ctrl-s +${file}:3:19$`, "m"));
  expect(stdout).toMatch(/^prefix +ctrl-x +environment BERTH_PREFIX$/m);
  expect(stdout).toMatch(/^borders +ascii +environment LANG$/m);
  expect(stdout).toMatch(/^view +images +flag --view$/m);
  expect(stdout).toMatch(/^mouse +true +default$/m);
  expect(JSON.parse(berth(["config", "theme", "--format", "json"]).stdout)).toEqual({
    Setting: "theme",
    Value: "light",
    Origin: `${file}:1:8`,
  });
});

test("a mistake is told with its place, by berth config and before the screen is taken", async () => {
  writeFileSync(file, "theme: lihgt\n");
  const { status, stderr } = berth(["config"]);
  expect(status).not.toBe(0);
  expect(stderr).toContain(`${file}:1:8: invalid value for "theme": it is one of 16, dark, light, contrast, none`);
  expect(stderr).toContain('did you mean "light"?');
  expect(stderr).toContain("1 | theme: lihgt");
  await using tui = new Driver(["--root", home.root], { env: { XDG_CONFIG_HOME: place } });
  expect(await tui.exited).not.toBe(0);
  await tui.screen.waitFor('did you mean "light"?');
  expect(tui.screen.raw).not.toContain("\x1b[?1049h");
});

test("berth tui begins with the list, the filter and the order of its flags", async () => {
  writeFileSync(file, "lists:\n  containers: { filter: zzz }\n");
  for (const name of ["one", "two"]) expect(berth(["create", "--name", name, "busybox:latest", "true"]).status).toBe(0);
  const env = { XDG_CONFIG_HOME: place };
  {
    await using tui = new Driver(["--root", home.root, "tui", "--filter", "name:two", "--sort", "-name"], { env });
    const text = await tui.screen.waitFor("/name:two 1 of 2");
    expect(text).toContain("by name ↑");
    expect(text).not.toMatch(/○ {2}one/);
    tui.type("q");
    expect(await tui.exited).toBe(0);
  }
  await using tui = new Driver(["--root", home.root, "tui", "--view", "images"], { env });
  await tui.screen.waitFor("busybox:latest");
  await tui.press("1", "/zzz 0 of 2");
  expect(berth(["tui", "--view", "image"]).status).not.toBe(0);
});

test("what a test types leaves no trace in the history of who runs it, and that user's settings are not the test's", async () => {
  const words = ["-c", 'echo "state $XDG_STATE_HOME"; echo "config $XDG_CONFIG_HOME"; read wait'];
  let own = "";
  {
    await using shell = new Driver(words, { program: "/bin/sh" });
    const text = await shell.screen.waitFor(/^config /m);
    own = /^state (.*)\/state$/m.exec(text)?.[1] ?? "";
    expect(text).toContain(`config ${own}/config`);
    expect(own.startsWith(`${tmpdir()}/berth-user-`) && existsSync(own)).toBe(true);
  }
  expect(existsSync(own)).toBe(false);
});
