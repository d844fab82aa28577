/** Keys of forms; every other key types into the field. */
import type { Action } from "../keymap.ts";

const context = "form" as const;

export const formActions: readonly Action[] = [
  {
    id: "form.accept",
    keys: ["enter"],
    context,
    label: "run",
    help: "run the line that shows; where something is wrong, go there",
    hint: 1,
    run: (tui) => void tui.forms.accept(),
  },
  { id: "form.cancel", keys: ["esc", "ctrl-c"], context, label: "leave", help: "nothing of it", hint: 2, run: (tui) => tui.forms.close() },
  {
    id: "form.complete",
    keys: ["tab"],
    context,
    label: "complete",
    help: "complete the word, then the next candidate; without one, the next field",
    hint: 3,
    run: (tui) => void tui.forms.complete(1),
  },
  {
    id: "form.completeback",
    keys: ["shift-tab"],
    context,
    label: "back",
    help: "the candidate before; without one, the field before",
    run: (tui) => void tui.forms.complete(-1),
  },
  {
    id: "form.down",
    keys: ["down", "ctrl-n"],
    context,
    label: "next field",
    help: "the next field",
    hint: 4,
    run: (tui) => tui.forms.move(1),
  },
  { id: "form.up", keys: ["up", "ctrl-p"], context, label: "field before", help: "the field before", run: (tui) => tui.forms.move(-1) },
  {
    id: "form.line",
    keys: ["ctrl-o"],
    context,
    label: "as a line",
    help: "go on with it as a command line",
    hint: 5,
    run: (tui) => tui.forms.toPalette(),
  },
];
