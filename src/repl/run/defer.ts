/** `defer`: what is done when a block or a script ends, whatever ended it. */
import { EngineError, toEngineError } from "../../../engine/errors.ts";
import type { Deferred } from "../frame/index.ts";
import type { Session } from "../session.ts";

/**
 * Runs statements, then what they deferred, the last first. All of it is tried; the first error is the one that is thrown, and the
 * others are reported.
 */
export async function runDefers<Result>(session: Session, defers: Deferred[], running: () => Promise<Result>): Promise<Result> {
  let failure: { error: unknown } | undefined;
  let result: Result | undefined;
  try {
    result = await running();
  } catch (error) {
    failure = { error };
  }
  while (defers.length > 0) {
    const { statement, frame } = defers.pop()!;
    try {
      // Not cancelled with the rest: a second signal ends the process.
      await session.block(statement.body, { ...frame, signal: new AbortController().signal, isCleaning: true });
    } catch (error) {
      if (failure) session.report(whileCleaningUp(error));
      failure ??= { error };
    }
  }
  if (failure) throw failure.error;
  return result as Result;
}

function whileCleaningUp(error: unknown): EngineError {
  const { code, message, hint, location } = toEngineError(error);
  return new EngineError(code, `while cleaning up: ${message}`, { hint, location });
}
