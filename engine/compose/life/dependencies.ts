/** `depends_on`: when a service may start, and what is said when it never will. */
import type { ContainerInspect } from "../../container/index.ts";
import { EngineError } from "../../errors.ts";
import type { Dependency } from "../service.ts";
import { lastLines, untilContainer } from "./await.ts";
import { scaleOf } from "./converge.ts";
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

export interface AwaitWishes {
  /** Which of them alone are waited for; default: all. */
  isMeant?(name: string, dependency: Dependency): boolean;
  /** What has no container fails, as nobody is making one. */
  mustBeThere?: boolean;
}

/** Waits for all that a service depends on. One that is not required is warned of. */
export async function awaitDependencies(
  scene: Scene,
  service: string,
  containersOf: (name: string) => readonly Seen[],
  { isMeant = () => true, mustBeThere = false }: AwaitWishes = {},
): Promise<void> {
  const { project, report } = scene;
  const all = Object.entries(project.model.services[service]!.depends_on ?? {});
  const dependencies = all.filter(([name, dependency]) => isMeant(name, dependency));
  await Promise.all(
    dependencies.map(async ([name, { condition, required }]) => {
      const other = project.model.services[name];
      if (!other || other.provider || condition === "service_started") return;
      try {
        const all = containersOf(name);
        if (mustBeThere && all.length === 0 && scaleOf(other) > 0) throw missingDependency(service, name);
        await Promise.all(all.map((container) => awaitCondition(scene, container, condition)));
      } catch (error) {
        if (!(error instanceof EngineError) || !["expectation", "not-found"].includes(error.code)) throw error;
        const isMissing = error.code === "not-found";
        if (required !== false) throw isMissing ? error : error.withExit(1, `dependency failed to start: ${error.message}`);
        report({ type: "warning", text: isMissing ? error.message : `optional dependency "${name}" failed to start: ${error.message}` });
      }
    }),
  );
}

function missingDependency(service: string, name: string): EngineError {
  return new EngineError("not-found", `${service} is missing dependency ${name}`, {
    hint: `start it first: berth compose up -d ${name}`,
    exit: 1,
  });
}
