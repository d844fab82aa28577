/** The builds page: rows as builds begin and end elsewhere, their steps, what those wrote. */
import { expect, test } from "vitest";
import { build, makeBuilds, running, says } from "./build-scene.ts";
import { absent, cursorOn, fake, open, press, terminal } from "./tui-scene.ts";

const inPane = (pattern: RegExp) => (text: string) =>
  pattern.test(
    text
      .split("\n")
      .map((line) => line.slice(line.indexOf(" │") + 2))
      .join("\n"),
  );

test("a build of another process is a row when it begins, and says how it ended", async () => {
  await open(140, 30);
  await press("5", "No builds yet.");
  fake.builds.push(build("elsewhere", { Status: "running" }));
  fake.signals.emit("build");
  await terminal.screen.waitFor(/⟳ +elsewhere +running/);
  Object.assign(running(), { Status: "completed" });
  fake.signals.emit("build");
  await terminal.screen.waitFor(/✓ +elsewhere +completed/);
});

test("the steps of what runs: times, the cache, what the running one says, and it goes on by itself", async () => {
  makeBuilds();
  await open(140, 40);
  await press("5", /⟳ +shop-web +running/);
  await press(">", inPane(/✓ deps +3 steps, 2 cached\n +✓ 1\/3 FROM node:22 +cached\n.*\n +✓ 3\/3 RUN npm ci +1\.5s/));
  expect(terminal.screen.text()).toMatch(/⟳ build ← deps +1 step/);
  expect(terminal.screen.text()).toMatch(/⟳ 1\/1 RUN npm run build +\d+\.\ds[^\n]*\n.*▏ webpack 61 %/);
  expect(terminal.screen.text()).toMatch(/○ final ← build +waits/);
  running().Vertices[4]!.LastLine = "webpack 99 %";
  fake.signals.emit("build");
  await terminal.screen.waitFor("webpack 99 %");
});

test("why a step failed, the facts of the build, the end of its log, all as JSON", async () => {
  makeBuilds();
  await open(140, 40);
  await press("5", /⟳ +shop-web/);
  await press("j", cursorOn("shop-worker"));
  await terminal.screen.waitFor(inPane(/Target +worker.*API_TOKEN +\*{5}.*line 3: Stage name.*exit code: 2/s));
  await press(">", inPane(/✗ worker.*✗ 2\/2 RUN make.*▏ exit code: 2/s));
  await press(">", inPane(/cc main\.c.*Error 2/s));
  await press(">", inPane(/"Status": "failed"/));
  await press("j", cursorOn("shop-db"));
  expect(terminal.screen.text()).toMatch(/■ +shop-db +interrupted/);
});

test("l chooses the step, begins on what runs, and follows it", async () => {
  makeBuilds();
  await open(100, 30);
  await press("5", /shop-web/);
  await press("l", /Log of a step of shop-web[\s\S]*#5 .*build 1\/1 RUN npm run build/);
  await press("\r", /logs of build shop-web #5[\s\S]*webpack 61 %/);
  says("5", "webpack 100 %\n");
  await terminal.screen.waitFor("webpack 100 %");
  await press("/web\r", /\/web/);
  await press("q", /shop-worker/);
});

test("all steps at once are as the command shows them", async () => {
  makeBuilds();
  await open(100, 30);
  await press("5", /shop-web/);
  await press("j", cursorOn("shop-worker"));
  await press("l", /Log of a step of shop-worker/);
  await press("all", "/all");
  await press("\r", /#1 \[worker 2\/2\] RUN make[\s\S]*WARN unused[\s\S]*#1 ERROR: exit code: 2/);
  await press("q", "shop-web");
});

test("one that is over is forgotten after a question, one that runs is not", async () => {
  makeBuilds();
  await open(100, 30);
  await press("5", /shop-web/);
  await press("d", '"shop-web" still runs');
  await press("j", cursorOn("shop-worker"));
  await press("d", 'Forget build "shop-worker"?');
  await press("y", absent("shop-worker "));
  expect(fake.builds.map(({ Name }) => Name)).toEqual(["shop-db", "shop-web"]);
});

test("where a host keeps nothing of builds, the row is left and the keys say so", async () => {
  makeBuilds();
  for (const verb of ["inspect", "replay", "forget"] as const) fake.cannot[`builder.${verb}`] = "that host keeps nothing";
  await open(140, 30);
  await press("5", inPane(/Name +shop-web.*Steps/s));
  await press("l", "that host keeps nothing");
});
