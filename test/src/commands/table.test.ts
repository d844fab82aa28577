import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commonFlags } from "../../../src/args.ts";
import type { Command } from "../../../src/commands/command.ts";
import { resolve } from "../../../src/commands/execute.ts";
import { commandNames, findCommand, groupTitles, table } from "../../../src/commands/table.ts";
import { commandHelp, helpFor, reference } from "../../../src/help.ts";
import { splitWords } from "../../../src/repl/language/words.ts";

const commands = new URL("../../../src/commands/", import.meta.url).pathname;
const specs = await Promise.all(table.map(async (entry) => ({ entry, spec: await entry.load() })));

/** The words after "berth" in each part of a pipeline that is berth's. */
function ownParts(line: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of splitWords(line.replace(/<\((.*)\)$/, "| $1"))) {
    if (word === "|" || word === ">") parts.push([]);
    else parts.at(-1)!.push(word);
  }
  return parts.filter(([first]) => first === "berth").map((part) => part.slice(1));
}

test("every path is there once", () => {
  const names = table.flatMap((entry) => [...entry.names]);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test("every file that defines a command is in the table, and nothing else", () => {
  const files = readdirSync(commands, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && /^export default spec;$/m.test(readFileSync(join(commands, file), "utf8")))
    .map((file) => `./${file}`);
  const source = readFileSync(join(commands, "table.ts"), "utf8");
  const imported = [...source.matchAll(/import\("([^"]+)"\)/g)].map((match) => match[1]!);
  expect(files.toSorted()).toEqual(imported.toSorted());
});

describe.each(specs)("$entry.names.0", ({ entry, spec }: { entry: (typeof table)[number]; spec: Command }) => {
  test("stands in a group that help lists", () => {
    expect(Object.keys(groupTitles)).toContain(entry.group);
  });

  test("says what it does, on one line without a full stop", () => {
    expect(spec.summary).toMatch(/^[A-Z][^\n]+[^.\n]$/);
    if (spec.description !== undefined) expect(spec.description).toMatch(/\.$/);
  });

  test("has examples that parse", async () => {
    expect(spec.examples.length).toBeGreaterThan(0);
    for (const { does, line } of spec.examples) {
      expect(does).toMatch(/^[A-Z].*[^.]$/);
      const resolved = await Promise.all(ownParts(line).map((words) => resolve(words)));
      expect(
        resolved.map((each) => each.spec.name),
        line,
      ).toContain(spec.name);
    }
  });

  test("documents every flag", () => {
    const all = [...spec.flags, ...commonFlags];
    for (const flag of spec.flags) {
      expect(flag.name).toMatch(/^[a-z][A-Za-z0-9-]*$/);
      expect(flag.help, `--${flag.name}`).toMatch(/^(\p{Lu}|')[^\n]*[^.\n]$/u);
      if (flag.short !== undefined) expect(flag.short).toMatch(/^[a-zA-Z]$/);
      if (flag.type === "optional") expect(flag.implied, `--${flag.name}`).toBeDefined();
      expect(
        all.filter((other) => other.name === flag.name || (flag.short && other.short === flag.short)),
        `--${flag.name}`,
      ).toHaveLength(1);
    }
  });

  test("takes its arguments in an order that can be parsed", () => {
    const [last, ...before] = spec.args.toReversed();
    expect(before.some((arg) => arg.variadic)).toBe(false);
    const firstOptional = spec.args.findIndex((arg) => arg.optional);
    if (firstOptional >= 0) expect(spec.args.slice(firstOptional).every((arg) => arg.optional)).toBe(true);
    if (last) expect(last.name).toMatch(/^[A-Z]/);
  });

  test("has help that shows its flags and examples", () => {
    const help = commandHelp(spec);
    for (const flag of spec.flags.filter((each) => !each.hidden)) expect(help).toContain(`--${flag.name}`);
    for (const { line } of spec.examples) expect(help).toContain(line);
  });
});

test("the longest path wins", () => {
  expect(findCommand(["container", "ls", "-a"])).toMatchObject({ length: 2, entry: { names: expect.arrayContaining(["ps"]) } });
  expect(findCommand(["ps", "-a"])).toMatchObject({ length: 1 });
  expect(findCommand(["container", "nonsense"])).toBeUndefined();
});

describe("words without a command", () => {
  test.each([
    [["stpo", "web"], "unknown command: berth stpo", "stop"],
    [["container", "stpo"], "unknown command: berth container stpo", "container stop"],
    [["quux"], "unknown command: berth quux", undefined],
    [["internl", "x"], "unknown command: berth internl", undefined],
  ])("%j", async (words, message, suggestion) => {
    await expect(resolve(words)).rejects.toMatchObject({ message, suggestion, exit: 1 });
  });

  test("--help and a bare group are the help command", async () => {
    expect(await resolve(["run", "--help"])).toMatchObject({ spec: { name: "help" }, input: { args: ["run"] } });
    expect(await resolve(["container"])).toMatchObject({ spec: { name: "help" }, input: { args: ["container"] } });
    expect(await resolve(["container", "--help"])).toMatchObject({ spec: { name: "help" }, input: { args: ["container"] } });
  });
});

describe("help", () => {
  test("lists every command that is not hidden, in the overview or in that of its group", async () => {
    const text = (await helpFor([])) + (await helpFor(["compose"]));
    for (const { spec } of specs) expect(text.includes(spec.summary), spec.name).toBe(!spec.hidden);
  });

  test("knows groups, aliases, the language, and what was probably meant", async () => {
    expect(await helpFor(["container"])).toContain("Usage:  berth container COMMAND");
    expect(await helpFor(["ps"])).toContain("Usage:  berth ps [OPTIONS]\n");
    expect(await helpFor(["repl"])).toContain("let NAME = COMMAND");
    await expect(helpFor(["imagse"])).rejects.toMatchObject({ suggestion: "images" });
  });

  test("the reference names every command and each of its flags", async () => {
    const text = await reference();
    for (const { spec } of specs) {
      if (spec.hidden) continue;
      expect(text).toContain(spec.summary);
      for (const flag of spec.flags) if (!flag.hidden) expect(text).toMatch(new RegExp(`--${flag.name}[ \`[]`));
    }
    expect(commandNames().every((name) => text.includes(name))).toBe(true);
  });
});
