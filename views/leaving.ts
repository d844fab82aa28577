/** The question of who leaves the UI while something is going on in it. Pure. */
import type { Question } from "./keymap.ts";

/** @param commands those that run without a terminal */
export function leavingQuestion(terminals: number, commands: number): Question {
  const detail: string[] = [];
  if (terminals > 0) detail.push(`${counted(terminals, "terminal")} open. Containers keep running; shells in them end.`);
  if (commands > 0) detail.push(`${counted(commands, "command")} running and would be cancelled.`);
  return { question: "Leave berth?", detail };
}

/** "One terminal is", "2 terminals are". */
function counted(count: number, noun: string): string {
  return count === 1 ? `One ${noun} is` : `${count} ${noun}s are`;
}
