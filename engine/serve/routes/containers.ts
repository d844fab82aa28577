/** Containers: made, listed, told about, started, stopped, changed and removed. Their streams are container-streams.ts's business. */
import { EngineError } from "../../errors.ts";
import { messageOf } from "../answers.ts";
import { toContainerCreate, toUpdate } from "../container-create.ts";
import { create, update } from "../container-shapes.ts";
import { createWarnings } from "../create-rules.ts";
import { finished } from "../finished.ts";
import { filters, flag, integer, side, text } from "../parameters.ts";
import { type Answer, asJson, type Call, created, noContent, notModified, ok, type Route, route } from "../route.ts";
import { toContainerInspect, writeContainerRows } from "../rows.ts";

/** A status of its own for what was so before. */
async function unless(isSo: boolean, change: () => Promise<void>): Promise<Answer> {
  if (isSo) return notModified;
  await change();
  return noContent;
}

async function stateOf({ engine, path }: Call<unknown, unknown>) {
  return (await engine.containers.inspect(path["id"]!)).State;
}

const stopQuery = {
  t: integer("Seconds to wait before it is killed; -1 waits for ever"),
  signal: text("Signal that stops it; default the container's"),
};

const stopOptions = ({ t, signal }: { t: number | undefined; signal: string | undefined }) => ({
  ...(t !== undefined && { timeout: t }),
  ...(signal !== undefined && { signal }),
});

