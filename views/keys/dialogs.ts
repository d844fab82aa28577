/** Keys of what lies over the screen: the prompt (filter, palette, search), questions, the help. */
import type { Action } from "../keymap.ts";

const isPalette = (kind: string | undefined) => (kind === "palette" ? undefined : "only command lines complete and have a history");

export const promptActions: readonly Action[] = [
  {
    id: "prompt.accept",
    keys: ["enter"],
    context: "prompt",
    label: ({ state: { prompt } }) => (prompt?.kind === "palette" ? "run" : prompt?.kind === "filter" ? "keep" : "ok"),
    help: "run the command line; keep the filter; search",
    hint: 1,
    run: (tui) => tui.prompts.accept(),
  },
  {
    id: "prompt.cancel",
    keys: ["esc", "ctrl-c"],
    context: "prompt",
    label: "cancel",
    help: "give up; a filter is cleared",
    hint: 2,
    run: (tui) => tui.prompts.cancel(),
  },
  {
    id: "prompt.complete",
    keys: ["tab"],
    context: "prompt",
    label: "complete",
    help: "complete the word, then the next candidate",
    hint: 3,
    disabled: (tui) => isPalette(tui.state.prompt?.kind),
    run: (tui) => void tui.prompts.complete(1),
  },
  {
    id: "prompt.completeback",
    keys: ["shift-tab"],
    context: "prompt",
    label: "complete back",
    help: "the candidate before",
    disabled: (tui) => isPalette(tui.state.prompt?.kind),
    run: (tui) => void tui.prompts.complete(-1),
  },
  {
    id: "prompt.older",
    keys: ["up", "ctrl-p"],
    context: "prompt",
    label: "history",
    help: "the command line before",
    hint: 4,
    disabled: (tui) => isPalette(tui.state.prompt?.kind),
    run: (tui) => tui.prompts.recall(1),
  },
  {
    id: "prompt.newer",
    keys: ["down", "ctrl-n"],
    context: "prompt",
    label: "newer",
    help: "the command line after",
    disabled: (tui) => isPalette(tui.state.prompt?.kind),
    run: (tui) => tui.prompts.recall(-1),
  },
  {
    id: "prompt.searchback",
    keys: ["ctrl-r"],
    context: "prompt",
    label: "search back",
    help: "the newest command line that holds what was typed, then older ones",
    hint: 5,
    disabled: (tui) => isPalette(tui.state.prompt?.kind),
    run: (tui) => tui.prompts.searchBack(),
  },
];

export const confirmActions: readonly Action[] = [
  {
    id: "confirm.accept",
    keys: ["y"],
    context: "confirm",
    label: "yes",
    help: 'do it; of many things, or by force: "yes" and Enter',
    hint: 1,
    hidden: ({ state: { confirm } }) => confirm?.word !== undefined,
    disabled: ({ state: { confirm } }) => confirm?.word && `type "${confirm.word}" and Enter`,
    run: (tui) => tui.questions.key("y"),
  },
  {
    id: "confirm.decline",
    keys: ["n", "esc", "enter", "ctrl-c"],
    context: "confirm",
    label: "no",
    help: "do not; any other key says so, too",
    hint: 2,
    run: (tui) => tui.questions.key("esc"),
  },
];

export const helpActions: readonly Action[] = [
  {
    id: "help.close",
    keys: ["esc", "q", "?", "enter", "ctrl-c"],
    context: "help",
    label: "close",
    help: "close the help",
    hint: 1,
    run: (tui) => tui.closeHelp(),
  },
  {
    id: "help.down",
    keys: ["j", "down", "pagedown", "space"],
    context: "help",
    label: "down",
    help: "scroll down",
    hint: 2,
    run: (tui) => tui.scrollHelp(1),
  },
  { id: "help.up", keys: ["k", "up", "pageup"], context: "help", label: "up", help: "scroll up", run: (tui) => tui.scrollHelp(-1) },
];
