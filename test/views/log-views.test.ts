/** Logs in the TUI, read from their files: any size, both directions, filters, times, copies. */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { fake, open, press, terminal } from "./tui-scene.ts";

let directory: string;
let log: string;

const time = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().replace("Z", "000000Z");
const line = (second: number, text: string) => `${time(second)} stdout F ${text}\n`;
const levels = ["INFO", "WARN", "ERROR", "DEBUG"];

/** What was copied last. */
const copied = () => Buffer.from([...terminal.screen.raw.matchAll(/\x1b\]52;c;([\w+/=]*)\x07/g)].at(-1)?.[1] ?? "", "base64").toString();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "berth-logs-"));
  log = join(directory, "ctr.log");
  const inspect = fake.engine.containers.inspect.bind(fake.engine.containers);
  fake.engine.containers.inspect = async (ref) => ({ ...(await inspect(ref)), LogPath: log });
});
afterEach(() => rmSync(directory, { recursive: true }));

async function openLog(count: number, columns = 100, text = (number: number) => `${levels[number % 4]} request ${number}`): Promise<void> {
  writeFileSync(log, Array.from({ length: count }, (_, number) => line(number, text(number))).join(""));
  await open(columns, 24);
  terminal.type("l");
  await terminal.screen.waitFor(/logs of web/);
}

test("the whole file is there, from its end to its beginning and back, and what comes is followed", async () => {
  await openLog(100_000);
  await terminal.screen.waitFor(/request 99999/);
  await press("g", /^INFO request 0\nWARN request 1$/m);
  await press(" ", /request 19$/m);
  await press("G", /request 99999/);
  appendFileSync(log, line(100_000, "INFO fresh"));
  await terminal.screen.waitFor("INFO fresh");
  await press("k", (text) => !text.includes("following"));
});

test("a page without lines says why; one at the end has all of the log above", async () => {
  await openLog(0);
  await terminal.screen.waitFor(/logs of web {2}empty .*\nnothing written yet$/m);
  appendFileSync(log, line(0, "the first"));
  await terminal.screen.waitFor(/logs of web {2}100% of 50 B .*\nthe first$/m);
  await press("&nowhere\r", /^no line is let through: Esc ends the filter$/m);
  await press("y", "there is no line to copy");
  expect(copied()).toBe("");
  await press("\x1b", /^the first$/m);
  await press(">2020-01-01\r", /^nothing was written in that time$/m);
});

test("a row that the terminal takes for wider than it was measured moves no other", async () => {
  await openLog(3, 100, (number) => (number === 1 ? `${"°".repeat(60)}end` : `row ${number}`));
  await terminal.screen.waitFor(/^row 2$/m);
  const { unicode } = terminal.screen.terminal;
  const wcwidth = (codePoint: number) => (codePoint === 0xb0 ? 2 : 1);
  unicode.register({ version: "wide", wcwidth, charProperties: (codePoint) => wcwidth(codePoint) << 1 });
  unicode.activeVersion = "wide";
  await press("\x0c", /^°{49,}[^°]?\nrow 2$/m);
});

test("a search is a regular expression, in both directions and around the ends", async () => {
  await openLog(50_000);
  await terminal.screen.waitFor(/request 49999/);
  await press("/request 1?23$\r", /request 23$/m);
  await press("n", /request 123$/m);
  await press("n", /request 23$/m);
  await press("N", /request 123$/m);
  await press("/\x15no such [thing\r", '"no such [thing" is not in here');
});

test("a filter shows the lines with a pattern, or those without it, also of what comes", async () => {
  await openLog(20_000);
  await terminal.screen.waitFor(/request 19999/);
  const filtered = await press("&^error.*2$\r", /logs of web {2}\d+\/1000 .*&\^error/);
  expect(filtered.match(/^[A-Z]+ request.*$/gm)?.slice(-2)).toEqual(["ERROR request 19962", "ERROR request 19982"]);
  appendFileSync(log, line(30_000, "ERROR request 2") + line(30_001, "INFO other"));
  await terminal.screen.waitFor(/\/1001 .*\n(?:ERROR.*\n)+ERROR request 2$/m);
  await press("g", /^ERROR request 2\nERROR request 22$/m);
  await press("&\x15!request\r", /^INFO other$/m);
  await press("\x1b", /request 19999/);
});

