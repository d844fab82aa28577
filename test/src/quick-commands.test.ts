import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolve } from "../../src/commands/execute.ts";
import { findCommand, table } from "../../src/commands/table.ts";
import { isQuick, others } from "../../src/quick-commands.ts";

test.each([
  ["ps"],
  ["run --rm busybox true"],
  ["run -i busybox sh -c -t"],
  ["exec c ls -t"],
  ["start c"],
  ["logs -f c"],
  ["inspect c"],
  ["build -t name ."],
  ["internal container-exited x"],
])("quick: %s", async (line) => {
  expect(isQuick(await resolve(line.split(" ")))).toBe(true);
});

test.each([
  ["run -it busybox"],
  ["exec -t c sh"],
  ["create -t busybox"],
  ["start -a c"],
  ["start -i c"],
  ["attach c"],
  ["container attach c"],
  ["pull busybox"],
  ["image pull busybox"],
  ["repl"],
  ["internal supervise"],
])("not quick: %s", async (line) => {
  expect(isQuick(await resolve(line.split(" ")))).toBe(false);
});

test("the exceptions are commands by their first name", () => {
  const names = table.map(({ names: [name] }) => name);
  expect([...others].filter((name) => !names.includes(name))).toEqual([]);
});

test("the launcher starts nothing that would be handed over at once, and keeps nothing else from the quick executable", () => {
  const launcher = readFileSync(new URL("../../bin/berth", import.meta.url), "utf8");
  const [, list = ""] = /^ *(tui \|.*)\) return 1/m.exec(launcher) ?? [];
  const listed = list.split(" | ").map((word) => findCommand([word])?.entry.names[0]);
  const short = [...others].filter((name) => table.some(({ names }) => names[0] === name && names.some((each) => !each.includes(" "))));
  expect(listed.sort()).toEqual(short.sort());
});
