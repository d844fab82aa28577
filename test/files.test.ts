/** The plain rules on files and on the table of errors, kept. A new exception belongs here, with its reason, or better nowhere. */
import { describe, expect, test } from "vitest";
import { errorKinds } from "../engine/errors.ts";
import { below, occurrences, violations } from "./support/source-rules.ts";
import { sourceFiles } from "./support/source-tree.ts";

const program = sourceFiles("engine", "src", "views");
const everything = [...program, ...sourceFiles("test", "scripts")];
const engine = program.filter(({ path }) => path.startsWith("engine/"));

describe("files", () => {
  test("none is longer than 400 lines", () => {
    const long = everything.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 })).filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  test("each is named after the one thing in it", () => {
    const vague = /(^|[/-])(utils?|helpers?|common|misc|manager|shared|lib)([./-]|$)/;
    expect(everything.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  });

  test("each says in its first lines what lives in it", () => {
    // A Dockerfile instruction or lint rule is one record, whose own members say what it is.
    const isRecord = below("engine/dockerfile/instructions", "engine/dockerfile/lint/rules");
    const silent = everything.filter(
      ({ path, text }) => !/\.(config|test)\.tsx?$/.test(path) && !isRecord(path) && !/^(#!.*\n)?(\/\*|\/\/)/.test(text),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test("none imports a file that is not there, or without its extension", () => {
    const paths = new Set(everything.map(({ path }) => path));
    const dangling = violations(
      everything,
      (_, { specifier, target }) => specifier.startsWith(".") && /\.(tsx?|mjs)$/.test(target) && !paths.has(target),
    );
    expect(dangling).toEqual([]);
    expect(violations(program, (_, { specifier }) => specifier.startsWith(".") && !/\.(tsx?|json)$/.test(specifier))).toEqual([]);
  });
});

describe("what is not finished is not there", () => {
  test("no reminders", () => {
    const pattern = new RegExp(["TO", "DO|FIX", "ME|XX", "X\\b|HA", "CK\\b"].join(""), "g");
    expect(everything.flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([word]) => `${path}: ${word}`))).toEqual([]);
  });

  test("no test runs alone, is left out without a reason, or repeats until it passes", () => {
    const tests = everything.filter(({ path }) => path.startsWith("test/") && path !== "test/files.test.ts");
    expect(occurrences(tests, /\b(test|it|describe)\.(only|skip|todo|fails)\b|\bretry:\s*[1-9]/g)).toEqual([]);
  });

  test("networks with addresses of their own have none that berth gives by itself, as it gave one to the test's other networks", () => {
    const tests = everything.filter(({ path }) => path.startsWith("test/") && path !== "test/files.test.ts");
    expect(occurrences(tests, /(Subnet: |"--subnet", |--subnet )"?10\.2[12]\d\./g)).toEqual([]);
  });

  test("programs at a terminal are the driver's, which keeps what they write from the user's own history and settings", () => {
    const door = (path: string) => path === "test/support/driver.ts" || path === "test/support/node-pty.d.ts";
    const tests = everything.filter(({ path }) => path.startsWith("test/") && !door(path));
    expect(violations(tests, (_, { specifier }) => /node-pty/.test(specifier))).toEqual([]);
  });

  test("chance can be repeated", () => {
    const door = (path: string) => path === "test/support/property.ts";
    expect(violations(everything, ({ path }, { target }) => target === "fast-check" && !door(path))).toEqual([]);
  });
});

describe("the error table", () => {
  const used = new Set(program.flatMap(({ code }) => [...code.matchAll(/"([a-z-]+)"/g)].map(([, word]) => word)));

  test.each(Object.entries(errorKinds))("%s is complete", (code, { hint, exit, http }) => {
    expect(hint).toMatch(/^[a-z'].*[^.]$/);
    expect(exit).toBeGreaterThan(0);
    expect(exit).toBeLessThan(256);
    expect(http).toBeGreaterThanOrEqual(400);
    expect(http).toBeLessThan(600);
    expect(used.has(code)).toBe(true);
  });

  test("no other class of errors leaves the engine", () => {
    expect(occurrences(engine, /class (?!EngineError )\w+ extends (?!EngineError)\w*Error\b/g)).toEqual([]);
  });
});
