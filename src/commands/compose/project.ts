/** From what stands before the verb to the project: its files, or, where there are none, what its containers' labels tell. */

import type { Project, Service } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import type { Context, Input } from "../command.ts";
import { groupInput, listOf, numberOf, textOf } from "../flag-values.ts";
import { loadFor, loadOptions } from "./loading.ts";

/** For verbs that need no files: with `-p` alone, what was made tells what there is. */
export async function* projectOrMade(context: Context, input: Input): AsyncGenerator<ProgressEvent, Project> {
  const group = groupInput(input);
  const name = textOf(group, "project-name") ?? context.io.env["COMPOSE_PROJECT_NAME"];
  try {
    return yield* loadFor(context, input, { withoutEnvironmentFiles: true });
  } catch (error) {
    if (!name || listOf(group, "file").length > 0 || !(error instanceof EngineError) || error.code !== "not-found") throw error;
    return madeProject(context, input, name);
  }
}

async function madeProject(context: Context, input: Input, name: string): Promise<Project> {
  const { hostReader, label, observeContainers, variablesWithoutFiles } = await import("../../../engine/compose/index.ts");
  const containers = await observeContainers(context.engine, name);
  const found = new Map<string, Service>();
  for (const { labels, service } of containers) {
    const depends = (labels[label.dependsOn] ?? "").split(",").filter((text) => text !== "");
    found.set(service, { depends_on: Object.fromEntries(depends.map(dependencyOf)) });
  }
  return {
    model: { name, services: Object.fromEntries(found) },
    directory: containers[0]?.labels[label.directory] ?? process.cwd(),
    files: (containers[0]?.labels[label.files] ?? "").split(",").filter((file) => file !== ""),
    environment: await variablesWithoutFiles(await loadOptions(context, input), hostReader),
    profiles: [],
    disabled: {},
    values: { secrets: {}, configs: {} },
    warnings: [],
  };
}

function dependencyOf(text: string): [string, NonNullable<Service["depends_on"]>[string]] {
  const [name = "", condition = "service_started", restart] = text.split(":");
  return [name, { condition: condition as "service_started", required: true, ...(restart === "true" && { restart: true }) }];
}

/** `--parallel`, COMPOSE_PARALLEL_LIMIT. */
export function atOnceOf({ io }: Context, input: Input): number {
  const given = numberOf(groupInput(input), "parallel") ?? -1;
  const wanted = given > 0 ? given : Number(io.env["COMPOSE_PARALLEL_LIMIT"] ?? -1);
  return wanted > 0 ? wanted : Number.POSITIVE_INFINITY;
}

/** @throws EngineError `not-found` for a service that the project does not have */
export function requireServices({ model, disabled }: Project, names: readonly string[]): void {
  const unknown = names.find((name) => !model.services[name] && !disabled[name]);
  if (unknown !== undefined)
    throw new EngineError("not-found", `no such service: ${unknown}`, { hint: "see 'berth compose config --services'" });
}

/** The project with the services that a line names in it, whatever their profiles. @throws EngineError `not-found` */
export function withNamed(project: Project, names: readonly string[]): Project {
  requireServices(project, names);
  const { disabled, model } = project;
  const more = Object.entries(disabled).filter(([name]) => names.includes(name) && !model.services[name]);
  return more.length > 0 ? { ...project, model: { ...model, services: { ...model.services, ...Object.fromEntries(more) } } } : project;
}
