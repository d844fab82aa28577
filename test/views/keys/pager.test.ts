/** Keys of the pager that mean nothing just now say why. */
import { expect, test } from "vitest";
import { pagerActions } from "../../../views/keys/pager.ts";
import type { Tui } from "../../../views/tui.ts";

/** Why a key does nothing, by its action. */
function reasons(pager: object | undefined): Record<string, string> {
  const tui = { state: { pager } } as Tui;
  return Object.fromEntries(pagerActions.flatMap(({ id, disabled }) => (disabled?.(tui) ? [[id, disabled(tui)!]] : [])));
}

const notTimed = "only logs of containers on this machine are read by time";
const timed = { "pager.time": notTimed, "pager.since": notTimed, "pager.until": notTimed };
const nothingSearched = "search for something first with /";
const noTimes = "only log lines have a time";
const notOfFile = "only a file of a tree has bytes";
const ofNoFile = { "pager.hex": notOfFile, "pager.piece": notOfFile, "pager.pieceback": notOfFile };
const isWrapped = "lines are wrapped: w cuts them";

test.each([
  [{ kind: "logs", search: "x" }, {}],
  [{ kind: "logs" }, { "pager.next": nothingSearched, "pager.previous": nothingSearched }],
  [
    { kind: "logs", search: "", wrap: false },
    { "pager.next": nothingSearched, "pager.previous": nothingSearched },
  ],
  [
    { kind: "text", search: "x", wrap: true },
    { "pager.timestamps": noTimes, "pager.right": isWrapped, "pager.left": isWrapped },
  ],
  [undefined, { "pager.next": nothingSearched, "pager.previous": nothingSearched, "pager.timestamps": noTimes }],
])("%j", (pager, wanted) => {
  expect(reasons(pager)).toEqual({ ...wanted, ...timed, ...ofNoFile, "pager.corner": "nothing is selected: v selects lines" });
});