test("times: going to one, only those since and until", async () => {
  await openLog(10_000);
  await terminal.screen.waitFor(/request 9999/);
  await press("@2026-01-01T01:00:00Z\r", /^\w+ request 3600\n\w+ request 3601$/m);
  await press("<2026-01-01T01:00:00Z\r", "since 2026-01-01T01:00:00Z");
  await press(">2026-01-01T01:00:05Z\r", /^\w+ request 3600\n(.*\n){4}\n/m);
  await press("@nonsense\r", 'invalid value for "time"');
});

test("selected lines are copied; what shows is saved", async () => {
  await openLog(30);
  await terminal.screen.waitFor(/request 29/);
  await press("v", "selecting");
  await press(
    "kk",
    () => terminal.screen.lines().filter((_, row) => row > 1 && terminal.screen.styled(row).startsWith("⟦i⟧")).length === 3,
  );
  await press("y", "copied 3 lines");
  expect(copied()).toBe("DEBUG request 27\nINFO request 28\nWARN request 29");
  await press("&WARN\r", /\/8 /);
  const file = join(directory, "saved.txt");
  await press("s", "save to file");
  await press("\x15", /save to file: $/m);
  await press(`${file}\r`, "8 lines saved");
  expect(readFileSync(file, "utf8")).toBe(Array.from({ length: 8 }, (_, at) => `WARN request ${4 * at + 1}\n`).join(""));
});

test("selecting begins with what was searched for, where it is in sight", async () => {
  await openLog(30);
  await terminal.screen.waitFor(/request 29/);
  const styled = () => terminal.screen.lines().map((_, row) => terminal.screen.styled(row));
  await press("/request 21\r", () => styled().some((line) => /⟦[^⟧]+⟧request 21⟦/.test(line)));
  await press("v", "selecting");
  await press("k", () => styled().filter((line, row) => row > 1 && line.startsWith("⟦i⟧")).length === 2);
  await press("y", "copied 2 lines");
  expect(copied()).toBe("INFO request 20\nWARN request 21");
});

test("levels have colours, what people want stands out, JSON is words", async () => {
  await openLog(3, 100, (number) =>
    number === 2 ? '{"level":50,"msg":"no such cart","status":404}' : `${levels[2 * number]} request ${number}`,
  );
  const row = (text: string) => terminal.screen.styled(terminal.screen.lines().findIndex((each) => each.includes(text)));
  await terminal.screen.waitFor(/request 1$/m);
  expect(row("request 0")).toBe("⟦f2⟧INFO⟦⟧ request 0");
  expect(row("request 1")).toBe("⟦bf1⟧ERROR⟦⟧ request 1");
  await press("h", "highlight:");
  await press("quest\r", () => row("request 0") === "⟦f2⟧INFO⟦⟧ re⟦f0⟧quest⟦⟧ 0");
  await press("J", /^ERROR no such cart {2}status=404$/m);
  await press("J", /JSON as columns: level, msg, status[\s\S]*^ERROR {2}no such cart {2}404$/m);
  await press("J", /^ERROR no such cart\n {4}status=404$/m);
  await press("J", /"status":404/);
});

