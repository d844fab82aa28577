/** How a verb of `compose` runs: what it tells becomes the command's events, and it is called off with them. */
import type { ImageWishes, Project, Scene } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { isTerminal } from "../../print.ts";
import { ansiOf } from "../../progress/wanted.ts";
import type { Context, FlagSpec, Input } from "../command.ts";
import { choiceOf, groupInput, isSet, numberOf } from "../flag-values.ts";
import { atOnceOf } from "./project.ts";

/** `-t`: seconds until a container that does not stop is killed. */
export const timeoutFlag: FlagSpec = {
  name: "timeout",
  short: "t",
  type: "number",
  placeholder: "SECONDS",
  help: "Seconds until a container that does not stop is killed",
};

export function timeoutOf(input: Input): { timeout?: number } {
  const timeout = numberOf(input, "timeout");
  return timeout === undefined ? {} : { timeout };
}

/** `--remove-orphans`, and what stands in for it where neither it nor its contrary is said. */
export async function removesOrphans({ io }: Context, input: Input): Promise<boolean> {
  const { isWished } = await import("../../../engine/compose/index.ts");
  return choiceOf(input, "remove-orphans") ?? isWished(io.env["COMPOSE_REMOVE_ORPHANS"]);
}

/** `--dry-run`. */
export const isDryRun = (input: Input): boolean => isSet(groupInput(input), "dry-run");

/** What has to be done to be seen is refused. @throws EngineError `invalid` for a dry run */
export function refuseDryRun(input: Input, what: string): void {
  if (!isDryRun(input)) return;
  throw new EngineError("invalid", `interactive ${what} is not supported in dry-run mode`, { hint: "leave --dry-run out to have it done" });
}

export async function* inScene<Result>(
  context: Context,
  input: Input,
  project: Project,
  act: (scene: Scene) => Promise<Result>,
): AsyncGenerator<ProgressEvent, Result> {
  const { createChannel } = await import("../../../engine/compose/index.ts");
  const channel = createChannel<ProgressEvent>();
  const over = new AbortController();
  const dryRun = isDryRun(input);
  const scene: Scene = {
    engine: context.engine,
    project,
    report: (event) => channel.push(dryRun && event.type === "resource" ? { ...event, dryRun } : event),
    room: () => channel.room(),
    signal: AbortSignal.any([context.signal, over.signal]),
    dryRun,
    noVerify: isSet(groupInput(input), "no-verify"),
    atOnce: atOnceOf(context, input),
  };
  const work = act(scene).finally(() => channel.close());
  work.catch(() => {}); // it is awaited below
  try {
    yield* channel.drain();
    return await work;
  } finally {
    over.abort();
    await work.catch(() => {}); // thrown above, or of no interest to whoever went away
  }
}

/** The same for one that only changes the project: others that do wait for it. */
export async function* alone<Result>(
  context: Context,
  input: Input,
  project: Project,
  act: (scene: Scene) => Promise<Result>,
): AsyncGenerator<ProgressEvent, Result> {
  const { turnOf } = await import("../../../engine/compose/index.ts");
  return yield* inScene(context, input, project, async (scene) => {
    using _turn = await turnOf(scene);
    return await act(scene); // the turn lasts until then
  });
}

/** What takes threads for layers is left to the program that has them; see Context.handOver. */
export async function leaveLayers({ engine, handOver }: Context, project: Project, wishes: ImageWishes): Promise<void> {
  if (!handOver) return;
  const { takesLayers } = await import("../../../engine/compose/index.ts");
  if (await takesLayers(engine, project, wishes)) handOver();
}

/** `--ansi`, and whether somebody looks. */
export function isColoured({ io }: Context, input: Input): boolean {
  if (isSet(input, "no-color") || io.env["NO_COLOR"]) return false;
  const wanted = ansiOf(groupInput(input).flags, io.env);
  if (wanted !== "auto") return wanted === "always";
  return io.streams.inherit ? isTerminal(1) : io.streams.terminal !== undefined;
}
