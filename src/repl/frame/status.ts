/**
 * Exit statuses of the session, the one list: what a script, -c or the prompt ends with. Pure.
 *
 *   0    everything went well
 *   1    a command failed; or the own status of the program it ran, where that was a run, an exec or a program of the host
 *        (126: it cannot be executed, 127: it is not there)
 *   2    syntax or usage: found before anything ran wherever it can be known
 *   3    an expectation or an assertion failed
 *   4    a timeout
 *   130  interrupted; 128 + n after another signal
 */
import { EngineError, type ErrorCode } from "../../../engine/errors.ts";

const ofCode: Partial<Record<ErrorCode, number>> = { syntax: 2, usage: 2, cancelled: 130 };

/** What a session ends with after an error. */
export function statusOf({ code, exit }: EngineError): number {
  // 125 is the shell's word for "docker itself failed"; here a failed command is a failed command.
  return ofCode[code] ?? (exit === 125 && code !== "command-failed" ? 1 : exit);
}

/** A status other than 0 is a failure of the script. @throws EngineError `command-failed` with that status */
export function requireSuccess(title: string, status: number): void {
  if (status === 0) return;
  throw new EngineError("command-failed", `"${title}" ended with status ${status}`, {
    exit: status,
    hint: `'expect status ${status} ${title} …' accepts it`,
  });
}

/** @param isOnce it was asked once, and had no time to come true */
export function unexpected(message: string, { isOnce = false } = {}): EngineError {
  return new EngineError("expectation", message, { exit: 3, ...(isOnce && { hint: "'expect 5s …' waits until it is so" }) });
}

/** A time that is over. */
export function outOfTime(message: string): EngineError {
  return new EngineError("timeout", message, { exit: 4 });
}
