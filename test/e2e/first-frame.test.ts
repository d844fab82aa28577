/** The terminal UI's first frame, kept by one start and shown by the next before its program is loaded. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";

let work: string;
let config: string;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "berth-frame-"));
  mkdirSync(join(work, "config/berth"), { recursive: true });
  config = join(work, "config/berth/config.yaml");
  execFileSync("mkfifo", [config]);
});
afterEach(() => rmSync(work, { recursive: true }));

/** From a shell that says what is left of its terminal; the configuration is a FIFO, which holds the program until `configure`. */
function start(then = 'echo "status $?"; stty -g >"$WORK/is"; echo over', columns = 100): Driver {
  utimesSync(config, 1, 1);
  const env = { BERTH: launcher, WORK: work, XDG_CONFIG_HOME: join(work, "config"), XDG_CACHE_HOME: join(work, "cache") };
  const script = `echo before; stty -g >"$WORK/was"; "$BERTH" --root "$WORK/root" 2>"$WORK/errors"; ${then}`;
  return new Driver(["-c", script], { program: "/bin/sh", env, columns });
}

const configure = (text = "\n") => writeFile(config, text);

/** The screen of the shell, as the program found it, and the terminal's modes. */
async function expectBack(driver: Driver, status: number): Promise<void> {
  const screen = await driver.screen.waitFor(/^over$/m);
  expect(screen.split("\n")[0]).toBe("before");
  expect(screen).toContain(`status ${status}`);
  expect(driver.screen.alternate).toBe(false);
  expect(readFileSync(join(work, "is"), "utf8")).toBe(readFileSync(join(work, "was"), "utf8"));
  expect(await driver.exited).toBe(0);
}

async function keepOne(): Promise<void> {
  await using driver = start();
  await driver.screen.waitFor("before");
  await configure();
  await driver.screen.waitFor("No containers yet.");
  driver.type("q");
  await expectBack(driver, 0);
}

test("it stands before the program is there, which goes on from it with the keys that were typed meanwhile", async () => {
  await keepOne();
  await using driver = start();
  const screen = await driver.screen.waitFor(/loading …(.*\n)+.* q quit/);
  expect(screen).toContain("1 Containers");
  expect(driver.screen.alternate).toBe(true);
  driver.type("4");
  await configure();
  await driver.screen.waitFor(/bridge .*\n(.*\n)*.*host /);
  expect(driver.screen.raw.match(/\x1b\[\?1049h/g)).toHaveLength(1);
  expect(driver.screen.raw.match(/loading â/g)).toHaveLength(2);
  driver.type("q");
  await expectBack(driver, 0);
});

test("of another size there is none", async () => {
  await keepOne();
  await using driver = start(undefined, 90);
  await configure();
  await driver.screen.waitFor("No containers yet.");
  expect(driver.screen.raw.match(/loading â/g)).toHaveLength(1); // "…" in latin1
  driver.type("q");
  await expectBack(driver, 0);
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s before the program is there gives the terminal back", async (signal) => {
  await keepOne();
  await using driver = start();
  await driver.screen.waitFor("loading …");
  const [child = ""] = readFileSync(`/proc/${driver.pid}/task/${driver.pid}/children`, "utf8").trim().split(" ");
  process.kill(Number(child), signal);
  await expectBack(driver, { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
});

test("what keeps the program from coming up is said on the screen as it was", async () => {
  await keepOne();
  await using driver = start();
  await driver.screen.waitFor("loading …");
  await configure("them: dark\n");
  await expectBack(driver, 1);
  expect(readFileSync(join(work, "errors"), "utf8")).toContain('there is no setting "them"');
});

test("a terminal that goes away before the program is there ends it without a word", async () => {
  await keepOne();
  await using driver = start("exit $?");
  await driver.screen.waitFor("loading …");
  driver.hangUp();
  expect([129, 1]).toContain(await driver.exited); // node-pty says 1 of a SIGHUP
  expect(readFileSync(join(work, "errors"), "utf8")).toBe("");
});
