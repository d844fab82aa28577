/** The emulated terminal of a pane, fed with what programs write. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { defaults, type PaneSettings } from "../../../views/config/settings.ts";
import { CarriedDoor } from "../../../views/panes/carried.ts";
import { Pane } from "../../../views/panes/pane.ts";
import { eventually } from "../../support/eventually.ts";

let pane: Pane;
let drawings: number;
/** What the program got. */
let got: string;
/** What reached the user's terminal. */
let outside: string[];

async function openPane(settings: Partial<PaneSettings> = {}): Promise<void> {
  pane = await Pane.open({
    id: 1,
    title: "sh",
    words: ["exec", "web", "sh"],
    columns: 20,
    rows: 4,
    settings: { ...defaults.panes, scrollback: 5000, ...settings },
    onChange: () => drawings++,
    outside: {
      bell: () => void outside.push("bell"),
      clipboard: (_pane, text) => void outside.push(`copied ${text}`),
      pasted: (_pane, text) => void outside.push(`pasted ${text}`),
      colour: (which, answer) => answer(`rgb:${which}`),
    },
  });
  got = "";
  pane.input.on("data", (bytes: Buffer) => (got += bytes.toString("latin1")));
  pane.setRaw(true);
}

beforeEach(async () => {
  drawings = 0;
  outside = [];
  await openPane();
});
afterEach(() => pane.dispose());

/** Resolves when it is parsed. */
const write = (text: string | Buffer) => new Promise<void>((resolve) => pane.output.write(Buffer.from(text as string), () => resolve()));
const rows = () => {
  pane.scroll(0); // what is drawn is remembered for a frame
  return pane.draw().rows.map((row) => row.trimEnd());
};

test("bytes that are no text are nobody's message", async () => {
  const { error, warn, log } = console;
  const said: unknown[] = [];
  console.error = console.warn = console.log = (...words: unknown[]) => void said.push(words);
  try {
    await write("a\x7fb\x1b[\x7f1m\x1b[<\x9b\x90\x1bP\x7f");
    for (let seed = 1, round = 0; round < 200; round++) {
      const bytes = Buffer.alloc(200);
      for (let at = 0; at < bytes.length; at++) bytes[at] = (seed = (seed * 48271) % 0x7fffffff) & 0xff;
      await write(bytes);
    }
  } finally {
    Object.assign(console, { error, warn, log });
  }
  expect(said).toEqual([]);
});

test("a frame that is never completed is shown after a moment, and at once when the size changes", async () => {
  await write("before");
  await eventually(() => expect(drawings).toBe(1));
  await write("\x1b[?2026h after");
  await eventually(() => expect(drawings).toBe(2));
  expect(pane.draw().rows[0]).toContain("before after");
  await write("\x1b[?2026hmore");
  pane.resize(30, 4);
  await write("!");
  await eventually(() => expect(pane.draw().rows[0]).toContain("before aftermore!"));
});

