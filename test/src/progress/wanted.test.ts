/** `--progress` and `--ansi` together, as docker compose 2.40 has them. */
import { expect, test } from "vitest";
import { type ansiOf, wantedColours, wantedProgress } from "../../../src/progress/wanted.ts";

type Flags = Parameters<typeof ansiOf>[0];
const wanted = (group: Flags, env: Record<string, string> = {}, flags: Flags = {}) => wantedProgress({ flags, args: [], group }, env);

test.each<[Flags, Record<string, string>, object]>([
  [{}, {}, { mode: "auto" }],
  [{ ansi: "auto", progress: "plain" }, {}, { mode: "plain" }],
  [{ ansi: "never" }, {}, { mode: "plain", colours: false }],
  [{ "no-ansi": true }, {}, { mode: "plain", colours: false }],
  [{ ansi: "always" }, {}, { mode: "tty", colours: true }],
  [{ ansi: "always" }, { NO_COLOR: "1" }, { mode: "tty", colours: false }],
  [{ ansi: "always", progress: "json" }, {}, { mode: "json", colours: true }],
  [{ ansi: "never", progress: "quiet" }, {}, { mode: "quiet", colours: false }],
  [{}, { COMPOSE_ANSI: "always", COMPOSE_PROGRESS: "quiet" }, { mode: "quiet", colours: true }],
  [{ ansi: "auto", progress: "tty" }, { COMPOSE_ANSI: "never", COMPOSE_PROGRESS: "json" }, { mode: "tty" }],
  [{}, { COMPOSE_ANSI: "nonsense" }, { mode: "auto" }],
])("%j with %j", (group, env, result) => {
  expect(wanted(group, env)).toEqual(result);
});

test("what the verb says goes before what its group says", () => {
  expect(wanted({ progress: "json" }, {}, { progress: "plain" })).toEqual({ mode: "plain" });
  expect(wantedProgress({ flags: {}, args: [] }, { COMPOSE_ANSI: "always", COMPOSE_PROGRESS: "tty" })).toEqual({ mode: "auto" });
});

test("what contradicts is refused", () => {
  expect(() => wanted({ ansi: "never", progress: "tty" })).toThrow("can't use --progress tty while ANSI support is disabled");
  expect(() => wanted({ ansi: "always" }, { COMPOSE_PROGRESS: "plain" })).toThrow(
    "can't use --progress plain while ANSI support is forced",
  );
});

test("colours beside progress: as --ansi and COMPOSE_ANSI say, else as whoever shows it has it", () => {
  expect(wantedColours(undefined, {})).toBeUndefined();
  expect(wantedColours({ group: {} }, {})).toBeUndefined();
  expect(wantedColours({ group: { ansi: "never" } }, {})).toBe(false);
  expect(wantedColours({ group: {} }, { COMPOSE_ANSI: "never" })).toBe(false);
  expect(wantedColours({ group: { ansi: "always" } }, {})).toBe(true);
  expect(wantedColours({ group: { ansi: "always" } }, { NO_COLOR: "1" })).toBe(false);
});
