import { describe, expect, test } from "vitest";
import { EngineError } from "../../engine/errors.ts";
import { parseInput, splitGlobalFlags } from "../../src/args.ts";
import type { ArgSpec, FlagSpec } from "../../src/commands/command.ts";

const flags: FlagSpec[] = [
  { name: "interactive", short: "i", type: "boolean", help: "" },
  { name: "tty", short: "t", type: "boolean", help: "" },
  { name: "rm", type: "boolean", default: true, help: "" },
  { name: "publish", short: "p", type: "list", help: "" },
  { name: "name", type: "string", help: "" },
  { name: "last", short: "n", type: "number", help: "" },
  { name: "memory", short: "m", type: "bytes", help: "" },
  { name: "interval", type: "duration", help: "" },
  { name: "pull", type: "string", choices: ["always", "missing", "never"], default: "missing", help: "" },
  { name: "progress", type: "optional", implied: "auto", help: "" },
];
const anything: ArgSpec[] = [{ name: "ARG", optional: true, variadic: true }];

function parse(line: string[], options: { args?: ArgSpec[]; stopsAtArgs?: boolean } = {}) {
  return parseInput({ name: "thing", flags, args: options.args ?? anything, stopsAtArgs: options.stopsAtArgs }, line);
}

function failure(line: string[], options?: { args?: ArgSpec[] }): EngineError {
  try {
    parse(line, options);
  } catch (error) {
    if (error instanceof EngineError) return error;
  }
  throw new Error(`${line.join(" ")} was accepted`);
}

describe("flags", () => {
  test.each<[string[], string, unknown]>([
    [["-it"], "tty", true],
    [["-it"], "interactive", true],
    [["-itp8080:80"], "publish", ["8080:80"]],
    [["-p=8080:80"], "publish", ["8080:80"]],
    [["-p", "1:1", "--publish", "2:2", "--publish=3:3"], "publish", ["1:1", "2:2", "3:3"]],
    [["--rm=false"], "rm", false],
    [["--rm=0"], "rm", false],
    [["-t=false"], "tty", false],
    [[], "rm", true],
    [[], "publish", []],
    [[], "name", undefined],
    [["--name", "--odd"], "name", "--odd"],
    [["--name="], "name", ""],
    [["--name=a=b"], "name", "a=b"],
    [["--name", "first", "--name", "second"], "name", "second"],
    [["-n", "-1"], "last", -1],
    [["-n5"], "last", 5],
    [["-m", "64m"], "memory", 64 * 1024 * 1024],
    [["-m", "1.5GiB"], "memory", 1.5 * 1024 ** 3],
    [["-m", "-1"], "memory", -1],
    [["--interval", "1m30s"], "interval", 90_000],
    [["--interval=250ms"], "interval", 250],
    [["--pull", "never"], "pull", "never"],
    [["--progress"], "progress", "auto"],
    [["--progress=plain"], "progress", "plain"],
    [["--json"], "json", true],
  ])("%j gives %s = %j", (line, name, value) => {
    expect(parse(line).flags[name]).toEqual(value);
  });

  test("flags may follow arguments, unless the command stops at its first one", () => {
    expect(parse(["a", "-t", "b"])).toMatchObject({ args: ["a", "b"], flags: { tty: true } });
    const stopped = parse(["-t", "image", "-i", "--rm=false", "--", "-x"], { stopsAtArgs: true });
    expect(stopped.args).toEqual(["image", "-i", "--rm=false", "--", "-x"]);
    expect(stopped.flags).toMatchObject({ tty: true, rm: true, interactive: undefined });
  });

  test("-- ends the flags; - is an argument", () => {
    expect(parse(["-t", "-", "--", "-i", "--name"]).args).toEqual(["-", "-i", "--name"]);
  });

  test.each<[string[], string, string | undefined]>([
    [["--nmae", "x"], "unknown flag: --nmae", "--name"],
    [["--zzz"], "unknown flag: --zzz", undefined],
    [["-tz"], "unknown shorthand flag: 'z' in -tz", undefined],
    [["--name"], "flag needs an argument: --name", undefined],
    [["-tp"], "flag needs an argument: 'p' in -tp", undefined],
    [["-n", "many"], 'invalid argument "many" for "-n, --last" flag: must be a number', undefined],
    [["-m", "lots"], 'invalid argument "lots" for "-m, --memory" flag: must be a size such as "64m" or "1g"', undefined],
    [["--interval", "5"], 'invalid argument "5" for "--interval" flag: must be a duration such as "30s" or "1m30s"', undefined],
    [["--rm=maybe"], 'invalid argument "maybe" for "--rm" flag: must be true or false', undefined],
    [["--pull", "nevr"], 'invalid argument "nevr" for "--pull" flag: must be one of always, missing, never', "never"],
  ])("%j fails with %s", (line, message, suggestion) => {
    const error = failure(line);
    expect(error).toMatchObject({ code: "usage", exit: 125, message, suggestion, hint: "see 'berth thing --help'" });
  });
});

describe("the number of arguments", () => {
  const one: ArgSpec = { name: "A" };
  const optional: ArgSpec = { name: "B", optional: true };
  const many: ArgSpec = { name: "C", variadic: true };
  test.each<[string, ArgSpec[], string[], string]>([
    ["none", [], ["x"], '"berth thing" accepts no arguments'],
    ["exactly one", [one], [], '"berth thing" requires 1 argument'],
    ["exactly two", [one, one], ["x"], '"berth thing" requires 2 arguments'],
    ["one or more", [many], [], '"berth thing" requires at least 1 argument'],
    ["at most one", [optional], ["x", "y"], '"berth thing" requires at most 1 argument'],
    ["one or two", [one, optional], [], '"berth thing" requires at least 1 and at most 2 arguments'],
  ])("%s", (_title, args, words, message) => {
    expect(failure(words, { args })).toMatchObject({ message, exit: 1 });
  });

  test("--help asks for no arguments", () => {
    expect(parse(["--help"], { args: [one] }).flags["help"]).toBe(true);
  });
});

test("the program's own flags in an unfinished line are read, its last word is not", () => {
  const flags = {};
  expect(splitGlobalFlags(["--root", "/r", "--json", "rm", "--for"], flags)).toEqual(["rm", "--for"]);
  expect(flags).toEqual({ root: "/r", json: true });
  expect(splitGlobalFlags(["--root", ""], {})).toEqual(["--root", ""]);
  expect(splitGlobalFlags(["--nosuch", "rm", ""], {})).toEqual(["--nosuch", "rm", ""]);
});
