/** Signals: their names and numbers. Pure. */
import { constants } from "node:os";
import { EngineError } from "../../errors.ts";

/** "KILL", "SIGKILL", "9", "RTMIN+3" → number. @throws EngineError `invalid` */
export function signalNumber(text: string): number {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (number > 0 && number <= 64) return number;
  }
  const name = text.toUpperCase().replace(/^SIG/, "");
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (realTime) {
    const number = (realTime[1] === "MIN" ? 34 : 64) + (realTime[3] ? Number(`${realTime[2]}${realTime[3]}`) : 0);
    if (number >= 34 && number <= 64) return number;
  }
  const found = (constants.signals as Record<string, number>)[`SIG${name}`];
  if (found === undefined)
    throw new EngineError("invalid", `invalid signal: ${text}`, { hint: "name one of signal(7), such as TERM or 9" });
  return found;
}
