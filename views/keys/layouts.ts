/** Layouts of terminals: keeping the one that is open, and the menu of those that were kept. */
import { toEngineError } from "../../engine/errors.ts";
import { joinWords } from "../../src/repl/language/command-line.ts";
import type { Layout } from "../panes/layouts.ts";
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";

/** Keeps the terminals that are open. */
export function saveLayout(tui: Tui, name: string): void {
  const { panes, pane, zoomed } = tui.state;
  try {
    const kept = { lines: panes.map(({ words }) => [...words]), titles: panes.map(({ title }) => title) };
    tui.layouts.keep(name, { ...kept, focused: pane, zoomed });
    tui.notes.good(`kept as "${name}": ${panes.length === 1 ? "one terminal" : `${panes.length} terminals`}`);
  } catch (error) {
    tui.notes.error(toEngineError(error));
  }
}

/** Opens the menu: choosing one opens its terminals. */
export function openLayouts(tui: Tui): void {
  const { layouts } = tui;
  const attempt = (act: () => void) => {
    try {
      act();
    } catch (error) {
      tui.notes.error(toEngineError(error));
    }
  };
  attempt(() => {
    const all = [...layouts.read()];
    if (all.length === 0) {
      tui.notes.info("no layout is kept: in a terminal, the prefix key and s keep one");
      return;
    }
    const text = ({ lines, titles = lines.map(joinWords) }: Layout) => titles.join(" · ");
    const opening = all.map(([name, layout]): MenuItem => ({ label: name, text: text(layout), choose: () => void restore(tui, layout) }));
    const forget = (name: string): MenuItem => ({
      label: "forget",
      text: name,
      choose: () => attempt(() => layouts.keep(name, undefined)),
    });
    tui.menus.open("Layouts of terminals", [...opening, ...all.map(([name]) => forget(name))]);
  });
}

/** Each terminal is there before the next is opened: they keep their order. One that fails says so, and the others open. */
async function restore(tui: Tui, { lines, focused, zoomed }: Layout): Promise<void> {
  const before = tui.state.panes.length;
  for (const words of lines) {
    const { promise, resolve } = Promise.withResolvers<void>();
    void tui.runner.run(words, { opened: resolve }).then(() => resolve());
    await promise;
  }
  if (tui.state.panes.length === before + lines.length) tui.panes.focus(before + focused);
  if (zoomed !== tui.state.zoomed && tui.state.panes.length > before) tui.panes.zoom();
}
