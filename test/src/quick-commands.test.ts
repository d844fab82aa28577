import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolve } from "../../src/commands/execute.ts";
import { table } from "../../src/commands/table.ts";
import { isQuick } from "../../src/quick-commands.ts";

test.each([
  ["ps"],
  ["run --rm busybox true"],
  ["run -i busybox sh -c -t"],
  ["exec c ls -t"],
  ["start c"],
  ["logs -f c"],
  ["inspect c"],
  ["build -t name ."],
  ["compose ps"],
  ["compose up -d"],
  ["compose down"],
  ["internal container-exited x"],
  ["internal exec-exited x y z"],
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
  ["compose run web"],
  ["compose build"],
  ["internal supervise"],
])("not quick: %s", async (line) => {
  expect(isQuick(await resolve(line.split(" ")))).toBe(false);
});

test("the launcher lets the quick executable have the first words of quick commands, and no others", () => {
  const launcher = readFileSync(new URL("../../bin/berth", import.meta.url), "utf8");
  const [, list = ""] = /^ *(build \|[^)]*)\) break ;;$/m.exec(launcher) ?? [];
  const listed = list.split(/[\s|\\]+/);
  const quick = table.filter((entry) => entry.quick).flatMap(({ names }) => names.map((name) => name.split(" ")[0]!));
  expect([...listed, "internal"].sort()).toEqual([...new Set(quick)].sort());
});

test("a command that says nothing is not quick", async () => {
  for (const { names, quick, load } of table) {
    const resolved = { spec: await load(), path: names[0], input: { flags: {}, args: [] } };
    expect(isQuick(resolved), names[0]).toBe(quick === true);
  }
});
