/** What containers come to in a word: what failed is no stopped service, what somebody stopped has not failed. */
import { expect, test } from "vitest";
import type { Seen } from "../../../engine/compose/index.ts";
import { failureText, stateOf } from "../../../views/projects/states.ts";

const seen = (status: string): Seen => ({ state: status.startsWith("Up") ? "running" : "exited", status }) as Seen;

test.each<[string[], boolean, ReturnType<typeof stateOf>]>([
  [["Exited (0) 2 minutes ago"], true, "done"],
  [["Exited (0) 2 minutes ago"], false, "stopped"],
  [["Exited (1) 2 minutes ago"], true, "failed"],
  [["Exited (1) 2 minutes ago"], false, "failed"],
  [["Exited (137) 2 minutes ago"], false, "stopped"],
  [["Exited (143) 2 minutes ago"], false, "stopped"],
  [["Exited (143) 2 minutes ago"], true, "failed"],
  [["Exited (0) 2 minutes ago", "Exited (3) 2 minutes ago"], false, "failed"],
  [["Up 2 minutes", "Exited (3) 2 minutes ago"], true, "part"],
])("%j, any up: %s", (statuses, isAnyUp, state) => {
  expect(stateOf(statuses.map(seen), isAnyUp)).toBe(state);
});

test("a project of which services failed says with what, or how many", () => {
  const service = (...statuses: string[]) => {
    const containers = statuses.map(seen);
    return { containers, state: stateOf(containers, false) };
  };
  expect(failureText([service("Exited (0) now"), service("Exited (137) now")])).toBeUndefined();
  expect(failureText([service("Exited (0) now"), service("Exited (0) now", "Exited (3) now")])).toBe("exited (3)");
  expect(failureText([service("Exited (1) now"), service("Exited (2) now"), service("Exited (0) now")])).toBe("2 of 3 failed");
});
