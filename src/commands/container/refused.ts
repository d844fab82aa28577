/** Exit statuses of what the engine refuses: 125 is for `run`, whose other statuses are the process's; 1 for the rest. */
import { EngineError } from "../../../engine/errors.ts";

/** Passes everything through, but gives the engine's own failures another exit status; wrong usage keeps its 125. */
export async function* refusedWith<Event, Result>(exit: number, work: AsyncGenerator<Event, Result>): AsyncGenerator<Event, Result> {
  try {
    return yield* work;
  } catch (error) {
    throw withStatus(exit, error);
  }
}

/** The same for a promise. */
export async function refusalAs<Result>(exit: number, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw withStatus(exit, error);
  }
}

/** The engine failed, the command cannot be run, the command was not found. */
const runsOwn = new Set([125, 126, 127]);

function withStatus(exit: number, error: unknown): unknown {
  return error instanceof EngineError && runsOwn.has(error.exit) && error.code !== "usage" ? error.withExit(exit) : error;
}
