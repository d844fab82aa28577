/** What stands before compose's verbs as what a project is loaded with; what the user should know becomes warnings. */
import type { Readable } from "node:stream";
import type { LoadOptions, Project } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { clientProxies } from "../../client-config.ts";
import type { Context, Input } from "../command.ts";
import { groupInput, isSet, listOf, textOf } from "../flag-values.ts";

/** The group's flags as options; the verb adds its own. */
export async function loadOptions({ io, signal }: Context, input: Input): Promise<LoadOptions> {
  const { hostReader } = await import("../../../engine/compose/index.ts");
  const group = groupInput(input);
  return {
    files: listOf(group, "file"),
    name: textOf(group, "project-name"),
    directory: textOf(group, "project-directory") ?? textOf(group, "workdir"),
    envFiles: listOf(group, "env-file"),
    profiles: listOf(group, "profile"),
    compatibility: isSet(group, "compatibility"),
    proxies: clientProxies(),
    allResources: isSet(group, "all-resources"),
    noVerify: isSet(group, "no-verify"),
    cwd: io.cwd,
    env: io.env,
    signal,
    reader: { ...hostReader, standardInput: (limit) => readAll(io.streams.stdin as Readable, limit) },
  };
}

async function readAll(stream: Readable, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    size += chunks.at(-1)!.length;
    if (size > limit) throw new EngineError("invalid", `cannot read the standard input: it is larger than ${limit >> 20} MB`);
  }
  return Buffer.concat(chunks);
}

/**
 * Loads a verb's project.
 * @param more what the verb's own flags say
 * @param before called before anything is said
 * @param remembers by what an earlier one has left, where that is known to give the same
 */
export async function* loadFor(
  context: Context,
  input: Input,
  more: Partial<LoadOptions> = {},
  before?: (project: Project) => Promise<void>,
  remembers = false,
): AsyncGenerator<ProgressEvent, Project> {
  const { loadProject, loadRemembered } = await import("../../../engine/compose/index.ts");
  const options = { ...(await loadOptions(context, input)), ...more };
  const project = await (remembers ? loadRemembered(options, loadProject, context.engine.system) : loadProject(options));
  await before?.(project);
  yield* warningsOf(project);
  return project;
}

export function* warningsOf({ warnings }: { warnings: readonly string[] }): Generator<ProgressEvent> {
  for (const text of warnings) yield { type: "warning", text };
}

/** What is printed of a project can be read as a compose file again: a dollar sign in it is none that begins a variable. */
export function withDollars(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** Names of services, for completion: those of profiles that are not active, too. None where the files cannot be read. */
export async function serviceNames(context: Context, input: Input): Promise<string[]> {
  const { loadProject } = await import("../../../engine/compose/index.ts");
  const options = { ...(await loadOptions(context, input)), withoutEnvironmentFiles: true, withoutConsistency: true };
  const project = await loadProject(options).catch(() => undefined);
  const names = Object.keys({ ...project?.model.services, ...project?.disabled });
  return names.filter((name) => !input.args.includes(name));
}
