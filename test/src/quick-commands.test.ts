import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
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
  expect(await isQuick(await resolve(line.split(" ")))).toBe(true);
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
  expect(await isQuick(await resolve(line.split(" ")))).toBe(false);
});

const lines = (text: string, ...flags: string[]) => resolve(["repl", ...flags, "-c", text]);

test.each([
  "print x",
  "let ids = ps -q\nfor id in $ids { if ${id.State.Running} == true { print $id } else print none }",
  "func f(a) { return $((a + 1)) }; let n = f 1; print $n; try { inspect x } catch e { print $e }",
  'assert ps | count == 0 else "too many"; exit 3',
  "images | where .Size > 5 | json .Id",
  "let v := a b; $v | count",
  "expect fails inspect nosuch",
  "print 'unclosed",
])("lines that only look are quick: %s", async (text) => {
  expect(await isQuick(await lines(text))).toBe(true);
  expect(await isQuick(await lines(text, "--check"))).toBe(true);
});

test.each([
  "run --rm busybox true",
  "let id = run -d busybox sleep 9",
  "if true == true { defer { rm -f x } }",
  "func f() { exec x true }; print y",
  "for x in (run busybox ls) { print $x }",
  "while run busybox true succeeds { print x }",
  "ps | cat",
  "! true",
  "print x > file",
  "expect 5s inspect x .State.Running == true",
  "logs x",
  "$command x",
  "let c := ps; $c",
  "sleep 1s",
  "spawn @t sh",
  "source x",
  "parallel { print a; print b }",
  "http GET http://127.0.0.1/",
  "pull busybox",
  "not a command at all",
])("lines that do more are Node's: %s", async (text) => {
  expect(await isQuick(await lines(text))).toBe(false);
});

test.each(["--echo", "--timing", "--trace", "--dry-run", "--junit=x", "--cast=x", "-k"])("and so are those with %s", async (flag) => {
  expect(await isQuick(await lines("print x", flag))).toBe(false);
});

test("the launcher lets the quick executable have the first words of quick commands, and no others", () => {
  const launcher = readFileSync(new URL("../../bin/berth", import.meta.url), "utf8");
  const [, list = ""] = /^ *(build \|[^)]*)\) break ;;$/m.exec(launcher) ?? [];
  const listed = list.split(/[\s|\\]+/);
  const quick = table.filter((entry) => entry.quick).flatMap(({ names }) => names.map((name) => name.split(" ")[0]!));
  expect([...listed, "internal"].sort()).toEqual([...new Set(quick)].sort());
});

const home = mkdtempSync(join(tmpdir(), "berth-launcher-"));
afterAll(() => rmSync(home, { recursive: true }));

/** The launcher with programs in the place of berth's: each says its name, and whether it may compile or how large its young generation is. */
function launch(...words: string[]): string {
  return launchSaying("BUN_JSC_useJIT-compiles", words);
}

/** @param quick what the quick executable says of its environment, and `node` what Node says: a parameter of the shell's */
function launchSaying(quick: string, words: string[], node = "3#*="): string {
  const say = (name: string, value: string) => `#!/bin/sh\necho "${name} \${${value}}"\n`;
  for (const [file, text] of Object.entries({
    "node_modules/.bin/node": say("node", node),
    "dist/quick/berth": say("quick", quick),
    "dist/main.cjs": "",
  })) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
    chmodSync(join(home, file), 0o755);
  }
  mkdirSync(join(home, "bin"), { recursive: true });
  copyFileSync(new URL("../../bin/berth", import.meta.url), join(home, "bin/berth"));
  const { BUN_JSC_useJIT: _, BERTH_QUICK: __, MIMALLOC_ALLOW_THP: ___, MIMALLOC_PURGE_DELAY: ____, ...env } = process.env;
  return spawnSync(join(home, "bin/berth"), words, { encoding: "utf8", env }).stdout.trim();
}

test.each([
  ["ps", "quick 0"],
  ["--root /r exec c true", "quick 0"],
  ["container ls -a", "quick 0"],
  ["compose -f x.yaml up -d", "quick 0"],
  ["compose logs", "quick compiles"],
  ["compose up", "quick compiles"],
  ["compose run web x", "quick compiles"],
  ["compose config", "quick 0"],
  ["logs c", "quick compiles"],
  ["run --rm busybox true", "quick 0"],
  ["start c", "quick 0"],
  ["volume prune", "quick compiles"],
  ["exec -it c sh", "node 16"],
  ["repl", "node 4"],
  ["repl -c print", "quick compiles"],
  ["repl file -c x", "node 4"],
  ["pull busybox", "node 2"],
  ["", "node 8"],
  ["--root /r", "node 8"],
  ["--version", "quick compiles"],
  ["--root /r -h", "quick compiles"],
  ["tui --filter name=web", "node 8"],
])("the launcher runs %j as %j", (line, said) => {
  expect(launch(...line.split(" ").filter(Boolean))).toBe(said);
});

test("the quick executable is told to take large pages, Node is told nothing", () => {
  const pages = "MIMALLOC_ALLOW_THP-small";
  expect(launchSaying(pages, ["ps"])).toBe("quick 1");
  expect(launchSaying(pages, ["logs", "-f", "c"])).toBe("quick 1");
  expect(launchSaying(pages, ["pull", "busybox"], pages)).toBe("node small");
});

test("what works while the runtime works hands no memory back meanwhile", () => {
  const delay = "MIMALLOC_PURGE_DELAY-unset";
  expect(launchSaying(delay, ["run", "--rm", "busybox", "true"])).toBe("quick -1");
  expect(launchSaying(delay, ["--root", "/r", "container", "exec", "c", "true"])).toBe("quick -1");
  expect(launchSaying(delay, ["ps"])).toBe("quick unset");
  expect(launchSaying(delay, ["exec", "-it", "c", "sh"], delay)).toBe("node unset");
});

test("a command that says nothing is not quick", async () => {
  for (const { names, quick, load } of table) {
    const resolved = { spec: await load(), path: names[0], input: { flags: names[0] === "repl" ? { command: "" } : {}, args: [] } };
    expect(await isQuick(resolved), names[0]).toBe(quick === true);
  }
});
