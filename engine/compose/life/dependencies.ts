/** `depends_on`: when a service may start, and what is said when it never will. */
import type { ContainerInspect } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import type { Dependency } from "../service.ts";
import { lastLines, untilContainer } from "./await.ts";
import type { Seen } from "./observe.ts";
import type { Scene } from "./scene.ts";

type Condition = Dependency["condition"] | "running_or_healthy";

/** What a look at a container says of a condition. */
export type Outcome = { holds: true } | { fails: string };

/** undefined: not yet. Pure. */
export function outcome(condition: Condition, { State, Config }: Pick<ContainerInspect, "State" | "Config">): Outcome | undefined {
  const ended = State.Status === "exited" || State.Status === "dead";
  const test = Config.Healthcheck?.Test ?? [];
  const hasCheck = test.length > 0 && test[0] !== "NONE";
  if (condition === "service_completed_successfully") {
    if (!ended) return undefined;
    return State.ExitCode === 0 ? { holds: true } : { fails: `exited (${State.ExitCode})` };
  }
  // A one-shot that did its work is as good as one that runs.
  if (ended) return condition === "running_or_healthy" && State.ExitCode === 0 ? { holds: true } : { fails: `exited (${State.ExitCode})` };
  if (condition === "service_started" || (condition === "running_or_healthy" && !hasCheck))
    return State.Running ? { holds: true } : undefined;
  if (!hasCheck) return { fails: "has no healthcheck configured" };
  if (State.Health?.Status === "healthy") return { holds: true };
  return State.Health?.Status === "unhealthy" ? { fails: "is unhealthy" } : undefined;
}

const reached: Record<Condition, string> = {
  service_started: "Started",
  service_healthy: "Healthy",
  service_completed_successfully: "Exited",
  running_or_healthy: "Healthy",
};

/** Waits until a container meets a condition. @throws EngineError `compose` naming it, how it ended, and its last lines */
export async function awaitCondition(scene: Scene, { id, name }: Pick<Seen, "id" | "name">, condition: Condition): Promise<void> {
  const { engine, report, signal } = scene;
  report({ type: "resource", kind: "Container", name, status: "Waiting", state: "working" });
  const result = await untilContainer(engine, id, signal, (container) => outcome(condition, container));
  if ("holds" in result) {
    report({ type: "resource", kind: "Container", name, status: reached[condition], state: "done" });
    return;
  }
  report({ type: "resource", kind: "Container", name, status: "Error", state: "error", text: result.fails });
  const lines = await lastLines(engine, id);
  throw new EngineError(
    "expectation",
    `container ${name} ${result.fails}${lines.length > 0 ? `; its last lines:\n${lines.map((line) => `  ${line}`).join("\n")}` : ""}`,
    {
      hint: `see all that it wrote with 'berth logs ${name}'`,
      exit: 1,
    },
  );
}

/**
 * Waits for all that a service depends on. One that is not required is warned of.
 * @param isMeant which of them alone are waited for
 */
export async function awaitDependencies(
  scene: Scene,
  service: string,
  containersOf: (name: string) => readonly Seen[],
  isMeant: (name: string, dependency: Dependency) => boolean = () => true,
): Promise<void> {
  const { project, report } = scene;
  const all = Object.entries(project.model.services[service]!.depends_on ?? {});
  const dependencies = all.filter(([name, dependency]) => isMeant(name, dependency));
  await Promise.all(
    dependencies.map(async ([name, { condition, required }]) => {
      if (!project.model.services[name] || condition === "service_started") return;
      try {
        await Promise.all(containersOf(name).map((container) => awaitCondition(scene, container, condition)));
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== "expectation") throw error;
        if (required !== false) throw error.withExit(1, `dependency failed to start: ${error.message}`);
        report({ type: "warning", text: `optional dependency "${name}" failed to start: ${error.message}` });
      }
    }),
  );
}
