/** Scripts laid out: the same script, and the same again. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import { formatScript } from "../../../../src/repl/language/format-script.ts";
import { parse } from "../../../../src/repl/language/parse.ts";
import fc from "../../../support/property.ts";
import { home } from "../../../support/source-tree.ts";
import { nearScripts, scripts } from "./scripts.ts";

test("blocks are indented, texts of several lines stay, blank lines are one", () => {
  const source = `#!/usr/bin/env -S berth repl   
 if ps {
run x \\
--rm


# said
   } else if not ps { for x in a {
print "a
   b   " 
exec -i x cat <<END
  text   
END
}}


`;
  const wanted = `#!/usr/bin/env -S berth repl
if ps {
  run x \\
    --rm

  # said
} else if not ps { for x in a {
    print "a
   b   " 
    exec -i x cat <<END
  text   
END
  }}
`;
  const formatted = formatScript(source.replace("}}", "}\n}"), "script");
  expect(formatted).toBe(wanted.replace("  }}", "  }\n}"));
});

/** A script's statements without their places. */
const shape = (source: string) =>
  JSON.stringify(parse(source), (key, value) => (["start", "end", "offset", "inline"].includes(key) ? undefined : value));

test("what it says stays, and laying it out again changes nothing", () => {
  const pieces = [
    "if ps {",
    "}",
    "} else {",
    "print a",
    "print 'x  \n  y '",
    "\n",
    "  ",
    ";",
    "# c",
    "a\\ ",
    "\\\n",
    "cat <<E\n a \nE\n",
    "$x",
    "{",
    "\t",
    "\r\n",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 25 }), (chosen) => {
      const source = chosen.join(" ");
      let before: string;
      try {
        before = shape(source);
      } catch {
        return; // no script
      }
      const formatted = formatScript(source, "script");
      expect(shape(formatted)).toBe(before);
      expect(formatScript(formatted, "script")).toBe(formatted);
    }),
    { numRuns: 3000 },
  );
});

function keepsItsMeaning(source: string): void {
  const formatted = formatScript(source, "script");
  expect(shape(formatted)).toBe(shape(source));
  expect(formatScript(formatted, "script")).toBe(formatted);
}

test("so it is with all that the grammar makes", () => {
  fc.assert(fc.property(scripts, keepsItsMeaning), { numRuns: 300 });
});

test("what is nearly right is wrong at a place, or stays what it is", () => {
  fc.assert(
    fc.property(nearScripts, (source) => {
      try {
        parse(source, "script");
      } catch (error) {
        const { code, location } = error as EngineError;
        const line = source.split("\n")[location!.line - 1]!;
        expect([code, location!.column <= line.length + 1]).toEqual(["syntax", true]);
        return;
      }
      keepsItsMeaning(source);
    }),
    { numRuns: 500 },
  );
});

test("the examples are laid out so", () => {
  const folder = join(home, "examples/session");
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".berth"))) {
    const source = readFileSync(join(folder, name), "utf8");
    expect(formatScript(source, name), name).toBe(source);
  }
});
