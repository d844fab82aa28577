/** The emulated terminal of a pane, fed with what programs write. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Pane } from "../../../views/panes/pane.ts";
import { eventually } from "../../support/eventually.ts";

let pane: Pane;
let drawings: number;

beforeEach(async () => {
  drawings = 0;
  pane = await Pane.open({ id: 1, title: "sh", line: "exec web sh", columns: 20, rows: 4, onChange: () => drawings++ });
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

test("a view that is scrolled back stays on its lines, and counts what comes", async () => {
  for (let line = 1; line <= 20; line++) await write(`line ${line}\r\n`);
  pane.scroll(10);
  const seen = rows();
  expect(seen).toEqual(["line 8", "line 9", "line 10", "line 11"]);
  expect(pane.fresh).toBe(0);
  await write("line 21\r\nline 22\r\n");
  expect(rows()).toEqual(seen);
  expect([pane.offset, pane.fresh]).toEqual([12, 2]);
  pane.scroll(-2);
  expect(rows()[0]).toBe("line 10");
  expect(pane.fresh).toBe(2);
  pane.scroll(-100);
  expect([pane.offset, pane.fresh, rows()[2]]).toEqual([0, 0, "line 22"]);
});

test("lines that are dropped take the view along to what is left", async () => {
  await write("old\r\n".repeat(5100));
  pane.scroll(Number.POSITIVE_INFINITY);
  await write("new\r\n".repeat(50));
  expect(rows()[0]).toBe("old");
  await write("new\r\n".repeat(5100));
  expect(rows()[0]).toBe("new");
  await write("\x1bc");
  expect(pane.offset).toBe(0);
});

test.each(["\x1bc", "\x1b[!p", "\x1b[?25h"])("the cursor that was hidden is back after %j", async (sequence) => {
  await write("\x1b[?25l\x1b[6 q");
  expect([pane.draw().cursor, pane.cursorShape]).toEqual([undefined, 6]);
  await write(sequence);
  pane.scroll(0);
  expect(pane.draw().cursor).toBeDefined();
  expect(pane.cursorShape).toBe(sequence.includes("25h") ? 6 : 0);
});
