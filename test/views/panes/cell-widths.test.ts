/** A terminal's cells are those of src/format/cells.ts: no row loses its last one. */
import { spawnSync } from "node:child_process";
import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { cellWidth } from "../../../src/format/cells.ts";
import { rowText } from "../../../views/panes/ansi-row.ts";
import { loadCellWidths } from "../../../views/panes/cell-widths.ts";
import fc from "../../support/property.ts";

const program = `
  Buffer.from("\\0".repeat(100)); // the head of the pool
  const { loadCellWidths } = await import(process.argv[1]);
  const setWidths = await loadCellWidths();
  const { default: xterm } = await import("@xterm/headless");
  const terminal = new xterm.Terminal({ allowProposedApi: true, cols: 20, rows: 2 });
  setWidths(terminal);
  terminal.write("\\u{1F600}\\u{1F468}\\u200D\\u{1F469}e\\u0301|", () => {
    console.log(terminal.buffer.active.cursorX, Buffer.poolSize > 0);
  });
`;

test("an addon that is loaded late finds its own table", () => {
  const path = new URL("../../../views/panes/cell-widths.ts", import.meta.url).pathname;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program, path];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: "6 true\n", stderr: "" });
});

const setWidths = await loadCellWidths();

/** The rows of a terminal that got a text. */
async function rowsOf(text: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ allowProposedApi: true, cols: 24, rows: 6, scrollback: 0 });
  setWidths(terminal);
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const cell = terminal.buffer.active.getNullCell();
  return Array.from({ length: 6 }, (_, row) => rowText(terminal, row, cell));
}

test.each([
  ["a family, a flag, a keycap, a heart", "👨‍👩‍👧‍👦🇩🇪1️⃣❤️", 8],
  ["a skin, a pirate, a shrug", "👍🏽🏴‍☠️🤷🏾‍♀️", 6],
  ["emoji of later standards", "🫨🫩🫱🏻‍🫲🏿", 6],
  ["half-width kana with marks", "ｶﾞﾊﾟ", 4],
  ["Tamil", "தமிழ்", 4],
  ["Devanagari", "हिन्दी", 5],
  ["Thai", "กำก็", 3],
  ["Hangul, whole and in parts", "한글한", 6],
  ["marks that take no cell", "e\u0301a\u20dd", 2],
])("%s: as wide for the program as for the screen", async (_, text, width) => {
  expect(cellWidth(text)).toBe(width);
  const [row] = await rowsOf(`${text}|`);
  expect(row).toBe(`${text}|`.padEnd(row!.length));
  expect(cellWidth(row!)).toBe(24);
});

test("every row is as wide as the terminal, whatever was written", async () => {
  const pieces = fc.constantFrom(
    ...["a", " ", "한", "ᄀ", "ᅡ", "ᆨ", "漢", "ｶ", "ﾞ", "த", "ி", "्", "न", "ก", "ำ", "é", "e", "\u0301", "\u200d", "\ufe0f", "\ufe0e"],
    ...[
      "👩",
      "🏽",
      "❤",
      "☹",
      "1",
      "\u20e3",
      "🇩",
      "🇪",
      "🫨",
      "─",
      "\xad",
      "\u2028",
      "\u{e0067}",
      "\u{1f3f4}",
      "\r",
      "\n",
      "\x1b[3C",
      "\x1b[31m",
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 60 }), async (parts) => {
      for (const row of await rowsOf(parts.join(""))) expect(cellWidth(row.replaceAll(/\x1b\[[\d;]*m/g, ""))).toBe(24);
    }),
    { numRuns: 1000 },
  );
});
