/** Longer ways through the built binary at a real terminal: editors, many terminals, storms of sizes, forms. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver, launcher } from "../support/driver.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { chance, testSeed } from "../support/random.ts";

let home: TestEngine;

function berth(...words: string[]): string {
  return execFileSync(launcher, ["--root", home.root, ...words], { encoding: "utf8", cwd: "/" });
}

beforeAll(async () => {
  home = openTestEngine();
  await importBusybox(home.engine);
  berth("run", "-dit", "--name", "shell", "-e", "PS1=> ", "busybox:latest", "sh");
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

test("vi in a terminal writes a file, with keys that mean something elsewhere", async () => {
  await using tui = new Driver(["--root", home.root], { columns: 90, rows: 30 });
  await tui.screen.waitFor(/● {2}shell.*Up/);
  await tui.press("e", "1 exec shell sh");
  await tui.press("vi /tmp/note\r", /^~$/m);
  await tui.press("idd:q!? \x1b", /^dd:q!\?/m);
  await tui.press("oyes\x1b", /^yes/m);
  await tui.press(":wq\r", (text) => !/^~$/m.test(text));
  await tui.press("clear; wc -l </tmp/note\r", /^2$/m);
  await tui.press("exit\r", (text) => !text.includes("1 exec shell sh"));
  expect(berth("exec", "shell", "cat", "/tmp/note")).toBe("dd:q!? \nyes\n");
});

test("eight terminals live through a storm of sizes, and all of them type at once", async () => {
  await using tui = new Driver(["--root", home.root], { columns: 170, rows: 60 });
  await tui.screen.waitFor(/● {2}shell.*Up/);
  for (let count = 1; count <= 8; count++) {
    await tui.press("e", `${count} exec shell sh`);
    await tui.press(`echo rea''dy ${count}\r`, `ready ${count}`);
    await tui.press("\x02d", `w: ${count} terminal`);
  }
  await tui.press("w", "8 exec shell sh");
  const random = chance(testSeed);
  for (let turn = 0; turn < 40; turn++) tui.resize(20 + random.below(200), 5 + random.below(60));
  tui.resize(170, 60);
  await tui.screen.waitFor("8 exec shell sh");
  await tui.press("\x02b", "TYPING INTO ALL 8");
  await tui.press("clear; echo every''where\r", (text) => text.split("everywhere").length === 9);
  await tui.press("exit\r", /Ima(ges)? 1/);
  expect(berth("inspect", "-f", "{{.State.Running}}", "shell").trim()).toBe("true");
  tui.type("q");
  expect(await tui.exited).toBe(0);
});

test("a form runs what it shows; what is gone under open details is said to be", async () => {
  await using tui = new Driver(["--root", home.root], { columns: 120, rows: 36 });
  await tui.screen.waitFor(/● {2}shell.*Up/);
  await tui.press("2", /busybox:latest .*MB/);
  await tui.press("c", "$ berth run -it --rm busybox:latest");
  await tui.press("made", "--name made busybox:latest");
  await tui.press("\x1b[A", "‹ with a terminal, gone at its end ›");
  await tui.press("\x1b[D", "$ berth run -d --name made busybox:latest");
  for (let field = 0; field < 7; field++) tui.type("\x1b[B");
  await tui.press("\x1b[B", "Command");
  await tui.press("sleep 1000", "$ berth run -d --name made busybox:latest sleep 1000");
  await tui.press("\r", "✓");
  await eventually(() => expect(berth("ps", "--format", "{{.Names}} {{.Command}}")).toContain('made "sleep 1000"'));
  await tui.press("1", /● {2}made.*Up/);
  await tui.press("/made", "1 of 2");
  await tui.press("\r", /● {2}made/);
  await tui.press("\r", /container made/);
  berth("rm", "-f", "made");
  await tui.screen.waitFor(/container made.*removed/);
});

// As terminals paste that are asked for marks, as they are here; without them: test/views/storm.test.ts.
test("1,000 keys pasted into the program remove nothing, whatever is open", { timeout: 120_000 }, async () => {
  const before = berth("ps", "-aq", "--no-trunc") + berth("images", "-q") + berth("volume", "ls", "-q");
  const random = chance(testSeed);
  const keys = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter((key) => key !== ":");
  await using tui = new Driver(["--root", home.root], { columns: 100, rows: 30 });
  await tui.screen.waitFor(/● {2}shell.*Up/);
  for (const [key, shown] of [
    ["d", "Remove container"],
    ["!", "Send a signal"],
  ] as const) {
    await tui.press(key, shown);
    for (let count = 0; count < 500; ) {
      const text = `dy${Array.from({ length: 5 + random.below(40) }, () => random.pick([...keys, "\r"])).join("")}`;
      tui.type(`\x1b[200~${text}\x1b[201~`);
      count += text.length;
    }
    await tui.press("\x1b", (screen) => !screen.includes(shown));
  }
  await eventually(() => expect(tui.screen.text()).toMatch(/shell/));
  expect(berth("ps", "-aq", "--no-trunc") + berth("images", "-q") + berth("volume", "ls", "-q")).toBe(before);
  expect(berth("inspect", "-f", "{{.State.Running}}", "shell").trim()).toBe("true");
});
