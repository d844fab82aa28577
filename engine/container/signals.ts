/** Signals: their names and numbers, and the ones that a face received and passes on to a container. */
import { constants } from "node:os";
import { EngineError } from "../errors.ts";
import type { House } from "../house.ts";
import { signalContainer } from "./process.ts";
import type { AttachOptions } from "./types.ts";

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
    throw new EngineError("invalid", `Invalid signal: ${text}`, { hint: "name one of signal(7), such as TERM or 9" });
  return found;
}

/** Passes on what the face received (not SIGCHLD and SIGPIPE, which are about the face itself). Returns what ends it. */
export function forwardSignals(house: House, id: string, options: AttachOptions): () => void {
  return (
    options.onSignal?.((signal) => {
      if (signal === "SIGCHLD" || signal === "SIGPIPE" || signal === "SIGWINCH") return;
      void signalContainer(house, id, signalNumber(signal)).catch(() => {}); // the session's own end tells what went wrong
    }) ?? (() => {})
  );
}
