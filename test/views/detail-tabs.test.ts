/** The details of a row: their pages, in a pane beside the list or with the screen to themselves, live. */
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { container } from "../support/fake-engine.ts";
import { cursorOn, fake, open, press, terminal } from "./tui-scene.ts";

/** What stands right of the list. */
const pane = () =>
  terminal.screen
    .lines()
    .map((line) => (line.includes(" │") ? line.slice(line.indexOf(" │") + 2) : ""))
    .join("\n");
const inPane = (pattern: RegExp) => () => pattern.test(pane());

test("containers: overview, log, charts, processes, environment, places, JSON; round and back", async () => {
  fake.log.push("a line of the log");
  fake.trees.set(`container ${fake.containers[0]!.Id}`, {
    "/etc": { Type: "directory", Size: 0, Mode: 0o755 },
    "/new": { Type: "file", Size: 5, Mode: 0o644, Change: "added" },
  });
  await open(140, 40);
  await terminal.screen.waitFor(inPane(/Overview Logs Stats Top Env Mounts Files Inspect/));
  await terminal.screen.waitFor(inPane(/State +running, pid 4242.*a line of the log/s));
  await press(">", inPane(/^(?:(?!State).)*a line of the log/s));
  await press(">", inPane(/PIDS +[▁▂▃▄▅▆▇█]+ \d+ +most \d+/));
  expect(pane()).toMatch(/CPU.*MEM.*IN .*OUT .*READ.*WRIT/s);
  await press(">", inPane(/PID.*CMD|COMMAND/s));
  await press(">", inPane(/Environment.*COLOUR/s));
  await press(">", inPane(/Networks|Ports|Mounts/));
  await press(">", inPane(/Unfolds.*size +name.*etc\/.*A +5B +new/s));
  await press(">", inPane(/"Path"/));
  await press(">", inPane(/State +running/));
  await press("<", inPane(/"Path"/));
  await press("j", (text) => cursorOn("db")() && inPane(/"Name": "\/db"/)() && text.length > 0);
});

test("the pane scrolls; what is chosen stays for the next row", async () => {
  await open(140, 24);
  await press("<", inPane(/"Id"/));
  await press("J", () => !inPane(/"Id"/)());
  await press("K", inPane(/"Id"/));
});

test("processes are read again while they are in sight, and not when they are not", async () => {
  const asked: number[] = [];
  const top = fake.engine.containers.top.bind(fake.engine.containers);
  fake.engine.containers.top = (ref) => {
    asked.push(1);
    return top(ref);
  };
  await open(140, 30);
  for (const _ of [1, 2, 3]) terminal.type(">");
  await eventually(() => expect(asked.length).toBeGreaterThan(1), 10_000);
  await press("2", "python:3.9");
  const before = asked.length;
  await press("1", inPane(/Top/));
  expect(asked.length).toBeLessThanOrEqual(before + 1);
});

test("on a narrow screen the pages have it for themselves, with the same keys", async () => {
  await open(80, 24);
  await press("\r", /container web {2}1\/\d+/);
  expect(terminal.screen.lines()[2]).toMatch(/^ Overview Logs Stats Top Env Mounts Files Inspect/);
  await press("<", /container web: Inspect.*"Path"/s);
  await press("<", /container web: Files/);
  await press("<", /container web: Mounts/);
  await press("<", /container web: Env.*COLOUR/s);
  await press("q", "5 Bui");
  await press("\r", /container web: Env/);
});

test("the titles of the pages are cut from the end on, so that all of them are there", async () => {
  await open(112, 30);
  await terminal.screen.waitFor(inPane(/ Overview Logs Stats Top Env Mou Fil Ins *$/m));
  await press("<", inPane(/ Overview Log Sta Top Env Mou Fil Inspect *$/m));
});

