/** The two top lines: what and where, how much of everything; the tabs, the filter, the open terminals. Pure. */

import type { ContainerSummary } from "../../engine/index.ts";
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { isGroup, objectsOf } from "../groups.ts";
import { type ResourceId, resource, tabOf, tabs } from "../resources/index.ts";
import { foundIn } from "../selection.ts";
import type { AppState } from "../state.ts";
import type { Theme } from "../theme.ts";

export function headerLine(state: AppState, theme: Theme): string {
  const rows = state.lists.containers.rows as ContainerSummary[];
  const running = rows.filter((row) => row.State === "running").length;
  const { name, isOpened, lost } = state.at;
  const place = isOpened ? state.root : neutraliseLine(name);
  const left = ` berth ${state.version}  ${place}${lost === undefined ? "" : `  ✗ ${neutraliseLine(lost)}`}`;
  const right = `${state.lists.containers.loaded ? `${running} running of ${rows.length}` : "loading"}  ${state.host} `;
  const room = state.columns - cellWidth(right) - 1;
  return theme.paint("bar", room > 12 ? `${fill(left, room)} ${right}` : fill(left, state.columns));
}

/** A tab and where it is, for the mouse. */
export interface TabPlace {
  id: ResourceId;
  from: number;
  to: number;
}

/** Names are cut from the end of the line until all fit, then the numbers go, then the names. */
function tabTexts(state: AppState): { id: ResourceId; text: string }[] {
  const front = tabOf(state.resource);
  const opened = resource(state.resource).key === undefined ? state.opened : undefined;
  const texts = tabs.map(({ id, key, title }) => {
    if (id === front && opened !== undefined)
      return { id, text: ` ${key} ${title.slice(0, 3)} › ${truncate(neutraliseLine(opened), 20)} ` };
    return tabText(state, id, `${key} ${title}`);
  });
  const room = state.columns - cellWidth(tabNotes(state));
  const shorten = (text: (tab: (typeof tabs)[number]) => string) => {
    for (let at = tabs.length - 1; at >= 0 && widthOf(texts) >= room; at--)
      if (tabs[at]!.id !== front) texts[at] = { id: tabs[at]!.id, text: text(tabs[at]!) };
  };
  shorten(({ id, key, title }) => tabText(state, id, `${key} ${title.slice(0, 3)}`).text);
  shorten(({ key, title }) => ` ${key} ${title.slice(0, 3)} `);
  shorten(({ key }) => ` ${key} `);
  return texts;
}

function tabText({ lists }: AppState, id: ResourceId, name: string): { id: ResourceId; text: string } {
  const { rows, loaded } = lists[id];
  if (resource(id).whileInFront) return { id, text: ` ${name} ` }; // not read, it would count nothing
  return { id, text: ` ${name}${loaded ? ` ${rows.length}` : ""} ` };
}

const widthOf = (texts: readonly { text: string }[]) => texts.reduce((sum, { text }) => sum + cellWidth(text), 0);

export function tabPlaces(state: AppState): TabPlace[] {
  let at = 0;
  return tabTexts(state).map(({ id, text }) => {
    const from = at;
    at += cellWidth(text);
    return { id, from, to: at };
  });
}

export function tabsLine(state: AppState, theme: Theme): string {
  const texts = tabTexts(state);
  const tabs = texts.map(({ id, text }) => theme.paint(id === tabOf(state.resource) ? "selected" : "dim", text)).join("");
  const width = widthOf(texts);
  const notes = tabNotes(state);
  const room = state.columns - width - 1;
  const text = truncate(notes, room);
  return `${tabs}${" ".repeat(Math.max(0, room - cellWidth(text) + 1))}${theme.paint("accent", text)}`;
}

/** " in name, image": what the words of the filter were found in, for the row under the cursor. */
function whereFound({ lists, resource: id, now, usage, progress }: AppState): string {
  const { shown, cursor, filter } = lists[id];
  const row = shown[cursor];
  if (row === undefined || isGroup(row)) return "";
  const view = resource(id);
  const found = foundIn(view, row, filter, (column) => view.columns[column]!.value(row, now, usage, progress));
  return found.length > 0 ? ` in ${found.join(", ")}` : "";
}

function tabNotes(state: AppState): string {
  const { filter, shown, rows, marked, range, sort, descending, group } = state.lists[state.resource];
  const notes: string[] = [];
  if (state.isHeld && resource(state.resource).whileInFront) notes.push("paused");
  if (marked.size > 0) notes.push(`${marked.size} marked${range ? " …" : ""}`);
  if (filter) notes.push(`/${neutraliseLine(filter)} ${objectsOf(shown).length} of ${rows.length}${whereFound(state)}`);
  if (sort !== undefined)
    notes.push(`by ${resource(state.resource).columns[sort]!.header.trim().toLowerCase()}${descending ? " ↑" : " ↓"}`);
  if (group !== undefined) notes.push(`in groups of ${truncate(neutraliseLine(group.replace(/^.*\./, "")), 20)}`);
  const bell = state.panes.some(({ rang }) => rang) ? " ♪" : "";
  if (state.panes.length > 0) notes.push(`w: ${state.panes.length} terminal${state.panes.length === 1 ? "" : "s"}${bell}`);
  return notes.join("  ");
}
