/** Keys that arrange a list: what it is sorted and grouped by, ranges of marks, only what runs. */
import { labelOf, labelsOf } from "../groups.ts";
import type { Action } from "../keymap.ts";
import { columnName } from "../resources/resource.ts";
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";
import { openColumnsMenu } from "./columns.ts";

const context = "list" as const;

const hasRow = (tui: Tui) => (tui.lists.current.shown.length === 0 ? "the list is empty" : undefined);
const hasLabels = (tui: Tui) => (tui.lists.resource.labels ? undefined : `${tui.lists.resource.title.toLowerCase()} have no labels here`);

/** Columns to sort by, the present one with its direction. */
function openSortMenu(tui: Tui): void {
  const { current, resource } = tui.lists;
  const items = resource.columns.flatMap((column, at): MenuItem[] => {
    if (!column.sort && !column.ranks) return [];
    const text = at !== current.sort ? "" : current.descending ? "↑ now" : "↓ now: again reverses it";
    return [{ label: columnName(column), text, choose: () => tui.lists.sortBy(at) }];
  });
  const none: MenuItem = { label: "none", text: "as it comes", choose: () => tui.lists.sortBy(undefined) };
  const present = current.sort === undefined ? "none" : columnName(resource.columns[current.sort]!);
  tui.menus.open(`Sort ${resource.title.toLowerCase()} by`, [...items, none], { chosen: present });
}

/** Labels that the rows have. */
function openLabelMenu(tui: Tui): void {
  const { current, resource } = tui.lists;
  const none: MenuItem = { label: "none", text: "no groups", choose: () => tui.lists.groupBy(undefined) };
  const items = labelsOf(resource, current.rows).map(
    ({ label, values }): MenuItem => ({
      label,
      text: `${values} value${values === 1 ? "" : "s"}`,
      choose: () => tui.lists.groupBy(label),
    }),
  );
  tui.menus.open(`Group ${resource.title.toLowerCase()} by label`, [none, ...items], { chosen: current.group ?? "none" });
}

/** Folds the group under the cursor; a list without groups gets those of compose's projects. */
function fold(tui: Tui): void {
  if (tui.lists.current.group === undefined) tui.lists.groupBy(labelOf("project"));
  else tui.lists.fold();
}

/** The word of the filter that leaves what runs. */
const runningOnly = "state:running";

function toggleRunning(tui: Tui): void {
  const words = tui.lists.current.filter.split(/\s+/).filter(Boolean);
  const others = words.filter((word) => word !== runningOnly);
  tui.lists.filter((others.length < words.length ? others : [...words, runningOnly]).join(" "));
}

export const arrangingActions: readonly Action[] = [
  {
    id: "list.sort",
    keys: ["o"],
    context,
    label: "sort",
    help: "choose what the list is sorted by; the same again reverses it",
    hint: 25,
    run: openSortMenu,
  },
  {
    id: "list.columns",
    keys: ["|"],
    context,
    label: "columns",
    help: "choose which columns show, and in which order; they can be saved",
    run: openColumnsMenu,
  },
  {
    id: "list.range",
    keys: ["V"],
    context,
    label: "mark range",
    help: "mark from here to where you move; again, and moving marks no more",
    disabled: hasRow,
    run: (tui) => tui.lists.markFromHere(),
  },
  {
    id: "list.fold",
    keys: ["z"],
    context,
    label: "fold",
    help: "show or hide the rows of a group; a list without groups gets those of compose's projects",
    disabled: (tui) => hasLabels(tui) ?? hasRow(tui),
    run: fold,
  },
  {
    id: "list.group",
    keys: ["L"],
    context,
    label: "group",
    help: "group by a label, or not: actions on a group are for all of its rows",
    disabled: hasLabels,
    run: openLabelMenu,
  },
  {
    id: "list.running",
    keys: ["A"],
    context,
    resources: ["containers"],
    label: "running",
    help: "show only what runs, or all",
    run: toggleRunning,
  },
];
