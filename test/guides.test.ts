/** The pages that newcomers read: what they name exists, what they link to is there, what they promise npm can do. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { home, sourceFiles } from "./support/source-tree.ts";

const pages = ["README.md", "engine/README.md"];
const read = (page: string) => readFileSync(join(home, page), "utf8");

test.each(pages)("every link of %s leads somewhere", (page) => {
  const targets = [...read(page).matchAll(/\]\((?!\w+:)([^)#]+)/g)].map(([, target = ""]) => target);
  expect(targets.filter((target) => !existsSync(join(home, dirname(page), target)))).toEqual([]);
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

test("the README's npm commands are scripts", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const commands = [...read("README.md").matchAll(/\bnpm (?:run )?([a-z]+)\b/g)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "command");
  expect(commands).toContain("start");
  expect(commands.filter((name) => !(name in scripts))).toEqual([]);
});
