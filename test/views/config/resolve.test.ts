/** Whose word holds, and that it is said whose: defaults, the file, the environment, flags. */
import { expect, test } from "vitest";
import type { TuiFlags } from "../../../src/commands/command.ts";
import { effectiveOf } from "../../../views/config/effective.ts";
import { parseSettings } from "../../../views/config/read.ts";
import { resolveSettings } from "../../../views/config/resolve.ts";
import { defaults } from "../../../views/config/settings.ts";

async function effective(yaml: string, env: Record<string, string> = {}, flags: TuiFlags = {}) {
  const rows = effectiveOf(await parseSettings(yaml, "c.yaml"), env, flags);
  return (setting: string) => {
    const row = rows.find(({ Setting }) => Setting === setting);
    return row && `${row.Value} | ${row.Origin}`;
  };
}

test("without a file, a variable or a flag everything is the default", async () => {
  const rows = effectiveOf({ settings: defaults, places: new Map() }, {}, {});
  expect(new Set(rows.map(({ Origin }) => Origin))).toEqual(new Set(["default"]));
  expect(rows.find(({ Setting }) => Setting === "theme")?.Value).toBe("16");
  expect(rows.find(({ Setting }) => Setting === "keys.app.quit")?.Value).toBe("q ctrl-c");
  expect(new Set(rows.map(({ Setting }) => Setting)).size).toBe(rows.length);
});

test("each value has its origin", async () => {
  const of = await effective(
    "prefix: ctrl-x\npanes:\n  bell: false\nlists:\n  images:\n    sort: -size\nkeys:\n  app.demo: none\n  app.help: [ctrl-g, '?']\n",
    { NO_COLOR: "1", LANG: "C", BERTH_CONFIRM: "strict" },
    { view: "volumes", filter: "data" },
  );
  expect(of("prefix")).toBe("ctrl-x | c.yaml:1:9");
  expect(of("panes.bell")).toBe("false | c.yaml:3:9");
  expect(of("panes.mouse")).toBe("true | default");
  expect(of("lists.images.sort")).toBe("-size | c.yaml:6:11");
  expect(of("keys.app.demo")).toBe("none | c.yaml:8:13");
  expect(of("keys.app.help")).toBe("ctrl-g ? | c.yaml:9:13");
  expect(of("theme")).toBe("none | environment NO_COLOR");
  expect(of("borders")).toBe("ascii | environment LANG");
  expect(of("confirm")).toBe("strict | environment BERTH_CONFIRM");
  expect(of("view")).toBe("volumes | flag --view");
  expect(of("lists.volumes.filter")).toBe("data | flag --filter");
  expect(of("keys.confirm.accept")).toBeUndefined();
});

test.each([
  ["prefix: ctrl-x", {}, "prefix", "ctrl-x"],
  ["prefix: ctrl-x", { BERTH_PREFIX: "^g" }, "prefix", "ctrl-g"],
  ["", { TMUX: "/tmp/x" }, "prefix", "ctrl-a"],
  ["", { BERTH_PREFIX: "nonsense" }, "prefix", "ctrl-b"],
  ["theme: light", { NO_COLOR: "1" }, "theme", "light"],
  ["borders: unicode", { LANG: "C" }, "borders", "unicode"],
  ["", { LANG: "de_DE.UTF-8", LC_ALL: "POSIX" }, "borders", "ascii"],
  ["", { LANG: "C", LC_ALL: "C.UTF-8" }, "borders", "unicode"],
  ["", { LANG: "" }, "borders", "unicode"],
  ["confirm: strict", { BERTH_CONFIRM: "key" }, "confirm", "key"],
  ["confirm: strict", { BERTH_CONFIRM: "never" }, "confirm", "strict"],
])("%j with %j: %s is %s", async (yaml, env, setting, value) => {
  const { settings } = resolveSettings(await parseSettings(yaml || "#\n", "c.yaml"), env);
  expect(settings[setting as "prefix"]).toBe(value);
});

test.each([
  [{ view: "image" }, /there is no list "image"; there are containers, images,/, "images"],
  [{ sort: "nme" }, /cannot sort containers by "nme"; there are name, host, image,/, "name"],
  [{ view: "networks", sort: "-subnet" }, /cannot sort networks by "subnet"; there are name, driver, containers/, undefined],
])("%j is refused", (flags, message, suggestion) => {
  const act = () => resolveSettings({ settings: defaults }, {}, flags);
  expect(act).toThrow(expect.objectContaining({ code: "usage", message: expect.stringMatching(message), suggestion }));
});