export const containerRoutes: readonly Route[] = [
  route("GET /containers/json", {
    summary: "List containers",
    query: {
      all: flag("Those that do not run, too"),
      limit: integer("Only the newest, running or not"),
      size: flag("With the sizes of their files"),
      filters: filters("As `berth ps --filter`"),
    },
    async handle({ engine, query: { all, limit, size, filters }, version }) {
      const rows = await engine.containers.list({ all, ...(limit !== undefined && { last: limit }), size, filters });
      return asJson(writeContainerRows(rows, version));
    },
  }),
  route("POST /containers/create", {
    summary: "Create a container from an image that is there",
    query: {
      name: text("Its name; default one that is made up"),
      platform: text("The platform that its image must have: OS/ARCH[/VARIANT]"),
    },
    body: create,
    async handle({ engine, query: { name, platform }, body, version, signal }) {
      const spec = toContainerCreate(body, { name, platform, version });
      const { Id, Warnings } = await finished(engine.containers.create(spec, signal)).catch(inCreate);
      return created({ Id, Warnings: [...Warnings, ...createWarnings(body!, version)] });
    },
  }),
  route("POST /containers/prune", {
    summary: "Remove what does not run",
    query: { filters: filters("until, label, label!") },
    async handle({ engine, query }) {
      const { ContainersDeleted, SpaceReclaimed } = await engine.containers.prune(query.filters);
      return ok({ ContainersDeleted: ContainersDeleted.length > 0 ? ContainersDeleted : null, SpaceReclaimed });
    },
  }),
  route("GET /containers/{id}/json", {
    summary: "Inspect a container",
    query: { size: flag("With the sizes of its files") },
    handle: async ({ engine, path, query, version }) =>
      ok(toContainerInspect(await engine.containers.inspect(path["id"]!, { size: query.size }), version)),
  }),
  route("GET /containers/{id}/top", {
    summary: "List its processes",
    query: { ps_args: text("Options of ps(1); default -ef") },
    handle: async ({ engine, path, query: { ps_args } }) => ok(await engine.containers.top(path["id"]!, ps_args?.trim().split(/\s+/))),
  }),
  route("GET /containers/{id}/changes", {
    summary: "List what it changed in its file system",
    async handle({ engine, path }) {
      const changes = await engine.containers.changes(path["id"]!);
      return ok(changes.length > 0 ? changes : null);
    },
  }),
  route("POST /containers/{id}/start", {
    summary: "Start a container; 304 when it runs",
    query: { detachKeys: text("Passed over") },
    async handle(call) {
      const { Running, Paused } = await stateOf(call);
      return unless(Running && !Paused, async () => void (await call.engine.containers.start(call.path["id"]!)));
    },
  }),
  route("POST /containers/{id}/stop", {
    summary: "Stop a container; 304 when it does not run",
    query: stopQuery,
    async handle(call) {
      const { Running } = await stateOf(call);
      const stop = () => call.engine.containers.stop(call.path["id"]!, stopOptions(call.query));
      return unless(!Running, () => stop().catch(ofSignals(`cannot stop container: ${call.path["id"]}: `)));
    },
  }),
  route("POST /containers/{id}/restart", {
    summary: "Stop it, if it runs, and start it",
    query: stopQuery,
    async handle({ engine, path, query }) {
      await engine.containers.restart(path["id"]!, stopOptions(query)).catch(ofSignals(`Cannot restart container ${path["id"]}: `));
      return noContent;
    },
  }),
  route("POST /containers/{id}/kill", {
    summary: "Send a signal to its process",
    query: { signal: text("Its name or number; default SIGKILL") },
    async handle({ engine, path, query }) {
      await engine.containers.kill(path["id"]!, query.signal);
      return noContent;
    },
  }),
  route("POST /containers/{id}/pause", {
    summary: "Freeze its processes",
    async handle({ engine, path }) {
      await engine.containers.pause(path["id"]!);
      return noContent;
    },
  }),
  route("POST /containers/{id}/unpause", {
    summary: "Let its processes go on",
    async handle({ engine, path }) {
      await engine.containers.unpause(path["id"]!);
      return noContent;
    },
  }),
  route("POST /containers/{id}/rename", {
    summary: "Give it another name",
    query: { name: text("The new name") },
    async handle({ engine, path, query: { name } }) {
      if (name === undefined) throw new EngineError("invalid", "Neither old nor new names may be empty");
      await engine.containers.rename(path["id"]!, name.replace(/^\//, "")).catch(inRename);
      return noContent;
    },
  }),
  route("POST /containers/{id}/update", {
    summary: "Change its limits and its restart policy",
    body: update,
    handle: async ({ engine, path, body }) => ok(toWarnings(await engine.containers.update(path["id"]!, toUpdate(body)))),
  }),
  route("POST /containers/{id}/resize", {
    summary: "Set the size of its terminal",
    query: { h: side("Rows", "height"), w: side("Columns", "width") },
    async handle({ engine, path, query: { h, w } }) {
      await engine.containers.resize(path["id"]!, { rows: h, columns: w });
      return { status: 200, text: "" };
    },
  }),
  route("DELETE /containers/{id...}", {
    summary: "Remove a container, or a link",
    query: { v: flag("With its anonymous volumes"), force: flag("Though it runs"), link: flag("The link CONTAINER/ALIAS only") },
    async handle({ engine, path, query: { v, force, link } }) {
      await engine.containers.remove(path["id"]!, { volumes: v, force, link });
      return noContent;
    },
  }),
];

/** Clients take 404 for a missing image, which they pull then: what else is missing makes the wish invalid. */
function inCreate(thrown: unknown): never {
  const isOfWish = (error: EngineError) =>
    error.code === "not-found" ? !/no such image|image with reference/i.test(error.message) : error.code === "runtime-missing";
  if (!(thrown instanceof EngineError) || !isOfWish(thrown)) throw thrown;
  throw new EngineError("invalid", messageOf(thrown), { cause: thrown, hint: thrown.hint });
}

/** docker says of a signal that is none what it was for. */
const ofSignals = (prefix: string) => (thrown: unknown) => {
  if (!(thrown instanceof EngineError) || !thrown.message.startsWith("invalid signal")) throw thrown;
  throw thrown.withExit(thrown.exit, prefix + thrown.message);
};

function inRename(thrown: unknown): never {
  if (!(thrown instanceof EngineError) || !/^(Conflict\.|Invalid container name) /.test(thrown.message)) throw thrown;
  throw thrown.withExit(thrown.exit, `Error when allocating new name: ${thrown.message.replace("name (", "name (/")}`);
}

const toWarnings = ({ Warnings }: { Warnings: string[] }) => ({ Warnings: Warnings.length > 0 ? Warnings : null });
