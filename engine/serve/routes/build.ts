/** The classic builder: a build of a context that comes as a tar archive; commit; and what builds leave in the cache. */
import type { BuildOptions, BuildResult } from "../../build/index.ts";
import { isRemoteContext } from "../../dockerfile/remote-source.ts";
import type { Engine } from "../../engine.ts";
import { EngineError, toEngineError } from "../../errors.ts";
import { BuildLines } from "../build-lines.ts";
import { inOldWords } from "../build-words.ts";
import { configChanges } from "../config-changes.ts";
import { config as configMembers } from "../container-shapes.ts";
import { JsonLines } from "../json-progress.ts";
import { filters, flag, integer, json, type Parameters, required, text, texts, type Values } from "../parameters.ts";
import { allCredentialsIn } from "../registry-auth.ts";
import { type Call, created, ok, type Route, route } from "../route.ts";
import { list, map, number, object, string } from "../shapes.ts";
import { sessions } from "./buildkit.ts";

/** Of docker's old builder; BuildKit's clients take them without effect, too. */
const passedOver = {
  memory: integer("Passed over: a build is not limited, which a line of the answer tells"),
  memswap: integer("Passed over"),
  cpushares: integer("Passed over"),
  cpuperiod: integer("Passed over"),
  cpuquota: integer("Passed over"),
  cpusetcpus: text("Passed over"),
  cpusetmems: text("Passed over"),
} satisfies Parameters;

/** What would make another image: refused when it is set. */
const refused = {
  cgroupparent: text("Not there"),
  securityopt: texts("Not there"),
  squash: flag("Not there: layers stay as they are"),
} satisfies Parameters;

const buildQuery = {
  dockerfile: text("Path of the Dockerfile in the context"),
  t: texts("A name of the image"),
  remote: text("URL of a context, or of a Dockerfile, in place of the request's body"),
  q: flag("Tell the id of the image alone"),
  nocache: flag("Use no cache"),
  cachefrom: json("Images to use as a cache: those that are here, else in their registries"),
  pull: flag("Pull base images though they are there"),
  rm: flag("Passed over: nothing is left behind", true),
  forcerm: flag("Passed over", true),
  buildargs: json("Build arguments by name"),
  labels: json("Labels by name"),
  shmsize: integer("Bytes of /dev/shm"),
  ulimits: json("Limits: Name, Soft, Hard"),
  networkmode: text("Network of RUN"),
  extrahosts: texts("NAME:ADDRESS"),
  platform: text("OS/ARCH[/VARIANT]"),
  target: text("The stage to build"),
  version: text("1, the classic builder; 2 for BuildKit's words"),
  session: text("The client's session, of a build in BuildKit's words"),
  buildid: text('A name by which it can be cancelled; behind "upload-request:" the body is the context of the one of that name'),
  isolation: text("default, or nothing"),
  outputs: json("Where the result goes: one Type and its Attrs; of a build in BuildKit's words"),
  ...passedOver,
  ...refused,
} satisfies Parameters;

export type BuildQuery = Values<typeof buildQuery>;

const ulimits = list(object({ Name: string, Soft: number, Hard: number }));

/** @throws EngineError `unsupported`, `invalid` */
function optionsOf({ query, exchange, signal }: Call<BuildQuery>): BuildOptions {
  refuse(query);
  if (!["", "1"].includes(query.version ?? "")) throw new EngineError("invalid", `invalid version "${query.version}"`);
  if (!["", "default"].includes(query.isolation ?? "")) throw new EngineError("invalid", `unsupported isolation: "${query.isolation}"`);
  if (query.outputs !== undefined) throw new EngineError("unsupported", 'the parameter "outputs" is BuildKit\'s: it wants version=2');
  const { remote, dockerfile, target, platform, networkmode, shmsize } = query;
  return {
    ...contextOf(remote, () => exchange.upload()),
    ...(dockerfile !== undefined && { file: dockerfile }),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platform }),
    ...(networkmode !== undefined && { network: networkmode }),
    // Whoever reaches the socket is root: what `--allow` asks the user for is granted.
    ...(networkmode === "host" && { allow: ["network.host"] }),
    ...(shmsize && { shmSize: shmsize }),
    tags: query.t,
    noCache: query.nocache,
    pull: query.pull,
    addHosts: query.extrahosts,
    buildArgs: map(string).read(query.buildargs, "buildargs") ?? {},
    labels: map(string).read(query.labels, "labels") ?? {},
    ulimits: (ulimits.read(query.ulimits, "ulimits") ?? []).map(({ Name = "", Soft = 0, Hard = 0 }) => ({ Name, Soft, Hard })),
    cacheFrom: (list(string).read(query.cachefrom, "cachefrom") ?? []).map((ref) => ({ type: "image", ref })),
    credentials: allCredentialsIn(exchange.headers),
    signal,
  };
}

