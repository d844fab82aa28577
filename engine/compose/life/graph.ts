/** Services in the order of what they depend on, as many at once as may be. */
import type { Project } from "../project.ts";
import type { Service } from "../service.ts";

/** What a service needs there before its own containers are made: those it waits for, and those whose parts it shares. */
export function needsOf(service: Service): string[] {
  const shared = [service.network_mode, service.ipc, service.pid].flatMap((mode) => (mode?.startsWith("service:") ? [mode.slice(8)] : []));
  const linked = (service.links ?? []).map((link) => link.split(":", 1)[0]!);
  const mounted = (service.volumes_from ?? []).flatMap((text) => (text.startsWith("container:") ? [] : [text.split(":", 1)[0]!]));
  return [...new Set([...Object.keys(service.depends_on ?? {}), ...shared, ...linked, ...mounted])];
}

/** All that a service needs, directly or not. */
export function dependenciesOf({ model }: Pick<Project, "model">, name: string): string[] {
  const needs = (each: string) => needsOf(model.services[each] ?? {});
  return closure(needs(name), needs);
}

/** Some services and all that need them, directly or not. */
export function withDependants({ model: { services } }: Pick<Project, "model">, names: readonly string[]): string[] {
  return closure(names, (name) => Object.keys(services).filter((other) => needsOf(services[other]!).includes(name)));
}

/** Some names, and all that they lead to, directly or not. */
export function closure(names: readonly string[], next: (name: string) => readonly string[]): string[] {
  const found = new Set(names); // grows while it is walked
  for (const name of found) for (const other of next(name)) found.add(other);
  return [...found];
}

/**
 * Visits each service once all that it needs is visited (or the other way round), as many at once as may be. The first failure
 * keeps those that have not begun from it, and is thrown when those that have begun are through.
 */
export async function inOrder(
  project: Pick<Project, "model">,
  names: readonly string[],
  visit: (name: string) => Promise<void>,
  { reversed = false, atOnce = Number.POSITIVE_INFINITY }: { reversed?: boolean; atOnce?: number } = {},
): Promise<void> {
  const { services } = project.model;
  const chosen = new Set(names);
  const before = new Map(names.map((name) => [name, new Set(needsOf(services[name]!).filter((need) => chosen.has(need)))]));
  if (reversed) reverse(before);
  const failures: unknown[] = [];
  const waiting = new Set(names);
  let running = 0;
  await new Promise<void>((resolve) => {
    const advance = () => {
      for (const name of waiting) {
        if (failures.length > 0 || running >= atOnce) break;
        if (before.get(name)!.size > 0) continue;
        waiting.delete(name);
        running++;
        void visit(name)
          .catch((error: unknown) => failures.push(error))
          .then(() => {
            running--;
            for (const needs of before.values()) needs.delete(name);
            advance();
          });
      }
      if (running === 0) resolve();
    };
    advance();
  });
  if (failures.length > 0) throw failures[0];
}

function reverse(before: Map<string, Set<string>>): void {
  const edges = [...before].flatMap(([name, needs]) => [...needs].map((need) => [need, name] as const));
  for (const needs of before.values()) needs.clear();
  for (const [from, to] of edges) before.get(from)!.add(to);
}
