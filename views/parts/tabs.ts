/** The pages of an object's details as one row: beside a list, and above a page that has the screen for itself. Pure. */
import { cellWidth, truncate } from "../../src/format/cells.ts";
import { resource } from "../resources/index.ts";
import { type DetailTab, detailTabs } from "../resources/resource.ts";
import type { AppState } from "../state.ts";
import type { Theme } from "../theme.ts";

/** Letters that a title keeps where there is no room for all of them. */
const short = 3;

/** The titles, the one that shows marked; the others are cut from the end on until all fit, then those before it leave. */
export function tabBar(tabs: readonly DetailTab<unknown>[], tab: DetailTab<unknown>, width: number, theme: Theme): string {
  const titles = tabs.map(({ title }) => title);
  const at = tabs.indexOf(tab);
  const used = (from: number) => titles.slice(from).reduce((sum, title) => sum + cellWidth(title) + 1, 0);
  for (let last = titles.length - 1; last >= 0 && used(0) > width; last--) if (last !== at) titles[last] = titles[last]!.slice(0, short);
  let from = 0;
  while (from < at && used(from) > width) from++;
  let room = width;
  const shown = titles.slice(from).map((title, index) => {
    const text = truncate(` ${title}`, room);
    room = Math.max(0, room - cellWidth(text));
    return theme.paint(from + index === at ? "selected" : "dim", text);
  });
  return shown.join("");
}

/** The same above a page that has the screen for itself. */
export function pageBar({ view, pager, tree, columns }: AppState, theme: Theme): string {
  const { of, page } = (view === "tree" ? tree : pager) ?? {};
  const tabs = of ? detailTabs(resource(of.resource)) : [];
  const tab = tabs.find(({ title }) => title === page) ?? tabs[0];
  return tab ? tabBar(tabs, tab, columns, theme) : "";
}
