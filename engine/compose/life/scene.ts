/** What the steps of one command share: the engine, the project, whom to tell, and when to stop. */
import type { Engine } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent, ResourceEvent } from "../../events.ts";
import type { Project } from "../project.ts";
import type { Seen } from "./observe.ts";

export interface Scene {
  engine: Engine;
  project: Project;
  report(event: ProgressEvent): void;
  /** Resolves when whoever is told is not far behind: before more is told of what has no end. */
  room?(): Promise<void>;
  /** Shows a line that a hook of a container writes among those of the containers; absent: it is told when the hook is over. */
  hookLine?(container: Pick<Seen, "name">, line: Uint8Array): void;
  signal: AbortSignal;
  /** Nothing is done; what would be is told. */
  dryRun: boolean;
  /** `--no-verify`: pass over what the policies ask of images, if they permit that. */
  noVerify?: boolean;
  /** Operations at the same time. */
  atOnce: number;
}

/** Waits until nobody else changes the project, and keeps the others waiting. */
export function turnOf({ engine, project, signal }: Pick<Scene, "engine" | "project" | "signal">): Promise<Disposable> {
  return engine.system.exclusive(turnName(project), signal);
}

/** False where somebody may be changing the project. */
export const isTurnFree = ({ engine, project }: Pick<Scene, "engine" | "project">): Promise<boolean> =>
  engine.system.isFree(turnName(project));

const turnName = ({ model }: Project) => `compose project ${model.name}`;

/** Tells that something begins, unless there is no word for that, does it, and tells how it ended. A dry run only tells. */
export async function doing<Result>(
  { report, dryRun }: Pick<Scene, "report" | "dryRun">,
  kind: ResourceEvent["kind"],
  name: string,
  [working, done]: readonly [string | undefined, string],
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  const tell = (status: string, state: ResourceEvent["state"], text?: string) =>
    report({ type: "resource", kind, name, status, state, ...(text !== undefined && { text }) });
  if (working !== undefined) tell(working, "working");
  try {
    const result = dryRun ? undefined : await act();
    tell(done, "done");
    return result;
  } catch (error) {
    tell("Error", "error", (error as Error).message);
    throw error;
  }
}

/** Runs a generator of the contract: its events are told, its result returned. */
export async function through<Event extends ProgressEvent, Result>(
  events: AsyncGenerator<Event, Result>,
  report: (event: Event) => void,
): Promise<Result> {
  for (;;) {
    const step = await events.next();
    if (step.done) return step.value;
    report(step.value);
  }
}

/** undefined where there is none. @throws whatever else the engine says */
export async function found<Thing>(thing: Promise<Thing>): Promise<Thing | undefined> {
  return thing.catch((error: unknown) => {
    if (error instanceof EngineError && error.code === "not-found") return undefined;
    throw error;
  });
}
