/** Functions of the language, run: what they return, bind and print, and how they fail and end. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { here, printed, ran } from "./evaluation.ts";

describe("functions", () => {
  test("return values, have names of their own, and see the script's", async () => {
    const source = `
      let global := g
      func double(n) { let global := mine; return $((n * 2)) }
      func show(what) { print "$what of $global" }
      func rows() { return (images) }
      func early(n) { for i in 1..5 { if $i == $n { return "at $i" } }; return never }
      let four = double 2
      show $four
      for r in (rows) { print "\${r.RepoTags[0]}" }
      let e = early 3
      print $e
      expect double 3 == 6
      if double 4 == 8 { print eight }
      show x | tr a-z A-Z
    `;
    expect(await printed(source, { env: { PATH: process.env["PATH"]! } })).toBe("4 of g\nbusybox:latest\nat 3\neight\nX OF G\n");
  });

  test("failures say the way in", async () => {
    const outcome = await ran("func inner(x) {\n  rm $x\n}\nfunc outer() {\n  inner nosuch\n}\nprint a\nouter");
    expect(outcome.text).toBe("a\n");
    expect(outcome.error).toMatchObject({
      code: "not-found",
      location: {
        line: 2,
        column: 6,
        through: [
          { line: 5, column: 3, into: "func inner" },
          { line: 8, column: 1, into: "func outer" },
        ],
      },
    });
  });

  test("that call themselves for ever end with an error", async () => {
    const outcome = await ran("func f(n) { f $((n + 1)) }\nf 0");
    expect(outcome.error).toMatchObject({
      code: "invalid",
      message: "cannot call f: 100 calls are in each other already",
      location: { line: 1, column: 13 },
    });
  });

  test.each([
    ..."f;let x = f;let x = f | count;f | cat;for x in (f) { print $x };parallel for x in (f) { print $x }".split(";"),
    ...["if f == 1 { print yes } else { print no }", "while not f == 1 { }", "expect 100s f == 1", "assert f == 1", "source calls.berth"],
  ])("exit within a function ends the script that calls it: %s", async (call) => {
    const source = `func f() { try { retry 2 { exit 7 } } catch { print caught }; print never }
      defer { parallel { print cleaned } }
      if images | count == 1 { ${call}; print within }
      print after`;
    writeFileSync(join(here, "calls.berth"), "f\nprint sourced");
    expect(await printed(source, { env: { PATH: process.env["PATH"]! } })).toBe("cleaned\n");
  });

  test("a program gets what a function prints byte for byte, else a line of what it returns", async () => {
    const source = `func bytes() { ! printf 'a\\377' }
      func lines() { print; print }
      func value() { return "b" }
      func none() { }
      bytes | od -An -tx1
      lines | wc -l
      value | od -An -tx1
      none | wc -c`;
    expect(await printed(source, { env: { PATH: process.env["PATH"]! } })).toBe(" 61 ff\n2\n 62 0a\n0\n");
  });
});
