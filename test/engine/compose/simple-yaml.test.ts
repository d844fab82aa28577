/** What the fast reader reads is what the whole parser reads, with the same places; what it cannot, it leaves. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isTree, placeIn } from "../../../engine/compose/source/places.ts";
import { readSimply } from "../../../engine/compose/source/simple-yaml.ts";
import { parseWhole } from "../../../engine/compose/source/whole-yaml.ts";
import fc from "../../support/property.ts";

/** Values with the offsets of their places. */
function placed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, placeIn(value, name)?.offset, placed(each)]);
  return isTree(value) ? { mapping: entries } : { list: entries };
}

/** Whether it is read fast; it must then be right. */
function isSimple(text: string): boolean {
  const value = readSimply({ name: "f", text });
  if (value === undefined) return false;
  const [document, ...more] = parseWhole({ name: "f", text });
  expect(more, text).toEqual([]);
  expect(placed(value), text).toEqual(placed(document!.value));
  return true;
}

const cases = new URL("../../testdata/compose/", import.meta.url).pathname;
const files = readdirSync(cases, { recursive: true, encoding: "utf8" }).filter((name) => /\.ya?ml$/.test(name));

test("the cases of the loader, most of them fast", () => {
  const simple = files.filter((name) => isSimple(readFileSync(join(cases, name), "utf8")));
  expect(simple.length).toBeGreaterThan(files.length * 0.9);
});

test.each([
  "a: 1\nb: two # comment\n\n# comment\nc:\n  - x\n  - y: 1\n    z: 2\n  - - p\n    - q\nd:\n- same\n- margin\ne:",
  "a: {b: [1, \"two\", 'th''ree'], c: {}, d: [], \"e\": ~}\n",
  "a: |\n  line\n    more\n\n  end\nb: |-\n  x\nc: 1",
  'a: "x: y # no" # yes\nb: http://x:80/#y\nc: - x\nd: 8080:80\ne: -x\n',
])("fast: %j", (text) => {
  expect(isSimple(text)).toBe(!text.includes("c: - x"));
});

test.each([
  ...[
    "",
    "# nothing",
    "- a",
    "a: &x 1",
    "a: *x",
    "a: !t 1",
    "<<: {a: 1}",
    "a: 1\na: 2",
    "80: x",
    "a: x\n  y",
    "a: [1,\n 2]",
    "a: 'x\n  y'",
  ],
  ...[
    "a: >\n  x\nb: 1",
    "a: |2\n   x\nb: 1",
    "a: |+\n  x\n\nb: 1",
    "a:\n\tb: 1",
    "---\na: 1",
    "a: 1\n---\nb: 1",
    "? a\n: b",
    'a: "\\n"',
    " a: 1",
  ],
  ...[
    "a: b: c",
    "a: {b}",
    "a: [b: c]",
    "a: [,]",
    "a: [1,]",
    "a: 'x' y",
    "a: @x",
    "a: %x",
    "a:\n b: 1\n  c: 2",
    "a:\n  - b\n - c",
    "a: 1\r\n",
    "a: é\u0085",
  ],
])("left to the parser: %j", (text) => {
  expect(readSimply({ name: "f", text })).toBeUndefined();
});

test("whatever it reads, it reads as the whole parser does", () => {
  const samples = files.map((name) => readFileSync(join(cases, name), "utf8"));
  const put = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom(
      "\n",
      " ",
      "  ",
      "\n  ",
      "- ",
      "-",
      ": ",
      ":",
      "#",
      " #",
      '"',
      "'",
      "[",
      "]",
      "{",
      "}",
      ", ",
      "|",
      "|-\n",
      "~",
      "null",
      "0x1",
      "x y",
      "\n\n",
      "\n- a\n",
    ),
  );
  const edit = fc.record({ at: fc.nat(5000), length: fc.nat(6), text: put });
  let read = 0;
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(edit, { maxLength: 3 }), (sample, edits) => {
      const text = edits.reduce((all, { at, length, text: more }) => {
        const from = at % (all.length + 1);
        return all.slice(0, from) + more + all.slice(from + length);
      }, sample);
      if (isSimple(text)) read++;
    }),
    { numRuns: 4000 },
  );
  expect(read).toBeGreaterThan(1000);
});
