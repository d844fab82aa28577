/** The signals to choose from, and what sending one asks. */
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";

/** What programs commonly take them for. */
const signals: readonly [name: string, meaning: string][] = [
  ["TERM", "end, after tidying up"],
  ["INT", "as Ctrl-C does"],
  ["HUP", "many read their configuration again"],
  ["QUIT", "end; some write what they were doing"],
  ["USR1", "the program's own meaning"],
  ["USR2", "the program's own meaning"],
  ["WINCH", "the terminal has another size; some end gracefully"],
  ["STOP", "stand still"],
  ["CONT", "go on"],
  ["KILL", "end at once, without tidying up"],
];

/** Those that end a program which does nothing about them: asked, as a slip of the finger is no order. */
const harmless = new Set(["WINCH", "CONT"]);

/** @param whom `"web", "db"` @param lines the command lines that send a signal */
export function openSignals(tui: Tui, whom: string, lines: (signal: string) => string[][]): void {
  const send = async (signal: string) => {
    const question = { question: `Send SIG${signal} to ${whom}?`, detail: [`What it does: ${Object.fromEntries(signals)[signal]}.`] };
    if (!harmless.has(signal) && !(await tui.questions.ask(question))) return;
    for (const words of lines(signal)) void tui.runner.run(words);
  };
  const items = signals.map(([name, text]): MenuItem => ({ label: name, text, choose: () => void send(name) }));
  tui.menus.open(`Send a signal to ${whom}`, items);
}
