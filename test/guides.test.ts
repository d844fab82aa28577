/** The pages that newcomers read: what they name exists, what they link to is there, their commands are the program's. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { globalFlags, parseFlags, parseInput } from "../src/args.ts";
import { groups, readGroup } from "../src/commands/groups.ts";
import { findCommand, table } from "../src/commands/table.ts";
import { parse } from "../src/repl/language/parse.ts";
import type { Parsed } from "../src/repl/language/statement.ts";
import { literal } from "../src/repl/language/words.ts";
import { home, sourceFiles } from "./support/source-tree.ts";

const written = readdirSync(join(home, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);
const pages = ["README.md", "engine/README.md", ...written];
const read = (page: string) => readFileSync(join(home, page), "utf8");
const allText = pages.map(read).join("\n");

/** The blocks of a page that are in a language: ```sh. */
const blocks = (page: string, language: string) =>
  [...read(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, name]) => name === language).map(([, , text = ""]) => text);

/** GitHub's anchors of a page's headings. */
const anchors = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

describe.each(pages)("%s", (page) => {
  test("has links that lead somewhere", () => {
    const targets = [...read(page).matchAll(/\]\((?!\w+:)([^)]+)/g)].map(([, target = ""]) => target);
    const leads = (target: string) => {
      const [path = "", anchor] = target.split("#");
      const found = path === "" ? page : join(dirname(page), path);
      return existsSync(join(home, found)) && (anchor === undefined || anchors(found).includes(anchor));
    };
    expect(targets.filter((target) => !leads(target))).toEqual([]);
  });

  test("has commands that the program understands", async () => {
    const lines = blocks(page, "sh").flatMap((text) => text.split("\n").filter((line) => line.startsWith("berth")));
    for (const line of lines) await expect(understood(parse(line)), line).resolves.toBeUndefined();
    for (const script of blocks(page, "berth")) await expect(understood(parse(script)), script).resolves.toBeUndefined();
  });
});

/** Throws for a command that is none of the table, or that has flags or arguments of no such command. */
async function understood(statements: Parsed[]): Promise<void> {
  for (const statement of statements) {
    const line = "words" in statement ? statement.words : "command" in statement ? statement.command : [];
    const end = line.findIndex((word) => /^([|<]|>>?)$/.test(literal(word) ?? ""));
    const words = (end < 0 ? line : line.slice(0, end)).map((word) => literal(word) ?? "$");
    if (["assign", "send", "print", "for", "http"].includes(statement.kind)) continue;
    if (["!", "berth", "http", undefined].includes(words[0])) continue;
    const { words: rest } = await readGroup(parseFlags(globalFlags, words, {}, { path: "", stopsAtArgs: true }));
    const found = findCommand(rest);
    if (!found) throw new Error(`no such command: ${rest.join(" ")}`);
    const given = rest.slice(found.length);
    // What an expectation compares is behind the command: `inspect web .State.Running == true`.
    const isExpected = statement.kind === "expect";
    parseInput(await found.entry.load(), isExpected ? given.filter((word) => !word.startsWith(".")) : given);
  }
}

describe("what is named on the pages", () => {
  const program = sourceFiles("engine", "src", "views", "bin", "scripts")
    .map(({ code }) => code)
    .concat(readFileSync(join(home, "bin/berth"), "utf8"))
    .join("\n");

  test("variables are read somewhere", () => {
    const names = new Set([...allText.matchAll(/\bBERTH_[A-Z_]+\b/g)].map(([name]) => name));
    expect(names.size).toBeGreaterThan(4);
    expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(program))).toEqual([]);
  });

  test("flags are flags of a command", async () => {
    const specs = await Promise.all([...table.map(({ load }) => load()), ...Object.values(groups).map((load) => load())]);
    const known = new Set([...specs.flatMap(({ flags }) => flags), ...globalFlags].map(({ name }) => name));
    const ofOthers = ["from", "checksum", "chown", "chmod", "security", "shell"]; // of Dockerfile instructions, and of an npm script
    const words = [...allText.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) => code.split(/[\s,[\]|]+/));
    const named = words.map((word) => /^--([a-z][a-zA-Z0-9-]*)/.exec(word)?.[1]).filter((name) => name !== undefined);
    expect(named.length).toBeGreaterThan(200);
    expect(named.filter((name) => !known.has(name) && !ofOthers.includes(name))).toEqual([]);
  });

  test("npm commands are scripts", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const commands = [...allText.matchAll(/(?:^|`)npm (?:run )?([a-z:]+)\b/gm)].map(([, name = ""]) => name);
    expect(commands).toContain("start");
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe("the engine's guide", () => {
  const words = [...read("engine/README.md").matchAll(/`([^`\n]+)`/g)].map(([, word = ""]) => word);

  test("names files that are there", () => {
    // "plan.ts" beside "build/" in the table of rooms: a file is looked for in its row's room too.
    const rooms = new Set(sourceFiles("engine").map(({ path }) => dirname(path)));
    const isThere = (file: string) => existsSync(join(home, file)) || [...rooms].some((room) => existsSync(join(home, room, file)));
    const files = words.filter((word) => /^[\w./-]+(\.ts|\/)$/.test(word));
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => !isThere(file))).toEqual([]);
  });

  test("names functions that are there", () => {
    const code = sourceFiles("engine")
      .map((file) => file.code)
      .join("\n");
    const names = words.map((word) => /^(?:\w+\.)*([a-z]+[A-Z]\w+)(?:\(\))?$/.exec(word)?.[1]).filter((name) => name !== undefined);
    expect(names.length).toBeGreaterThanOrEqual(10);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });
});

describe("the README", () => {
  const head = read("README.md").split("\n").slice(0, 21).join("\n");

  test("first shows the program: a picture, the two commands, a script", () => {
    expect(head).toMatch(/!\[.+\]\(docs\/.+\.svg\)/);
    expect(head).toContain("npm start");
    expect(head).toContain("npm test");
    expect(head).toMatch(/```berth\nlet /);
  });

  test("links every page of docs/", () => {
    expect(written.filter((page) => !read("README.md").includes(`(${page})`))).toEqual([]);
  });

  test.each(pages.filter((page) => !/(commands|keys)\.md$/.test(page)))("no line of %s is a paragraph", (page) => {
    // Rows of tables cannot be broken.
    const long = read(page)
      .split("\n")
      .filter((line) => line.length > 180 && !line.startsWith("|"));
    expect(long).toEqual([]);
  });
});
