/** Groups with flags of their own before the verb: from the shell's words, for completion and in help. */
import { describe, expect, test } from "vitest";
import type { Context } from "../../../src/commands/command.ts";
import { complete } from "../../../src/commands/complete.ts";
import { resolve } from "../../../src/commands/execute.ts";
import { commandNames } from "../../../src/commands/table.ts";
import { helpFor, reference } from "../../../src/help.ts";
import { splitWords } from "../../../src/repl/language/words.ts";

const read = (line: string) => resolve(splitWords(line));

describe("flags before the verb", () => {
  test("reach it apart from its own", async () => {
    const { spec, path, input } = await read("compose -f a.yaml --file=b.yaml -pname --profile x --parallel 2 version -f json");
    expect([spec.name, path]).toEqual(["compose version", "compose version"]);
    expect(input.flags).toMatchObject({ format: "json", short: undefined });
    expect(input.group).toMatchObject({ file: ["a.yaml", "b.yaml"], "project-name": "name", profile: ["x"], parallel: 2 });
  });

  test("some are taken behind it, too, and count once", async () => {
    for (const line of ["compose --dry-run version", "compose version --dry-run"]) {
      const { input } = await read(line);
      expect(input.group, line).toMatchObject({ "dry-run": true });
      expect(input.flags, line).not.toHaveProperty("dry-run");
    }
    expect((await read("compose --dry-run version --dry-run=false")).input.group).toMatchObject({ "dry-run": false });
  });

  test("other groups have none", async () => {
    expect((await read("container ls -a")).input).not.toHaveProperty("group");
    await expect(read("container -a ls")).rejects.toMatchObject({ message: "unknown shorthand flag: 'a' in -a", exit: 125 });
    await expect(read("volume --nosuch=x ls")).rejects.toMatchObject({ message: "unknown flag: --nosuch", exit: 125 });
    await expect(read("volume nosuch")).rejects.toMatchObject({ message: "unknown command: berth volume nosuch", exit: 1 });
  });

  test.each(["compose", "compose -f x", "compose --help", "compose -h", "compose -p x --help"])("%s is help", async (line) => {
    expect(await read(line)).toMatchObject({ spec: { name: "help" }, input: { args: ["compose"] } });
  });

  test("one may stand for a verb", async () => {
    for (const line of ["compose -v", "compose --version"]) expect((await read(line)).spec.name).toBe("compose version");
  });

  test.each([
    ["compose -f", "flag needs an argument: 'f' in -f"],
    ["compose --nonsense version", "unknown flag: --nonsense"],
    ["compose --ansi x version", 'invalid argument "x" for "--ansi" flag: must be one of never, always, auto'],
    ["compose --parallel x version", 'invalid argument "x" for "--parallel" flag: must be a number'],
    ["compose version --nonsense", "unknown flag: --nonsense"],
    ["compose -f x vresion", "unknown command: berth compose vresion"],
  ])("%s is refused with docker compose's status", async (line, message) => {
    await expect(read(line)).rejects.toMatchObject({ message, exit: 1 });
  });
});

describe("completion", () => {
  const context = { io: { cwd: "/", env: {} } } as unknown as Context;
  test.each([
    [["compose", "ver"], ["version"]],
    [["compose", "-f", "x", "ver"], ["version"]],
    [["compose", "--ansi", "al"], ["always"]],
    [["compose", "--ansi=al"], ["--ansi=always"]],
    [["compose", "--project-n"], ["--project-name"]],
    [["compose", "-f", "/et"], ["/etc/"]],
    [["compose", "-p", "x", "version", "--sh"], ["--short"]],
    [["compose", "version", "--format", "j"], ["json"]],
    [["comp"], ["complete", "completion", "compose"].filter((name) => commandNames().some((each) => each.split(" ")[0] === name))],
  ])("%j", async (words, candidates) => {
    expect(await complete(context, words)).toEqual(candidates);
  });
});

describe("help", () => {
  test("of the group has its flags and verbs, the overview its line", async () => {
    const text = await helpFor(["compose"]);
    expect(text).toContain("Usage:  berth compose [OPTIONS] COMMAND\n");
    expect(text).toMatch(/-f, --file FILE/);
    expect(text).toMatch(/^ {2}version /m);
    expect(text).not.toContain("--verbose");
    expect(await helpFor([])).toMatch(/^Projects:\n {2}compose +Define and run/m);
  });

  test("the reference has them", async () => {
    expect(await reference()).toMatch(/## Projects\n\n.*`berth compose` takes:\n\n(\|.*\n)+\n### berth compose /);
  });
});
