/** Waiting for containers by the engine's events, never by asking again and again. */
import type { ContainerInspect } from "../../container/index.ts";
import type { Engine } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { observeContainers } from "./observe.ts";
import type { Scene } from "./scene.ts";

/**
 * Looks at a container now and after each of its events, until the answer is not undefined.
 * @throws EngineError `cancelled`, `not-found` when it is gone
 */
export async function untilContainer<Answer>(
  engine: Engine,
  id: string,
  signal: AbortSignal,
  look: (container: ContainerInspect) => Answer | undefined,
): Promise<Answer> {
  const over = new AbortController();
  const events = engine.events({
    follow: true,
    filters: { type: ["container"], container: [id] },
    signal: AbortSignal.any([signal, over.signal]),
  });
  const changes = events[Symbol.asyncIterator]();
  try {
    for (let change = changes.next(); ; change = changes.next()) {
      change.catch(() => {}); // it is awaited below, or no longer of interest
      const answer = look(await engine.containers.inspect(id));
      if (answer !== undefined) return answer;
      if ((await change).done) throw new EngineError("cancelled", "cancelled");
    }
  } finally {
    over.abort();
  }
}

/** The last lines that a container wrote, for the error that names it. */
export async function lastLines(engine: Engine, id: string, count = 5): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const entries of engine.containers.logs(id, { tail: count }))
      for (const { data } of entries) lines.push(Buffer.from(data).toString().trimEnd());
  } catch {
    // without a log there is nothing to add
  }
  return lines.filter((line) => line !== "").slice(-count);
}

/** The first container of some services that ends, or has ended. @throws EngineError `not-found` where they have none */
export async function firstToEnd(
  { engine, project, signal }: Scene,
  services: readonly string[],
): Promise<{ Name: string; ExitCode: number }> {
  const all = (await observeContainers(engine, project.model.name)).filter(({ service, oneOff }) => services.includes(service) && !oneOff);
  if (all.length === 0) throw new EngineError("not-found", "no containers for project", { hint: "start them with 'berth compose up -d'" });
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race(
      all.map(async ({ id, name }) => ({ Name: name, ExitCode: await engine.containers.wait(id, "not-running", either) })),
    );
  } finally {
    over.abort();
  }
}
