/** Candidates for fields of results: `${web.State.…`, `inspect web .State.…`, `ps | where .…`. */
import { resolve } from "../../commands/execute.ts";
import { follow, pathSteps } from "../language/index.ts";
import { reads } from "../report/reads.ts";
import type { Session } from "../session.ts";

/** Variables; fields of what one holds, and of the live object that its id names. @param word `${name.path`, not closed */
export async function variableFields(session: Session, word: string): Promise<string[]> {
  const path = word.slice(2);
  if (!path.includes(".")) return variablesOf(session);
  if (path.startsWith("env.")) return Object.keys(session.io.env).map((name) => `$\{env.${name}}`);
  const [name = "", ...steps] = pathSteps(path.slice(0, Math.max(0, path.lastIndexOf("."))));
  const held = session.variables.get(name);
  const head = word.slice(0, word.lastIndexOf(".") + 1);
  const own = fieldsOf(held, steps);
  const live = own.length > 0 && steps.length > 0 ? undefined : await liveOf(session, held);
  return [...new Set([...own, ...fieldsOf(live, steps)])].map((each) => `${head}${each}${each.endsWith(".") ? "" : "}"}`);
}

/** A variable is closed where it has no fields. */
function variablesOf({ variables }: Session): string[] {
  const named = variables.names().filter((name) => /^[A-Za-z]/.test(name));
  return named.map((name) => {
    const value = variables.get(name);
    return `$\{${name}${fieldsOf(value, []).length === 0 ? "}" : Array.isArray(value) ? "[" : "."}`;
  });
}

async function liveOf({ engine }: Session, held: unknown): Promise<unknown> {
  const { Id } = (held ?? {}) as { Id?: unknown };
  return typeof Id === "string" ? engine.containers.inspect(Id).catch(() => undefined) : undefined;
}

/** Fields of what a command gives that only looks. @param words the command, and a word that begins with a dot @returns undefined: it does more */
export async function resultFields(
  session: Session,
  words: readonly string[],
  word: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const { spec } = await resolve(words);
  if (!reads.has(spec.name)) return undefined;
  const { result, rows } = await session.capture([...words], signal, () => {});
  const head = word.slice(0, word.lastIndexOf(".") + 1);
  return fieldsOf(rows?.[0] ?? result, pathSteps(head)).map((each) => `${head}${each}`);
}

/** The fields at a path; those that hold more end with a dot. */
function fieldsOf(value: unknown, steps: readonly string[]): string[] {
  const found = follow(value, steps);
  const at = "value" in found ? found.value : undefined;
  const one: unknown = Array.isArray(at) ? at[0] : at;
  if (typeof one !== "object" || one === null) return [];
  return Object.entries(one)
    .filter(([name]) => /^[A-Za-z_][\w-]*$/.test(name))
    .map(([name, inner]) => (typeof inner === "object" && inner !== null && !Array.isArray(inner) ? `${name}.` : name));
}
