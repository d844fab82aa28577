import { expect, test } from "vitest";
import type { Column } from "../../../src/commands/command.ts";
import { cellWidth, truncate } from "../../../src/format/cells.ts";
import { neutralise, neutraliseLine } from "../../../src/format/neutral.ts";
import { renderTemplateRows } from "../../../src/format/rows.ts";
import { renderTable } from "../../../src/format/table.ts";

interface Row {
  id: string;
  name: string;
}

const columns: Column<Row>[] = [
  { header: "CONTAINER ID", field: "ID", value: (row) => row.id },
  { header: "IMAGE", field: "Image", value: () => "x" },
  { header: "NAMES", field: "Names", value: (row) => row.name },
  { header: "STATE", field: "State", value: () => "running", hidden: true },
];
const rows: Row[] = [
  { id: "0123456789ab", name: "web" },
  { id: "ba9876543210", name: "database-with-a-long-name" },
];

test("columns are at least ten wide and three apart, the last is not padded", () => {
  expect(renderTable(columns, rows)).toBe(
    ["CONTAINER ID   IMAGE     NAMES", "0123456789ab   x         web", "ba9876543210   x         database-with-a-long-name", ""].join("\n"),
  );
});

test("without rows the headers stay; headless there is nothing", () => {
  expect(renderTable(columns, [])).toBe("CONTAINER ID   IMAGE     NAMES\n");
  expect(renderTable(columns, [], { headless: true })).toBe("");
});

test("wide characters take two columns, combining ones none", () => {
  expect(renderTable(columns, [{ id: "容器", name: "e\u0301" }])).toBe(
    "CONTAINER ID   IMAGE     NAMES\n容器           x         e\u0301\n",
  );
  expect([cellWidth("容器"), cellWidth("e\u0301"), cellWidth("🚢x")]).toEqual([4, 1, 3]);
  expect([truncate("abcdef", 4), truncate("容器容器", 5), truncate("abc", 3)]).toEqual(["abc…", "容器…", "abc"]);
});

test("what could drive the terminal is shown, not sent", () => {
  const hostile = { id: "\x1b[2J", name: "a\r\nb\x9b31m\u202e" };
  expect(renderTable(columns, [hostile], { headless: true })).toBe("\\x1b[2J   x         a\\r\\nb\\x9b31m\\u202e\n");
  expect(neutralise("two\nlines\tand\x07")).toBe("two\nlines\tand\\x07");
  expect(neutraliseLine("two\nlines")).toBe("two\\nlines");
});

test.each([
  ["{{.ID}}: {{.State}}", "0123456789ab: running\nba9876543210: running\n"],
  [
    "table {{.Names}}\t{{.State}}",
    "NAMES                       STATE\nweb                         running\ndatabase-with-a-long-name   running\n",
  ],
  [
    "table {{.Names}}\\t{{.ID}}",
    "NAMES                       CONTAINER ID\nweb                         0123456789ab\ndatabase-with-a-long-name   ba9876543210\n",
  ],
  ["table {{upper .Names}}", "NAMES\nWEB\nDATABASE-WITH-A-LONG-NAME\n"],
  ['{{.Tag "x"}}', "x of web\nx of database-with-a-long-name\n"],
  [
    'table {{.Names}}\t{{.Tag "x"}}',
    "NAMES                       x\nweb                         x of web\ndatabase-with-a-long-name   x of database-with-a-long-name\n",
  ],
])("--format %j", (format, text) => {
  const methods = { Tag: (row: Row, key?: string) => `${key} of ${row.name}` };
  expect(renderTemplateRows(format, columns as Column<unknown>[], rows, { methods: methods as never })).toBe(text);
});

test("--format json prints every field of a row on a line, sorted", () => {
  expect(renderTemplateRows("json", columns as Column<unknown>[], rows.slice(0, 1))).toBe(
    '{"ID":"0123456789ab","Image":"x","Names":"web","State":"running"}\n',
  );
  expect(JSON.parse(renderTemplateRows("{{json .}}", columns as Column<unknown>[], rows.slice(0, 1)))).toEqual({
    ID: "0123456789ab",
    Image: "x",
    Names: "web",
    State: "running",
  });
});

test("a template's own text cannot carry escape sequences of a container's name", () => {
  expect(renderTemplateRows("{{.Names}}", columns as Column<unknown>[], [{ id: "1", name: "\x1b]0;owned\x07" }])).toBe(
    "\\x1b]0;owned\\x07\n",
  );
});
