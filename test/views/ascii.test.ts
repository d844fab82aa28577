/** Everything that the UI draws has an ASCII sign of one cell. */
import { expect, test } from "vitest";
import { cellWidth } from "../../src/format/cells.ts";
import { asciiText } from "../../views/ascii.ts";
import { sourceFiles } from "../support/source-tree.ts";

test("there is a sign for each that is written in the UI's sources, of the same width", () => {
  const drawn = sourceFiles("views").filter(({ path }) => !["views/ascii.ts", "views/panes/cell-widths.ts"].includes(path));
  const signs = new Set(drawn.flatMap(({ code }) => code.match(/[^\0-\x7f]/gu) ?? []));
  expect(signs.size).toBeGreaterThan(20);
  for (const sign of signs) {
    if (sign === "⏎") continue; // it has a name
    expect(asciiText(sign), sign).toMatch(/^[ -~]$/);
    expect(cellWidth(asciiText(sign)), sign).toBe(cellWidth(sign));
  }
});

test("foreign text stays; a name for a key takes its cells from blanks that only fill", () => {
  expect(asciiText("│ évil 漢字 │")).toBe("| évil 漢字 |");
  expect(asciiText("│ ⏎: yes   n no         │")).toBe("| Enter: yes   n no     |");
  expect(asciiText("│ ⏎: yes │     │")).toBe("| Enter: yes | |");
  expect(asciiText("⏎ details i \x1b[1minspect\x1b[0m")).toBe("Enter details i \x1b[1mins\x1b[0m");
});