test("which members of JSON lines are columns, and in which order, is chosen by a menu", async () => {
  await openLog(2, 100, (number) => `{"level":"info","msg":"item ${number}","status":20${number},"ms":${number}}`);
  await terminal.screen.waitFor(/"item 1"/);
  await press("F", /Columns of JSON lines[\s\S]*level +shown, 1\.[\s\S]*ms +shown, 4\./);
  await press("\r", /level +hidden/);
  await press("\x1b[A\x1b[A\x1b[A", /msg +shown, 1\./);
  await press("\x1b[C", /msg +shown, 2\./);
  await press("\x1b", /JSON as columns: status, msg, ms/);
  expect(terminal.screen.text()).toMatch(/^200 {2}item 0 {2}0\n201 {2}item 1 {2}1$/m);
  appendFileSync(log, line(9, '{"level":"warn","msg":"more","status":429,"ms":7}'));
  await terminal.screen.waitFor(/^429 {2}more {4}7$/m);
});

test("a removed container's log can still be read; a new life is announced", async () => {
  await openLog(3);
  await terminal.screen.waitFor(/request 2/);
  appendFileSync(log, line(100, "second life"));
  fake.containers[0] = { ...fake.containers[0]!, StartedAt: time(99) };
  fake.emit("container", "start");
  await terminal.screen.waitFor(/request 2\n— web was started again —\nsecond life/);
  fake.containers.shift();
  fake.emit("container", "destroy");
  await terminal.screen.waitFor("removed");
  rmSync(log);
  await press("g", /^INFO request 0/m);
});

test("what shows opens in the pager of the user, which has the terminal meanwhile", async () => {
  const seen = join(directory, "seen");
  writeFileSync(join(directory, "pager"), `#!/bin/sh\ncat "$1" >${seen}.new && mv ${seen}.new ${seen}\n`, { mode: 0o755 });
  writeFileSync(log, line(1, "only line"));
  await open(100, 24, { PAGER: join(directory, "pager") });
  await press("l", /only line/);
  terminal.type("o");
  await eventually(() => expect(existsSync(seen)).toBe(true));
  expect(readFileSync(seen, "utf8")).toBe("only line\n");
  await press("t", /2026-01-01T00:00:01.000Z only line/);
});

test("a key that was pressed twice gives the terminal away once", async () => {
  const seen = join(directory, "seen");
  writeFileSync(join(directory, "pager"), `#!/bin/sh\necho once >>${seen}\n`, { mode: 0o755 });
  writeFileSync(log, line(1, "only line"));
  await open(100, 24, { PAGER: join(directory, "pager") });
  await press("l", /only line/);
  terminal.type("oo");
  await eventually(() => expect(existsSync(seen)).toBe(true));
  await press("t", /2026-01-01T00:00:01.000Z only line/);
  expect(readFileSync(seen, "utf8")).toBe("once\n");
});

test("logs of several containers are one, in the order of their times, with their names", async () => {
  const logs = fake.engine.containers.logs.bind(fake.engine.containers);
  fake.engine.containers.logs = (ref, options) => {
    if (options?.follow) return logs(ref, options);
    const [first] = [...ref];
    const own = fake.containers.findIndex(({ Id }) => Id === ref);
    return (async function* () {
      yield [0, 2].map((second) => ({
        stream: "stdout" as const,
        time: time(second + own),
        data: Buffer.from(`${first ? "line" : ""} ${second + own}`),
      }));
    })();
  };
  await open(100, 24);
  await press("  ", "2 marked");
  await press("l", /web │ line 0\ndb {2}│ line 1\nweb │ line 2\ndb {2}│ line 3/);
});

