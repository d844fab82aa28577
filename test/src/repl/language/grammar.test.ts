/** The grammar for editors knows what the language knows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { languageHelp } from "../../../../src/repl/language/description.ts";
import { filterNames } from "../../../../src/repl/language/filters.ts";
import { keywords } from "../../../../src/repl/language/statement.ts";
import { home } from "../../../support/source-tree.ts";

const grammar = JSON.parse(readFileSync(join(home, "docs/berth.tmLanguage.json"), "utf8"));

test("its keywords are the language's", () => {
  const pattern = new RegExp(grammar.repository.keyword.match);
  expect([...keywords, "catch"].filter((keyword) => !pattern.test(`${keyword} x`))).toEqual([]);
  expect(pattern.test("letter x")).toBe(false);
});

test("the reference tells of each, and of each filter", () => {
  const words = (name: string) => new RegExp(`(^|[ |'{])${name}( |$|'|\\|)`, "m");
  expect([...keywords, "catch", ...filterNames].filter((each) => !words(each).test(languageHelp))).toEqual([]);
  for (const each of ["http METHOD", "logs CONTAINER", "wait CONTAINER"]) expect(languageHelp).toContain(`\n  ${each}`);
});

test("what it includes is there, and its patterns are some", () => {
  const seen: string[] = [];
  JSON.stringify(grammar, (key, value) => {
    if (key === "include") seen.push(value.slice(1));
    if (["match", "begin"].includes(key)) expect(() => new RegExp(value)).not.toThrow();
    return value;
  });
  expect(seen.filter((name) => !(name in grammar.repository))).toEqual([]);
});