test("tables name their columns on all of the screen, too; long values are wrapped in the pane", async () => {
  const long = `/opt/${"x".repeat(30)}/bin:/usr/local/bin:/usr/bin`;
  const { containers } = fake.engine;
  const inspect = containers.inspect.bind(containers);
  containers.inspect = async (...of) => {
    const found = await inspect(...of);
    return { ...found, Config: { ...found.Config, Env: ["COLOUR=blue", `PATH=${long}`] } };
  };
  await open(120, 40);
  await press(">>>>", inPane(/Ins *\n Environment *\n.*\n COLOUR +blue/));
  expect(pane().replace(/\s+/g, "")).toContain(long);
  terminal.resize(80, 24);
  await press("\r", /container web: Env[\s\S]*Environment\n +name +value\n +COLOUR +blue/);
});

test("the overview's log has the rows that the facts leave", async () => {
  fake.log.push(...Array.from({ length: 60 }, (_, at) => `line ${at}`));
  await open(120, 60);
  await terminal.screen.waitFor(inPane(/State[\s\S]*line 30 *\n[\s\S]*line 59/));
});

test("log and charts have the screen for themselves, too", async () => {
  fake.log.push("the last words");
  await open(60, 20);
  await press("\r", /container web {2}1\/\d+/);
  await press(">", /container web: Logs.*the last words/s);
  await press(">", /container web: Stats.*CPU +▁ 12%/s);
  await press("q", "4 Net");
  await eventually(() => expect(fake.measuring).toBe(0));
});

test("images, volumes and networks say who uses them", async () => {
  fake.containers.push(container("user", { ImageID: fake.images[0]!.Id }));
  await open(140, 30);
  await press("2", inPane(/Overview Layers History Files Used by Security/));
  await press(">", inPane(/Lowest first/));
  await press(">", inPane(/Newest first/));
  await press(">", inPane(/No such image/));
  await press(">", inPane(/user .*Up 2 hours/));
  await press(">", inPane(/Checks +the fake engine has no layers/));
  await press("3", "No volumes");
});

/** The pages that have a golden, each with what must have come. */
const pages: [string, RegExp][] = [
  ["overview", /State +running.*nothing written yet/s],
  ["logs", /Ins(pect)? *\n Log \(l follows it\)\s+nothing written yet/],
  ["stats", /PIDS +█ 1/],
  ["top", /CMD/],
  ["env", /COLOUR/],
  ["mounts", /Networks/],
];

const sizes: [number, number][] = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 60],
];

test.each(sizes)("what matters of a container is not cut at %d columns and %d rows", async (columns, rows) => {
  const now = Date.now();
  fake.containers.length = 0;
  fake.containers.push(
    container("shop-web-1", {
      Status: "Up 2 hours (healthy)",
      Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: "tcp" }],
      Created: now / 1000 - 7200,
    }),
    container("shop-worker-1", { State: "exited", Status: "Exited (137) 3 minutes ago", Created: now / 1000 - 7200 }),
  );
  await open(columns, rows);
  await terminal.screen.waitFor(/shop-web-1 .*12% +4\.3M/);
  const text = terminal.screen.text();
  const [up, exited] = columns > 80 ? ["Up 2 hours", "3 minutes ago"] : ["Up 2h", "3m"]; // the image goes before words
  expect(text).toMatch(new RegExp(`shop-web-1 .*${up} \\(healthy\\).*8080→80`));
  expect(text).toMatch(new RegExp(`shop-worker-1 .*Exited \\(137\\) ${exited}`));
  for (const [page, content] of columns >= 110 ? pages : pages.slice(0, 1)) {
    if (columns >= 110) await terminal.screen.waitFor(inPane(content));
    const [, ...lines] = terminal.screen.text().split("\n");
    const shown = lines.map((line) => line.trimEnd()).join("\n");
    await expect(`${shown.replace(/\b0[0-9a-f]{11}\b/g, "x".repeat(12))}\n`).toMatchFileSnapshot(`screens/${page}-${columns}x${rows}.txt`);
    terminal.type(">");
  }
});
