/** What the rules of `develop.watch` ask for; that it happens is tested in test/e2e/compose-watch.test.ts. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Watch } from "../../../engine/compose/index.ts";
import { askedBy, rulesOf } from "../../../engine/compose/watch/rules.ts";
import { Watcher } from "../../../engine/compose/watch/watcher.ts";

const rules = (watch: Partial<Watch>[], ignoreFile?: string) =>
  rulesOf(
    "web",
    { develop: { watch: watch.map((each) => ({ path: "/p/src", action: "sync", target: "/app", ...each })) } },
    ignoreFile === undefined ? undefined : { text: ignoreFile, directory: "/p" },
  );
const carried = (all: ReturnType<typeof rules>, ...paths: string[]) => askedBy(all, paths).sync.get("web") ?? [];

describe("what is carried where", () => {
  test.each<[string, Partial<Watch>, string, string | undefined]>([
    ["a file in a directory", {}, "/p/src/a/b.js", "/app/a/b.js"],
    ["the file itself", { path: "/p/one", target: "/etc/one" }, "/p/one", "/etc/one"],
    ["somewhere else", {}, "/p/source/a", undefined],
    ["what an editor leaves", {}, "/p/src/a/.b.js.swp", undefined],
    ["a repository's own files", {}, "/p/src/.git/index", undefined],
    ["ignored by the rule", { ignore: ["node_modules/"] }, "/p/src/node_modules/x/y", undefined],
    ["ignored, but for one", { ignore: ["*", "!keep"] }, "/p/src/keep", "/app/keep"],
    ["not included", { include: ["**/*.ts"] }, "/p/src/a.js", undefined],
    ["included", { include: ["**/*.ts"] }, "/p/src/d/a.ts", "/app/d/a.ts"],
    ["a name that begins with dots", { ignore: ["x"] }, "/p/src/..a", "/app/..a"],
  ])("%s", (_, watch, path, place) => {
    expect(carried(rules([watch]), path).map(({ container }) => container)).toEqual(place === undefined ? [] : [place]);
  });

  test("not what .dockerignore keeps from builds", () => {
    expect(carried(rules([{}], "src/secret\n**/*.log"), "/p/src/secret", "/p/src/d/a.log", "/p/src/a")).toEqual([
      { host: "/p/src/a", container: "/app/a" },
    ]);
  });
});

test("a build stands for all else of its service; hooks run once", () => {
  const exec = { command: ["true"] };
  const all = rules([{ action: "sync+exec", exec }, { action: "restart" }, { path: "/p/Dockerfile", action: "rebuild" }]);
  expect(askedBy(all, ["/p/src/a", "/p/src/b"])).toMatchObject({ restart: new Set(["web"]), exec: new Map([["web", [exec]]]) });
  const asked = askedBy(all, ["/p/src/a", "/p/Dockerfile"]);
  expect(asked).toEqual({ rebuild: new Set(["web"]), sync: new Map(), restart: new Set(), exec: new Map() });
});

test("a burst is one batch, a replaced file a change, what is ignored is not watched, what is not there yet is", async () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-watch-"));
  const at = (path: string) => join(directory, path);
  mkdirSync(at("src/deps"), { recursive: true });
  writeFileSync(at("one"), "");
  const all = rules([{ path: at("src"), ignore: ["deps"] }, { path: at("one") }, { path: at("not/yet") }]);
  const { signal } = new AbortController();
  try {
    await using watcher = await Watcher.open(all);
    await watcher.ready();
    const made = Array.from({ length: 60 }, (_, index) => at(`src/new/${index % 7}/${index}`));
    for (const path of [...made, at("src/deps/x"), at("src-not/y")]) {
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, "text");
    }
    const seen = new Set<string>();
    while (!made.every((path) => seen.has(path))) for (const path of (await watcher.next(signal))!) seen.add(path);
    expect([...seen].filter((path) => /deps|src-not/.test(path))).toEqual([]);
    for (const path of ["one", "one", "not/yet"]) {
      mkdirSync(at("not"), { recursive: true });
      writeFileSync(at(`${path}.tmp`), path);
      renameSync(at(`${path}.tmp`), at(path));
      for (let batch = new Set<string>(); !batch.has(at(path)); ) batch = (await watcher.next(signal))!;
    }
    expect(await watcher.next(AbortSignal.abort())).toBeUndefined();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
