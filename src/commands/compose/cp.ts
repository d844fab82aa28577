/** `berth compose cp`: `cp` with services in place of containers. */
import type { Seen } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import copy, { splitPlace } from "../container/cp.ts";
import { isSet, numberOf } from "../flag-values.ts";
import { serviceNames } from "./loading.ts";
import { projectOrMade, requireServices } from "./project.ts";
import { isDryRun } from "./scene.ts";
import { indexFlag } from "./service-container.ts";

const spec: CommandSpec<{ Bytes: number }> = command({
  summary: "Copy files or folders between a service's containers and the local file system",
  description: "Into a service, the copy goes into each of its containers, unless --index names one; out of it, it comes from the first.",
  examples: [
    { line: "berth compose cp web:/etc/app.conf .", does: "Copy a file out" },
    { line: "berth compose cp ./site web:/srv", does: "Copy a folder into all containers of a service" },
  ],
  flags: [
    { name: "all", type: "boolean", help: "Into containers of 'run', too" },
    { name: "archive", short: "a", type: "boolean", help: "Archive mode: keep user and group ids" },
    { name: "follow-link", short: "L", type: "boolean", help: "Always follow a symbolic link in the source" },
    indexFlag,
  ],
  args: [
    { name: "SOURCE", subject: "file", help: "SERVICE:PATH, PATH or -" },
    { name: "DESTINATION", subject: "file", help: "SERVICE:PATH, PATH or -" },
  ],
  async *run(context, input) {
    const [source, destination] = input.args.map(splitPlace);
    if (source?.container !== undefined && destination?.container !== undefined)
      throw new EngineError("usage", "copying between services is not supported", { exit: 1, hint: "copy to the host first" });
    const service = source?.container ?? destination?.container;
    if (service === undefined)
      throw new EngineError("usage", "unknown copy direction", { exit: 1, hint: "write SERVICE:PATH for one of the two" });
    const found = yield* containersOf(context, input, service);
    const isOut = source?.container !== undefined;
    let bytes = 0;
    for (const { name } of isOut ? found.slice(0, 1) : found) {
      const args = isOut ? [`${name}:${source.path}`, input.args[1]!] : [input.args[0]!, `${name}:${destination!.path}`];
      bytes += yield* telling(context, { ...input, args }, name);
    }
    return { Bytes: bytes };
  },
  complete: async (context, _word, input) => (await serviceNames(context, { ...input, args: [] })).map((name) => `${name}:`),
  present: () => ({ kind: "none" }),
});

/** The copy of one container, with docker compose's words around it. A dry run has the words alone. */
async function* telling(context: Context, input: Input, name: string): AsyncGenerator<ProgressEvent, number> {
  const dryRun = isDryRun(input);
  const [from, to] = input.args;
  const event = { type: "resource", kind: "Container", name, text: `copy ${from} to ${to}`, dryRun } as const;
  yield { ...event, status: "Copying", state: "working" };
  try {
    const bytes = dryRun ? 0 : (yield* copy.run(context, input)).Bytes;
    yield { ...event, status: "Copied", state: "done" };
    return bytes;
  } catch (error) {
    yield { ...event, status: "Error", state: "error", text: (error as Error).message };
    throw error;
  }
}

async function* containersOf(context: Context, input: Input, service: string): AsyncGenerator<ProgressEvent, Seen[]> {
  const project = yield* projectOrMade(context, input);
  requireServices(project, [service]);
  const { observeContainers } = await import("../../../engine/compose/index.ts");
  const index = numberOf(input, "index");
  const found = (await observeContainers(context.engine, project.model.name)).filter(
    (seen) => seen.service === service && (index === undefined || seen.number === index) && (!seen.oneOff || isSet(input, "all")),
  );
  if (found.length > 0) return found;
  throw new EngineError("not-found", `no container found for service "${service}"`, { hint: "make it with 'berth compose up'" });
}

export default spec;