test("logs of several containers on this machine are there whole, by their times, and follow each", async () => {
  const files = fake.containers.slice(0, 2).map(({ Id }) => ({ Id, path: join(directory, Id, "ctr.log") }));
  const inspect = fake.engine.containers.inspect.bind(fake.engine.containers);
  fake.engine.containers.inspect = async (ref) => ({ ...(await inspect(ref)), LogPath: files.find(({ Id }) => Id === ref)!.path });
  for (const [own, { path }] of files.entries()) {
    mkdirSync(dirname(path));
    writeFileSync(path, Array.from({ length: 10_000 }, (_, number) => line(2 * number + own, `line ${2 * number + own}`)).join(""));
  }
  await open(100, 24);
  await press("  ", "2 marked");
  await press("l", /logs of web, db {2}100% of .*\n[\s\S]*web │ line 19998\ndb {2}│ line 19999$/m);
  appendFileSync(files[0]!.path, line(30_000, "of its second life"));
  fake.containers[0] = { ...fake.containers[0]!, StartedAt: time(30_000) };
  fake.emit("container", "start");
  await terminal.screen.waitFor(/— web was started again —\nweb │ of its second life/);
  await press("g", /^web │ line 0\ndb {2}│ line 1\nweb │ line 2$/m);
  await press("@2026-01-01T01:00:00Z\r", /logs of web, db .*\nweb │ line 3600$/m);
  await press("&line 1?77$\r", /1\/2 .*\ndb {2}│ line 77\ndb {2}│ line 177$/m);
  for (const row of fake.containers.splice(0, 2)) fake.emit("container", "destroy", row.Id);
  await terminal.screen.waitFor((text) => /logs of web, db/.test(text) && !/running|following/.test(text.split("\n")[1]!));
});

const screenRow = (text: string) => terminal.screen.lines().findIndex((line) => line.startsWith(text)) + 1;
/** SGR reports: a button goes down, the mouse moves, the button is let go. */
const drag = (button: number, from: [x: number, y: number], to: [x: number, y: number]) =>
  `\x1b[<${button};${from.join(";")}M\x1b[<${button + 32};${to.join(";")}M\x1b[<${button};${to.join(";")}m`;

test("logs of several go on with each that is started again", async () => {
  const logs = fake.engine.containers.logs.bind(fake.engine.containers);
  let lives = 0;
  fake.engine.containers.logs = (ref, options) => {
    if (!options?.follow || ref !== fake.containers[0]!.Id) return logs(ref, options);
    lives++;
    const data = Buffer.from(`of life ${lives}`);
    return (async function* () {
      yield [{ stream: "stdout" as const, time: time(lives), data }];
      if (lives > 1) yield* logs(ref, options);
    })();
  };
  await open(100, 24);
  await press("  ", "2 marked");
  await press("l", /web │ of life 1/);
  fake.containers[0] = { ...fake.containers[0]!, StartedAt: time(60) };
  fake.emit("container", "start");
  await terminal.screen.waitFor(/web │ of life 1\nweb │ — web was started again —\nweb │ of life 2/);
});

test("a rectangle is selected with keys: its side, its other end, lines of any width", async () => {
  await openLog(100, 100, (number) => (number === 98 ? "ab" : `${number}:left ${"x".repeat(number)} right`));
  await terminal.screen.waitFor(/^99:left/m);
  await press("\x16", "selecting a rectangle");
  await press("kk", /^97:left/m);
  for (let column = 0; column < 6; column++) terminal.type("\x1b[C");
  await press("x", "selecting a rectangle");
  terminal.type("\x1b[C\x1b[C\x1b[C");
  await press("y", "copied 3 lines");
  expect(copied()).toBe("left\n\nleft");
  await press("\x16", "selecting a rectangle");
  await press("\x16", (text) => text.includes("selecting:") && !text.includes("rectangle"));
});

test("the mouse selects lines, and with Alt a rectangle; a click selects nothing", async () => {
  await openLog(10);
  await terminal.screen.waitFor(/request 9$/m);
  const [first, last] = [screenRow("DEBUG request 3"), screenRow("WARN request 5")];
  await press(`\x1b[<0;3;${first}M\x1b[<0;3;${first}m`, "logs of web");
  await press(drag(0, [3, first], [9, last]), "selecting: y copies");
  await press("y", "copied 3 lines");
  expect(copied()).toBe("DEBUG request 3\nINFO request 4\nWARN request 5");
  await press(drag(8, [15, first], [6, last]), "selecting a rectangle");
  terminal.type("y");
  const cut = ["DEBUG request 3", "INFO request 4", "WARN request 5"].map((text) => text.slice(5, 15).trimEnd());
  await eventually(() => expect(copied()).toBe(cut.join("\n")));
});