test("the echo of a key is drawn at once, a screen when it is whole, a flood from time to time", async () => {
  vi.useFakeTimers();
  try {
    await openPane();
    const drawnAfter = async (text: string, milliseconds: number) => {
      const before = drawings;
      pane.output.write(text);
      await vi.advanceTimersByTimeAsync(milliseconds);
      return drawings - before;
    };
    expect(await drawnAfter("x", 2)).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(await drawnAfter("a screen ".repeat(100), 10)).toBe(0);
    expect(await drawnAfter("and its end", 10)).toBe(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(await drawnAfter("a line of many\r\n".repeat(10_000), 90)).toBe(1);
    expect(await drawnAfter("a line of many\r\n".repeat(10_000), 90)).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await drawnAfter("x", 2)).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test("what comes in small pieces is taken up in large ones, and in order", async () => {
  const text = Array.from({ length: 3000 }, (_, line) => `line ${line}\r\n`).join("");
  const pieces = text.match(/[\s\S]{1,50}/g)!;
  expect(pieces.map((piece) => pane.output.write(piece)).every(Boolean)).toBe(true); // nobody is held up so soon
  await write("");
  expect(rows()).toEqual(["line 2997", "line 2998", "line 2999", ""]);
});

test("a view that is scrolled back stays on its lines, and counts what comes", async () => {
  for (let line = 1; line <= 20; line++) await write(`line ${line}\r\n`);
  pane.scroll(10);
  const seen = rows();
  expect(seen).toEqual(["line 8", "line 9", "line 10", "line 11"]);
  expect(pane.history.fresh).toBe(0);
  await write("line 21\r\nline 22\r\n");
  expect(rows()).toEqual(seen);
  expect([pane.history.offset, pane.history.fresh]).toEqual([12, 2]);
  pane.scroll(-2);
  expect(rows()[0]).toBe("line 10");
  expect(pane.history.fresh).toBe(2);
  pane.scroll(-100);
  expect([pane.history.offset, pane.history.fresh, rows()[2]]).toEqual([0, 0, "line 22"]);
});

test("lines that are dropped take the view along to what is left", async () => {
  await write("old\r\n".repeat(5100));
  pane.scroll(Number.POSITIVE_INFINITY);
  await write("new\r\n".repeat(50));
  expect(rows()[0]).toBe("old");
  await write("new\r\n".repeat(5100));
  expect(rows()[0]).toBe("new");
  await write("\x1bc");
  expect(pane.history.offset).toBe(0);
});

test.each(["\x1bc", "\x1b[!p", "\x1b[?25h"])("the cursor that was hidden is back after %j", async (sequence) => {
  await write("\x1b[?25l\x1b[6 q");
  expect([pane.draw().cursor, pane.cursorShape]).toEqual([undefined, 6]);
  await write(sequence);
  pane.scroll(0);
  expect(pane.draw().cursor).toBeDefined();
  expect(pane.cursorShape).toBe(sequence.includes("25h") ? 6 : 0);
});

test("what was dropped is counted; what the program clears is not", async () => {
  expect(pane.history.dropped).toBe(0);
  await write("line\r\n".repeat(5010));
  expect(pane.history.dropped).toBe(7);
  pane.history.limit(1000);
  expect(pane.history.dropped).toBe(4007);
  await write("\x1b[3J");
  expect(pane.history.dropped).toBe(0);
  await write(`${"line\r\n".repeat(1010)}`);
  expect(pane.history.dropped).toBeGreaterThan(0);
  await write("\x1bc");
  expect(pane.history.dropped).toBe(0);
  await write("line\r\n".repeat(1010));
  expect(pane.history.dropped).toBe(7);
});

test("the past is searched upwards and around, also where lines are wrapped; matches are marked cell by cell", async () => {
  for (let line = 1; line <= 30; line++) await write(`line ${line}\r\n`);
  await write("漢字 and a needle that is wrapped\r\n");
  for (let line = 31; line <= 60; line++) await write(`line ${line}\r\n`);
  pane.history.search(/needle that/u);
  expect(pane.history.find(-1)).toBe(true);
  expect(rows()).toContain("漢字 and a \x1b[0;7mneedle th\x1b[0m");
  expect(rows()).toContain("\x1b[0;7mat\x1b[0m is wrapped");
  pane.history.search(/line [0-9]$/u);
  for (const number of [9, 8, 7, 6, 5, 4, 3, 2, 1, 9]) {
    expect(pane.history.find(-1)).toBe(true);
    expect(rows()).toContain(`\x1b[0;7mline ${number}\x1b[0m`);
  }
  expect(pane.history.find(1)).toBe(true);
  expect(rows()).toContain("\x1b[0;7mline 1\x1b[0m");
  pane.history.search(/nowhere/u);
  expect(pane.history.find(-1)).toBe(false);
  pane.history.search(undefined);
  expect(rows().join("")).not.toContain("\x1b[0;7m");
});

test("marks are come back to", async () => {
  for (let line = 1; line <= 30; line++) await write(`line ${line}\r\n`);
  pane.scroll(10);
  expect([pane.history.mark(), rows()[0]]).toEqual([true, "line 18"]);
  pane.scroll(5);
  expect([pane.history.mark(), rows()[0]]).toEqual([true, "line 13"]);
  pane.scroll(-100);
  expect([pane.history.jump(-1), rows()[0]]).toEqual([true, "line 18"]);
  expect([pane.history.jump(-1), rows()[0]]).toEqual([true, "line 13"]);
  expect([pane.history.jump(-1), rows()[0]]).toEqual([true, "line 18"]);
  expect(pane.history.mark()).toBe(false);
  expect([pane.history.jump(1), rows()[0]]).toEqual([true, "line 13"]);
});

test("the text in sight has its wrapped lines joined", async () => {
  await write("a line that is longer than the screen\r\nsecond");
  expect(pane.history.text()).toBe("a line that is longer than the screen\nsecond");
});

test("every underline, its colour, blinking and overline are drawn", async () => {
  const drawn = () => new CarriedDoor().unpack(rows()[0]!);
  await write("\x1b[4ma\x1b[4:3;58:2::255:0:10mb\x1b[m\x1b[21;58;5;9mc\x1b[m\x1b[5md\x1b[m\x1b[53me\x1b[m");
  const curly = "\x1b[0m\x1b[4m\x1b[4:3m\x1b[58;2;255;0;10mb";
  expect(drawn()).toContain(`\x1b[0;4ma${curly}\x1b[0m\x1b[24;25m\x1b[4m\x1b[4:2m\x1b[58;5;9mc`);
  expect(drawn()).toMatch(/\x1b\[5md.*\x1b\[0;53me/);
});

test("links can be followed, but for those that mean something else here", async () => {
  await write("\x1b]8;;https://example.org\x1b\\good\x1b]8;;\x1b\\ \x1b]8;;file:///etc\x07bad\x1b]8;;\x07");
  const drawn = new CarriedDoor().unpack(rows()[0]!);
  expect(drawn).toContain("\x1b]8;id=berth1;https://example.org\x07good");
  expect(drawn).not.toContain("file:");
});

test("mouse events in the notation of the program", async () => {
  const move = { button: 32, x: 3, y: 1, press: true };
  pane.mouse(move);
  await write("\x1b[?1002h");
  pane.mouse(move);
  await write("\x1b[?1015h");
  pane.mouse(move);
  await write("\x1b[?1006h");
  pane.mouse(move);
  await write("\x1b[?1006l\x1b[?1002l");
  pane.mouse(move);
  await eventually(() => expect(got).toBe('\x1b[M@$"\x1b[64;4;2M\x1b[<32;4;2M'));
});

test("the clipboard is filled and never read", async () => {
  await write(`\x1b]52;c;${Buffer.from("héllo").toString("base64")}\x07\x1b]52;c;?\x07\x1b]52;c;\x07`);
  expect(outside).toEqual(["copied héllo"]);
  expect(got).toBe("");
});

test("titles, the bell, focus and questions about the terminal", async () => {
  await write("\x1b]2;vim README\x07\x07\x1b[?1004h");
  expect([pane.programTitle, ...outside]).toEqual(["vim README", "bell"]);
  pane.focus(true);
  pane.focus(false);
  await write("\x1b[18t\x1b[>q\x1b]11;?\x07\x1b[c");
  await eventually(() => expect(got).toMatch(/^\x1b\[I\x1b\[O\x1b\[8;4;20t\x1bP>\|berth\(.+\)\x1b\\\x1b\]11;rgb:11\x1b\\\x1b\[\?1;2c$/));
});

test("what is written again from a log rings, copies and answers nothing", async () => {
  const over = pane.recall();
  await write(`\x07\x1b]52;c;${Buffer.from("old").toString("base64")}\x07\x1b[>q\x1b]10;?\x07\x1b[18t`);
  over();
  await write("\x1b[5n");
  await eventually(() => expect(got).toBe("\x1b[0n"));
  expect(outside).toEqual([]);
});

test("each of them can be turned off", async () => {
  pane.dispose();
  await openPane({ clipboard: false, titles: false, links: false, focus: false, answers: false, mouse: false });
  await write(`\x1b]52;c;${Buffer.from("x").toString("base64")}\x07\x1b]2;title\x07\x1b[?1004h\x1b[?1003h\x1b[18t\x1b[>q\x1b]10;?\x07`);
  await write("\x1b]8;;https://example.org\x07link\x1b]8;;\x07\x1b[5n");
  pane.focus(true);
  pane.mouse({ button: 0, x: 0, y: 0, press: true });
  await eventually(() => expect(got).toBe("\x1b[0n"));
  expect([outside, pane.programTitle, pane.mouseTracking]).toEqual([[], "", "none"]);
  expect(rows()[0]).not.toContain("example.org");
});

test("several pasted lines wait for a yes where the program cannot tell them from keys, however they come", async () => {
  for (const piece of ["a\x1b[200~one\n", "two\x1b[201~b", "\x1b[200~alone\r\n\x1b[201~c"]) pane.type(Buffer.from(piece));
  await eventually(() => expect(got).toBe("abalone\r\nc"));
  expect(outside).toEqual(["pasted one\ntwo"]);
  pane.paste("one\ntwo");
  await eventually(() => expect(got).toBe("abalone\r\ncone\ntwo"));
});

test("a program that knows pastes gets them with their marks", async () => {
  await write("\x1b[?2004h");
  pane.type(Buffer.from("\x1b[200~one\ntwo\x1b[201~"));
  await eventually(() => expect(got).toBe("\x1b[200~one\ntwo\x1b[201~"));
  expect(outside).toEqual([]);
});

test("a selection of lines joins what was wrapped, one of a rectangle does not; both stay on their lines", async () => {
  await write("one\r\nabcdefghijklmnopqrstuvwxyz\r\nthree\r\n");
  const { selection } = pane.history;
  const top = pane.history.top;
  const line = 1;
  selection.begin(line, 0, false);
  selection.extend(line + 2, 3);
  expect(selection.text()).toBe("abcdefghijklmnopqrstuvwxyz\nthree");
  await write("more\r\nand more\r\n");
  expect(selection.text()).toBe("abcdefghijklmnopqrstuvwxyz\nthree");
  selection.toggleRectangle();
  expect(selection.text()).toBe("abcd\nuvwx\nthre");
  selection.turn();
  expect(selection.move(1, 2)).toBe(line + 1);
  expect(selection.text()).toBe("wx\nre");
  selection.clear();
  expect(selection.active).toBe(false);
  expect(pane.history.top).toBeGreaterThan(top);
});

test("lines that were dropped are selected no more", async () => {
  pane.history.limit(5);
  await write("first\r\n");
  pane.history.selection.begin(0, 0, false);
  expect(pane.history.selection.active).toBe(true);
  await write("x\r\n".repeat(50));
  expect(pane.history.selection.active).toBe(false);
  expect(pane.history.selection.text()).toBe("");
});
