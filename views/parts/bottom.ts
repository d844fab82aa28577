/** The bottom lines: notes, candidates, the prompt or the last command line, the keys that can be pressed. Pure. */
import { cellWidth, fill, tail, truncate } from "../../src/format/cells.ts";
import { outcomeOf } from "../command-log.ts";
import { type Action, actionsIn, keyLabel, labelOf, whyNot } from "../keymap.ts";
import { noteLines } from "../layout.ts";
import type { AppState, CommandEntry, PromptState } from "../state.ts";
import type { Theme, Tone } from "../theme.ts";
import type { Tui } from "../tui.ts";

const noteTones: Record<string, Tone> = { good: "good", bad: "bad", info: "busy" };
const noteSigns: Record<string, string> = { good: "✓", bad: "✗", info: "•" };

/** Notes, oldest first, each signed on its first line. */
export function notesLines(state: AppState, theme: Theme): string[] {
  return noteLines(state).map(({ tone, text, first }) =>
    theme.paint(noteTones[tone]!, truncate(` ${first ? noteSigns[tone] : " "} ${text}`, state.columns)),
  );
}

const labels: Record<PromptState["kind"], string> = {
  filter: "/",
  palette: ":",
  search: "search: ",
  names: "search: ",
  find: "search upwards: ",
  save: "save to file: ",
  script: "save as a script: ",
  layout: "save the terminals as: ",
  lines: "lines with (! without): ",
  time: "go to the time: ",
  since: "lines since: ",
  until: "lines until: ",
  highlight: "highlight: ",
  registry: "registry or repository: ",
};

/** Candidates of the palette, the chosen one in sight. */
export function candidatesLine(state: AppState, theme: Theme): string | undefined {
  const { prompt } = state;
  if (!prompt || prompt.candidates.length === 0) return undefined;
  let line = " ";
  let used = 1;
  for (const [index, candidate] of prompt.candidates.slice(Math.max(0, prompt.chosen - 3)).entries()) {
    const text = ` ${candidate} `;
    if (used + cellWidth(text) > state.columns - 1) {
      line += theme.paint("dim", "…");
      break;
    }
    line += theme.paint(index + Math.max(0, prompt.chosen - 3) === prompt.chosen ? "selected" : "dim", text);
    used += cellWidth(text);
  }
  return line;
}

/** The line being typed, and where the cursor stands in it. */
export function promptLine(state: AppState, theme: Theme): { text: string; cursor: number } | undefined {
  const { prompt } = state;
  if (!prompt) return undefined;
  const label = labels[prompt.kind];
  const room = state.columns - label.length - 1;
  const head = tail(prompt.text.slice(0, prompt.cursor), room);
  const rest = truncate(prompt.text.slice(prompt.cursor), room - cellWidth(head));
  return { text: theme.paint("key", label) + head + rest, cursor: label.length + cellWidth(head) };
}

/** The last command line an action ran, and how it went. */
export function commandLine(state: AppState, theme: Theme): string {
  const entry = state.commands.at(-1);
  if (!entry) return theme.paint("dim", " what a key runs shows here");
  const end = outcomeOf(entry);
  return `${theme.paint("dim", " $ ")}${truncate(entry.line, state.columns - 4 - cellWidth(end))} ${theme.paint(tones[entry.state], end)}`;
}

const tones: Record<CommandEntry["state"], Tone> = { running: "busy", done: "good", failed: "bad" };

/** The keys of the context, most useful first, as many as fit. */
export function footerLine(tui: Tui, theme: Theme): string {
  const { state, context } = tui;
  const hints = actionsIn(context, state.resource, tui.keymap)
    .filter((action) => action.hint !== undefined && !action.hidden?.(tui))
    .sort((a, b) => a.hint! - b.hint!);
  const prefix = context === "panes" ? `${keyLabel(tui.prefix)} ` : "";
  const mark = state.prefixed ? ` ${keyLabel(tui.prefix)} …` : "";
  const width = (action: Action) => cellWidth(` ${prefix}${keyLabel(action.keys[0])} ${labelOf(action, tui)}`);
  const fitting = (room: number) => {
    let used = 0;
    const end = hints.findIndex((action) => (used += width(action)) > room);
    return end < 0 ? hints : hints.slice(0, end);
  };
  const room = state.columns - cellWidth(mark);
  // The way to all keys stays in sight, however narrow the screen.
  const help = hints.find((action) => action.id.endsWith(".help"));
  const all = fitting(room);
  const shown = help && !all.includes(help) ? [...fitting(room - width(help)), help] : all;
  const line = shown.map((action) => {
    const key = ` ${prefix}${keyLabel(action.keys[0])} `;
    const label = labelOf(action, tui);
    return whyNot(action, tui) === undefined ? theme.paint("key", key) + label : theme.paint("dim", key + label);
  });
  const used = shown.reduce((sum, action) => sum + width(action), 0);
  return `${mark && theme.paint("marked", mark)}${line.join("")}${" ".repeat(Math.max(0, room - used))}`;
}

/** A line across the screen with a title. */
export function titleLine(title: string, width: number, theme: Theme, focused = true): string {
  return theme.paint(focused ? "selected" : "dim", fill(` ${title}`, width));
}
