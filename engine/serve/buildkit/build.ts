/**
 * `POST /build` in BuildKit's words (version=2), as docker's command line of before buildx sends it: the context comes by the client's
 * session, and what happens goes out as lines that hold BuildKit's statuses.
 */
import { randomUUID } from "node:crypto";
import { toEngineError } from "../../errors.ts";
import { JsonLines } from "../json-progress.ts";
import type { Call } from "../route.ts";
import type { BuildQuery } from "../routes/build.ts";
import { list, map, number, object, string } from "../shapes.ts";
import type { BuildWish, Named } from "./build-wish.ts";
import { failureOf } from "./failure.ts";
import type { Sessions } from "./session.ts";
import { solve } from "./solve.ts";
import { StatusFeed } from "./status.ts";

const uploadPrefix = "upload-request:";

export async function buildForSession(call: Call<BuildQuery>, sessions: Sessions): Promise<undefined> {
  const { query, exchange, signal } = call;
  const id = query.buildid ?? randomUUID();
  const lines = new JsonLines(() => call.stream("application/json"));
  if (id.startsWith(uploadPrefix)) await sessions.jobs.give(id.slice(uploadPrefix.length), exchange.upload(), signal);
  else await sessions.jobs.run(id, signal, (stop) => build(call, sessions, { id, lines, signal: stop }));
  lines.end();
}

interface Job {
  id: string;
  lines: JsonLines;
  signal: AbortSignal;
}

async function build({ engine, query, exchange }: Call<BuildQuery>, sessions: Sessions, { id, lines, signal }: Job): Promise<void> {
  const wish = wishOf(query);
  const status = new StatusFeed(id);
  const tell = (message: Uint8Array) => lines.write({ id: "moby.buildkit.trace", aux: Buffer.from(message).toString("base64") });
  const telling = status.listen(query.q ? async () => {} : tell, signal);
  try {
    const stdin = query.remote === "upload-request" ? await sessions.jobs.upload(id) : query.remote ? undefined : exchange.upload();
    const more = { ...(stdin && { context: "-", stdin }) };
    const { ImageID } = await solve(wish, { ...{ engine, sessions, status, signal }, session: query.session ?? "" }, more);
    await telling;
    if (ImageID === undefined) return;
    await lines.write(query.q ? { stream: `${ImageID}\n` } : { id: "moby.image.id", aux: { ID: ImageID } });
  } catch (thrown) {
    if (signal.aborted) return;
    await telling;
    const error = toEngineError(thrown);
    const told = error.withExit(error.exit, `failed to solve: ${failureOf(error).message}`);
    await lines.fail(told).catch(() => lines.write({ errorDetail: { message: told.message }, error: told.message }));
  } finally {
    status.end();
  }
}

const outputs = list(object({ Type: string, Attrs: map(string) }));
const ulimits = list(object({ Name: string, Soft: number, Hard: number }));

/** The query's members as attributes of BuildKit's frontend. */
function wishOf(query: BuildQuery): BuildWish {
  const { remote, dockerfile, target, platform, networkmode, shmsize } = query;
  const named = (prefix: string, values: unknown) =>
    Object.entries(map(string).read(values, prefix) ?? {}).map(([name, value]) => [`${prefix}:${name}`, value] as const);
  const limits = (ulimits.read(query.ulimits, "ulimits") ?? []).map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`);
  const isHere = remote === undefined || ["client-session", "upload-request"].includes(remote);
  return {
    frontend: "dockerfile.v0",
    attributes: {
      ...(dockerfile !== undefined && { filename: dockerfile }),
      ...(!isHere && { context: remote }),
      ...(target !== undefined && { target }),
      ...(platform !== undefined && { platform }),
      ...(networkmode !== undefined && networkmode !== "default" && { "force-network-mode": networkmode }),
      ...(shmsize && { "shm-size": String(shmsize) }),
      ...(query.nocache && { "no-cache": "" }),
      ...(query.pull && { "image-resolve-mode": "pull" }),
      ...(query.cgroupparent !== undefined && { "cgroup-parent": query.cgroupparent }),
      "add-hosts": query.extrahosts.map((each) => each.replace(":", "=")).join(","),
      ulimit: limits.join(","),
      ...Object.fromEntries([...named("build-arg", query.buildargs), ...named("label", query.labels)]),
    },
    exporters: exportersOf(query),
    cacheImports: (list(string).read(query.cachefrom, "cachefrom") ?? []).map((ref) => ({ Type: "registry", Attrs: { ref } })),
    cacheExports: [],
    entitlements: networkmode === "host" ? ["network.host"] : [],
  };
}

function exportersOf({ outputs: given, t }: BuildQuery): Named[] {
  const wanted = outputs.read(given, "outputs") ?? [];
  const named: Record<string, string> = t.length > 0 ? { name: t.join(",") } : {};
  if (wanted.length === 0) return [{ Type: "moby", Attrs: named }];
  return wanted.map(({ Type = "", Attrs = {} }) => ({
    Type: Type === "cacheonly" ? "" : Type,
    Attrs: Type === "image" || Type === "moby" ? { ...Attrs, ...named } : Attrs,
  }));
}
