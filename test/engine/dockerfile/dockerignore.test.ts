/** .dockerignore: reading it, and which paths it leaves out. */

import { describe, expect, it } from "vitest";
import { parseDockerignore } from "../../../engine/dockerfile/dockerignore.ts";
import { compilePattern } from "../../../engine/dockerfile/ignore-pattern.ts";
import { EngineError } from "../../../engine/errors.ts";
import fc from "../../support/property.ts";

/** [rules, ignored paths, kept paths] */
const table: [string, string[], string[]][] = [
  ["", [], ["a", "a/b"]],
  ["a", ["a", "a/b", "a/b/c"], ["b", "b/a", "ab"]],
  ["a/b", ["a/b", "a/b/c"], ["a", "b", "x/a/b"]],
  ["/a", ["a", "a/b"], ["b/a"]],
  ["a/", ["a", "a/b"], ["b"]],
  ["./a//b/../c", ["a/c"], ["a/b"]],
  ["  a  ", ["a"], ["b"]],
  ["*", ["a", "a/b", ".hidden"], []],
  ["*.txt", ["a.txt", ".txt"], ["a/b.txt", "a.txt2"]],
  ["*/*.txt", ["a/b.txt"], ["b.txt", "a/b/c.txt"]],
  ["a*", ["a", "ab", "ab/c"], ["ba"]],
  ["?", ["a", "é", "😀"], ["ab"]],
  ["a?c", ["abc"], ["ac", "a/c"]],
  ["**", ["a", "a/b"], []],
  ["**/a", ["a", "b/a", "b/c/a", "a/b"], ["ba", "b/ac"]],
  ["**/*.go", ["a.go", "b/a.go", "b/c/a.go"], ["a.gox"]],
  ["a/**", ["a/b", "a/b/c"], ["a", "b"]],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "x/a/b"]],
  ["**/a/**", ["a/b", "x/a/b"], ["a", "x/a"]],
  ["**.log", ["a.log", "x/a.log", ".log"], ["alog"]],
  ["a**", ["a", "ab", "a/b", "ab/c"], ["b/a"]],
  ["a**b", ["ab", "ax/b", "ax/y/b"], ["axb"]],
  ["[abc]", ["a", "c"], ["d", "ab"]],
  ["[a-c]x", ["bx"], ["dx"]],
  ["[^a]", ["b"], ["a"]],
  ["a\\*b", ["a*b"], ["axb"]],
  ["a\\?", ["a?"], ["ab"]],
  ["a.b+c(d)|e{f}$", ["a.b+c(d)|e{f}$"], ["axb+c(d)|e{f}$"]],
  ["a.b*", ["a.bc"], ["axbc"]],
  // comments
  ["# a\n#b\nc", ["c"], ["# a", "a", "#b"]],
  [" #a", ["#a"], ["a"]],
  ["\uFEFFa\r\nb\r\n", ["a", "b"], ["c"]],
  // exceptions, in order
  ["*\n!a", ["b", "b/a"], ["a", "a/b"]],
  ["!a\n*", ["a", "b"], []],
  ["*.md\n!README*.md\nREADME-secret.md", ["x.md", "README-secret.md"], ["README.md", "README-x.md"]],
  ["a\n!a/b\na/b/c", ["a", "a/x", "a/b/c"], ["a/b", "a/b/d"]],
  ["a\n! /a/b", ["a/x"], ["a/b"]],
  ["**/x\n!**/x/keep", ["x", "b/x", "b/x/y"], ["x/keep", "b/x/keep"]],
  ["*\n!**/*.ts", ["a.js", "src"], ["a.ts", "src/b.ts"]],
  // An exception for a directory is remembered for it, not asked again for its files.
  ["**/*.log\n!keep", ["a.log", "keep/a.log"], ["keep", "keep/a.txt"]],
  ["keep\n**/*.log\n!keep", ["a.log"], ["keep", "keep/a.txt", "keep/a.log"]],
];

describe(".dockerignore", () => {
  it.each(table)("%j", (rules, ignored, kept) => {
    const matcher = parseDockerignore(rules);
    expect([...ignored, ...kept].filter((path) => matcher.ignores(path))).toEqual(ignored);
  });

  it("never ignores the context itself", () => {
    expect(parseDockerignore("*\n.\n/").ignores(".")).toBe(false);
    expect(parseDockerignore("**").matches(".")).toBe(false);
  });

  it("tells whether there are exceptions", () => {
    expect(parseDockerignore("a\nb").exceptions).toBe(false);
    expect(parseDockerignore("a\n!a/b").exceptions).toBe(true);
  });

  it("asks every pattern anew for a single path", () => {
    const matcher = parseDockerignore("**/*.log\n!keep");
    expect(matcher.matches("keep/a.log")).toBe(false);
    expect(matcher.matches("/other/a.log")).toBe(true);
  });

  it.each([
    ["a\n!", 2, 'illegal exclusion pattern: "!"'],
    ["[", 1, 'syntax error in pattern "["'],
    ["ok\n\na[]b", 3, 'syntax error in pattern "a[]b"'],
    ["a\\", 1, 'syntax error in pattern "a\\\\"'],
  ])("rejects %j at line %i", (rules, line, message) => {
    const error = rejection(() => parseDockerignore(rules, { file: "app.dockerignore" }));
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: "dockerfile", message, location: { file: "app.dockerignore", line, source: rules } });
  });

  it("decides 50,000 paths of many directories in one pass", () => {
    const matcher = parseDockerignore("node_modules\n**/*.log\n.git\n!keep/*.log\ndist/**\n");
    let ignored = 0;
    for (let index = 0; index < 50_000; index++)
      if (matcher.ignores(`packages/p${index % 500}/node_modules/f${index}.${index % 2 ? "js" : "log"}`)) ignored++;
    expect(ignored).toBe(25_000);
  });
});

function rejection(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

const parts: Record<string, string> = { "*": "[^/]*", "?": "[^/]", ".": "\\." };

/** A pattern as the regular expression that defines it. */
function asExpression(pattern: string): RegExp {
  const suffixOnly = /^\*\*[^/*?[][^*?[]*$/.test(pattern);
  const expression = (suffixOnly ? pattern.slice(2) : pattern).replace(/\*\*\/?$|\*\*\/?|[*?.]/g, (found, at: number, whole: string) => {
    return parts[found] ?? (at + found.length === whole.length ? ".*" : "(.*/)?");
  });
  return new RegExp(`^${suffixOnly ? ".*" : ""}${expression}$`, "su");
}

it("matches what the pattern's regular expression matches", () => {
  // Not two wildcards in a row: what they mean then is the first table's matter.
  const wildcard = fc.constantFrom("*", "**", "**/", "?", "[ab]", "[^a]", "[a-b]");
  const literal = fc.stringMatching(/^[ab/.]{1,2}$/);
  const pattern = fc
    .array(fc.tuple(literal, wildcard), { maxLength: 3 })
    .chain((pairs) => fc.tuple(fc.option(wildcard, { nil: "" }), fc.constant(pairs.flat().join("")), literal));
  const path = fc.stringMatching(/^[ab/.]{0,8}$/);
  fc.assert(
    fc.property(pattern, path, ([first, middle, last], text) => {
      const whole = first + middle + last;
      expect([whole, text, compilePattern(whole)?.(text)]).toEqual([whole, text, asExpression(whole).test(text)]);
    }),
    { numRuns: 20_000 },
  );
});
