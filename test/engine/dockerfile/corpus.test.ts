/**
 * The parser and the lexer against BuildKit's own cases, read from a checkout of them where there is one:
 * BERTH_DOCKERFILE_CORPUS, a directory with testfiles/, testfiles-negative/, envVarTest and wordsTest (in BuildKit's
 * sources below frontend/dockerfile: parser/ and shell/). They are not part of this repository, so without it these tests
 * do not run and say so.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { readDirectives } from "../../../engine/dockerfile/directives.ts";
import { expand } from "../../../engine/dockerfile/expand.ts";
import { parseDockerfile } from "../../../engine/dockerfile/index.ts";
import { findInstruction } from "../../../engine/dockerfile/instructions/table.ts";
import { readLines } from "../../../engine/dockerfile/lines.ts";
import { readSource } from "../../../engine/dockerfile/source.ts";
import { parseStatement, type Statement, type StatementContext } from "../../../engine/dockerfile/statement.ts";
import { EngineError } from "../../../engine/errors.ts";

const corpus = process.env["BERTH_DOCKERFILE_CORPUS"] ?? "";
const present = corpus !== "";

const cases = (folder: string) => (present ? readdirSync(join(corpus, folder)) : []);
const read = (...path: string[]) => readFileSync(join(corpus, ...path), "utf8");

/** Go's strconv.Quote. */
function quote(text: string): string {
  const hex = (code: number) => `\\x${code.toString(16).padStart(2, "0")}`;
  return JSON.stringify(text).replace(/\\u(00[01][0-9a-f])/g, (_, code: string) => hex(Number.parseInt(code, 16)));
}

/** A statement in the notation of the expected trees. */
function dump(statement: Statement, context: StatementContext): string {
  const flags = statement.flags.length > 0 ? [`[${statement.flags.map((flag) => quote(flag.text)).join(" ")}]`] : [];
  return [statement.keyword.text.toLowerCase(), ...flags, ...dumpArguments(statement, context)].join(" ");
}

function dumpArguments(statement: Statement, context: StatementContext): string[] {
  const keyword = statement.keyword.text.toLowerCase();
  if (keyword === "onbuild") return statement.args.length === 0 ? [] : [`(${dump(parseStatement(statement.rest, context), context)})`];
  const args = statement.args.map((arg) => quote(arg.text));
  if (keyword !== "env" && keyword !== "label") return args;
  // The trees tell by a third element whether there was an equals sign.
  return args.flatMap((arg, index) => (index % 2 === 0 ? [arg] : [arg, statement.legacy ? '""' : '"="']));
}

function dumpFile(text: string): string[] {
  const source = readSource(text, "Dockerfile");
  const { directives, lines } = readDirectives(source);
  const reader = readLines(source, { escape: directives.escape, directiveLines: lines });
  const trees: string[] = [];
  for (let line = reader.next(); line; line = reader.next()) {
    const context: StatementContext = { source, line, escape: directives.escape, specOf: findInstruction };
    trees.push(`(${dump(parseStatement({ text: line.text, offset: 0 }, context), context)})`);
  }
  return trees;
}

test("the corpus has cases of every kind", (context) => {
  if (!present) context.skip("needs the environment variable BERTH_DOCKERFILE_CORPUS");
  for (const found of [cases("testfiles"), cases("testfiles-negative"), rows("envVarTest"), rows("wordsTest")])
    expect(found.length).toBeGreaterThan(0);
});

describe.runIf(present)("BuildKit's parser cases", () => {
  it.each(cases("testfiles"))("reads %s into the expected tree", (name) => {
    expect(dumpFile(read("testfiles", name, "Dockerfile"))).toEqual(read("testfiles", name, "result").trimEnd().split("\n"));
  });

  it.each(cases("testfiles-negative"))("rejects %s", (name) => {
    expect(() => parseDockerfile(read("testfiles-negative", name, "Dockerfile"), { file: "Dockerfile" })).toThrow(EngineError);
  });
});

/** Lines of a table but comments and blank ones. */
const rows = (file: string) => (present ? read(file) : "").split("\n").filter((row) => row.trim() !== "" && !row.startsWith("#"));

describe.runIf(present)("BuildKit's lexer tables", () => {
  const variables = new Map(Object.entries({ PWD: "/home", SHELL: "bash", KOREAN: "한국어", NULL: "" }));

  it.each(rows("envVarTest").filter((row) => !row.startsWith("W")))("expands %s", (row) => {
    const [, text, expected] = row.split("|").map((cell) => cell.trim()) as [string, string, string];
    if (expected === "error") expect(() => expand(text, variables)).toThrow(EngineError);
    else expect(expand(text, variables).word).toBe(expected);
  });

  const defined = new Map<string, string>();
  const words = rows("wordsTest").flatMap((row) => {
    const assignment = /^ENV +([^=]+)=(.*)$/.exec(row);
    if (assignment) defined.set(assignment[1]!, assignment[2]!);
    const [text, expected] = row.split("|");
    return assignment ? [] : [{ text: text!.trim(), expected: expected!.trimStart(), variables: new Map(defined) }];
  });

  it.each(words)("splits $text", ({ text, expected, variables }) => {
    if (expected.trim() === "error") expect(() => expand(text, variables)).toThrow(EngineError);
    else expect(expand(text, variables).words).toEqual(expected.split(","));
  });
});
