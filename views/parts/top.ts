/** The two top lines: what and where, how much of everything; the tabs, the filter, the open terminals. Pure. */

import type { ContainerSummary } from "../../engine/index.ts";
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { resource, resources } from "../resources/index.ts";
import type { AppState } from "../state.ts";
import type { Theme } from "../theme.ts";

export function headerLine(state: AppState, theme: Theme): string {
  const rows = state.lists.containers.rows as ContainerSummary[];
  const running = rows.filter((row) => row.State === "running").length;
  const left = ` berth ${state.version}  ${state.root}`;
  const right = `${state.lists.containers.loaded ? `${running} running of ${rows.length}` : "loading"}  ${state.host} `;
  const room = state.columns - cellWidth(right) - 1;
  return theme.paint("bar", room > 12 ? `${fill(left, room)} ${right}` : fill(left, state.columns));
}

/** A tab and where it is, for the mouse. */
export interface TabPlace {
  id: AppState["resource"];
  from: number;
  to: number;
}

function tabTexts(state: AppState): { id: AppState["resource"]; text: string }[] {
  const texts = (full: boolean) =>
    resources.map(({ id, key, title }) => {
      const { rows, loaded } = state.lists[id];
      const name = full || id === state.resource ? title : title.slice(0, 3);
      return { id, text: ` ${key} ${name}${loaded ? ` ${rows.length}` : ""} ` };
    });
  const whole = texts(true);
  return widthOf(whole) + cellWidth(tabNotes(state)) < state.columns ? whole : texts(false);
}

const widthOf = (texts: readonly { text: string }[]) => texts.reduce((sum, { text }) => sum + text.length, 0);

export function tabPlaces(state: AppState): TabPlace[] {
  let at = 0;
  return tabTexts(state).map(({ id, text }) => {
    const from = at;
    at += text.length;
    return { id, from, to: at };
  });
}

export function tabsLine(state: AppState, theme: Theme): string {
  const texts = tabTexts(state);
  const tabs = texts.map(({ id, text }) => theme.paint(id === state.resource ? "selected" : "dim", text)).join("");
  const width = widthOf(texts);
  const notes = tabNotes(state);
  const room = state.columns - width - 1;
  const text = truncate(notes, room);
  return `${tabs}${" ".repeat(Math.max(0, room - cellWidth(text) + 1))}${theme.paint("accent", text)}`;
}

function tabNotes(state: AppState): string {
  const { filter, shown, rows, marked, sort, descending } = state.lists[state.resource];
  const notes: string[] = [];
  if (marked.size > 0) notes.push(`${marked.size} marked`);
  if (filter) notes.push(`/${neutraliseLine(filter)} ${shown.length} of ${rows.length}`);
  if (sort !== undefined)
    notes.push(`by ${resource(state.resource).columns[sort]!.header.trim().toLowerCase()}${descending ? " ↑" : " ↓"}`);
  const bell = state.panes.some(({ rang }) => rang) ? " ♪" : "";
  if (state.panes.length > 0) notes.push(`w: ${state.panes.length} terminal${state.panes.length === 1 ? "" : "s"}${bell}`);
  return notes.join("  ");
}