/** Never a directory of this host: that is not the client's. */
function contextOf(remote: string | undefined, body: () => BuildOptions["stdin"]): Pick<BuildOptions, "context" | "stdin"> {
  if (remote === undefined) return { context: "-", stdin: body() };
  if (!isRemoteContext(remote)) throw new EngineError("invalid", `cannot build from "${remote}": it is no URL of a context`);
  return { context: remote };
}

function refuse(query: BuildQuery): void {
  const given = Object.keys(refused).find((name) => {
    const value = query[name as keyof typeof refused];
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
  if (given) throw new EngineError("unsupported", `berth has nothing for the parameter "${given}" of a build: leave it out`);
}

/** The build ends when its client goes. */
async function build(call: Call<BuildQuery>): Promise<undefined> {
  if (call.query.version === "2") return (await import("../buildkit/build.ts")).buildForSession(call, await sessions(call.engine));
  const { engine, query, signal } = call;
  const lines = new JsonLines(() => call.stream("application/json"));
  const told = new BuildLines(lines, query.q);
  try {
    const result = await told.follow(engine.builder.build(optionsOf(call)));
    await tellUnlimited(lines, query);
    await tellResult(lines, result, query);
  } catch (thrown) {
    if (signal.aborted) return;
    const { error, exitCode } = inOldWords(toEngineError(thrown));
    await lines.fail(error, exitCode);
  }
  lines.end();
}

async function tellUnlimited(lines: JsonLines, query: BuildQuery): Promise<void> {
  const given = Object.keys(passedOver).filter((name) => query[name as keyof typeof passedOver]);
  if (given.length === 0 || query.q) return;
  await lines.write({ stream: `[Warning] a build is not limited: without effect are ${given.join(", ")}\n` });
}

async function tellResult(lines: JsonLines, { ImageID, Tags }: BuildResult, { q, t }: BuildQuery): Promise<void> {
  if (ImageID === undefined) return;
  if (q) return lines.write({ stream: `${ImageID}\n` });
  await lines.write({ aux: { ID: ImageID } });
  await lines.write({ stream: `Successfully built ${ImageID.replace("sha256:", "").slice(0, 12)}\n` });
  for (const tag of t.length > 0 ? Tags : []) await lines.write({ stream: `Successfully tagged ${tag}\n` });
}

/** An image has its container's triggers already; an instruction would add them once more. */
async function triggersToAdd(engine: Engine, container: string, given: readonly string[]): Promise<string[]> {
  if (given.length === 0) return [];
  const { OnBuild } = (await engine.containers.inspect(container)).Config;
  return given.filter((each) => !OnBuild?.includes(each));
}

export const buildRoutes: readonly Route[] = [
  route("POST /build/cancel", {
    summary: "Call a build in BuildKit's words off",
    query: { id: required("Its buildid", "id") },
    async handle({ engine, query }) {
      (await sessions(engine)).jobs.cancel(query.id);
      return { status: 200, text: "" };
    },
  }),
  route("POST /build", { summary: "Build an image of a context, a tar archive", query: buildQuery, handle: build }),
  route("POST /build/prune", {
    summary: "Remove what builds left in the cache",
    query: {
      all: flag("All of it, not only what nothing uses"),
      "keep-storage": integer("Bytes to keep"),
      "reserved-space": integer("The same, since 1.48"),
      "max-used-space": integer("Bytes that may stay; since 1.48"),
      "min-free-space": integer("Not there: the file system is not the cache's alone"),
      filters: filters("As `berth builder prune --filter`"),
    },
    async handle({ engine, query }) {
      if (query["min-free-space"])
        throw new EngineError("unsupported", 'berth has nothing for the parameter "min-free-space": leave it out');
      const keepStorage = query["reserved-space"] ?? query["keep-storage"] ?? query["max-used-space"];
      const { CachesDeleted, SpaceReclaimed } = await engine.builder.prune({
        all: query.all,
        filters: query.filters,
        ...(keepStorage && { keepStorage }),
      });
      return ok({ CachesDeleted: CachesDeleted.length > 0 ? CachesDeleted : null, SpaceReclaimed });
    },
  }),
  route("POST /commit", {
    summary: "Make an image of a container's changes",
    query: {
      container: text("The container"),
      repo: text("Name of the image"),
      tag: text("Its tag"),
      comment: text("Commit message"),
      author: text("Its author"),
      pause: flag("Pause the container while it is read", true),
      changes: texts("Dockerfile instruction to apply"),
    },
    body: object(configMembers),
    async handle({ engine, query, body }) {
      const { container, repo, tag, comment, author, pause } = query;
      if (container === undefined) throw new EngineError("invalid", 'invalid name or ID supplied: ""');
      const given = { ...body, OnBuild: await triggersToAdd(engine, container, body?.OnBuild ?? []) };
      const changes = [...configChanges(given), ...query.changes.flatMap((each) => each.split("\n"))].filter(Boolean);
      return created(
        await engine.containers.commit(container, {
          ...(repo !== undefined && { reference: tag === undefined ? repo : `${repo}:${tag}` }),
          ...(comment !== undefined && { message: comment }),
          ...(author !== undefined && { author }),
          changes,
          pause,
        }),
      );
    },
  }),
];
