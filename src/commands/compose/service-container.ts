/** One container of a service: what `exec`, `cp`, `port` and the like work on. */
import type { Project, Seen } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import type { Context, FlagSpec, Input } from "../command.ts";
import { numberOf } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";

export const indexFlag: FlagSpec = { name: "index", type: "number", placeholder: "NUMBER", help: "Of this container of the service" };

/**
 * That with `--index`, else the first; with `running` the first that runs. One of `run` where there is no other.
 * @throws EngineError `not-running`, `not-found`
 */
export async function* serviceContainer(
  context: Context,
  input: Input,
  service: string,
  { running = false, withOneOffs = true } = {},
): AsyncGenerator<ProgressEvent, Seen> {
  return pickContainer(context, input, yield* projectOrMade(context, input), service, { running, withOneOffs });
}

/** The same, of a project that is read already. @throws EngineError `not-running`, `not-found` */
export async function pickContainer(
  { engine }: Context,
  input: Input,
  project: Project,
  service: string,
  { running = false, withOneOffs = true } = {},
): Promise<Seen> {
  requireServices(project, [service]);
  const { observeContainers } = await import("../../../engine/compose/index.ts");
  const index = numberOf(input, "index") ?? 0;
  const own = (await observeContainers(engine, project.model.name)).filter(
    (seen) => seen.service === service && (withOneOffs || !seen.oneOff),
  );
  const fitting = own.filter(
    (seen) => (index === 0 || seen.number === index) && (!running || seen.state === "running" || seen.state === "paused"),
  );
  const [first] = fitting;
  if (first) return first;
  if (index !== 0 && own.length > 0 && !own.some(({ number }) => number === index))
    throw new EngineError("not-found", `service "${service}" is not running container #${index}`, { hint: "see 'berth compose ps'" });
  if (running)
    throw new EngineError("not-running", `service "${service}" is not running${index === 0 ? "" : ` container #${index}`}`, {
      hint: `start it with 'berth compose up -d ${service}'`,
    });
  throw new EngineError("not-found", `no container found for service "${service}"`, {
    hint: "make it with 'berth compose up' or 'berth compose create'",
  });
}
