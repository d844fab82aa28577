/** The services that docker's clients call (moby.buildkit.v1.Control, and LLBBridge by which buildx steers its builds), in one table. */
import type { CacheRecord } from "../../build/index.ts";
import type { Engine } from "../../engine.ts";
import { EngineError } from "../../errors.ts";
import { type GrpcRequest, type GrpcService, grpcCodes } from "../../http/grpc.ts";
import { hostPlatform } from "../../platform.ts";
import type { BuildWish } from "./build-wish.ts";
import { type ClientBuild, ClientBuilds, type GatewayRequest } from "./builds.ts";
import { failureOf } from "./failure.ts";
import { connectionIn } from "./forward.ts";
import { tellHistory, updateHistory } from "./history.ts";
import * as messages from "./messages.ts";
import { type Sessions, sessionIn } from "./session.ts";
import { ask, exporterResponse, type Solving, solve } from "./solve.ts";
import { replayStatus } from "./status.ts";
import type { Decoded } from "./wire.ts";

interface Control {
  engine: Engine;
  sessions: Sessions;
  builds: ClientBuilds;
}

type Method = (control: Control, request: GrpcRequest) => Promise<void>;

/** The services of one connection. */
export function controlOf(engine: Engine, sessions: Sessions): GrpcService {
  const control = { engine, sessions, builds: new ClientBuilds() };
  return {
    failure: failureOf,
    // By it clients tell how long a build has been running, whatever their own clock says.
    headers: () => ({ "buildkit-current-timestamp": new Date().toISOString() }),
    async handle(request) {
      const method = methods.get(request.path.replace(/^\/moby\.buildkit\.v1\./, ""));
      if (!method) throw unanswered(request.path);
      await method(control, request);
    },
  };
}

const unanswered = (path: string) =>
  new EngineError("unsupported", `berth does not answer ${path}`, {
    hint: "it builds Dockerfiles only",
    details: { grpc: grpcCodes.unimplemented },
  });

const named: Readonly<Record<string, Method>> = {
  "Control/Solve": startSolve,
  /** Of a build of this connection, which may begin later; else of one that is over, or another's. */
  async "Control/Status"({ engine, builds }, { stream, signal }) {
    const { Ref } = messages.statusRequest.decode(await stream.message());
    const send = (message: Uint8Array) => stream.send(message);
    if (!builds.has(Ref) && (await engine.builder.list()).some(({ ID }) => ID === Ref))
      return replayStatus(engine.builder.replay(Ref, { follow: true, signal }), Ref, send, signal);
    await builds.of(Ref).status.listen(send, signal);
  },
  async "Control/ListenBuildHistory"({ engine }, { stream, signal }) {
    const request = messages.historyRequest.decode(await stream.message());
    await tellHistory(engine.builder, request, (event) => stream.send(messages.historyEvent.encode(event)), signal);
  },
  async "Control/UpdateBuildHistory"({ engine }, { stream }) {
    await updateHistory(engine.builder, messages.updateHistoryRequest.decode(await stream.message()));
    await stream.send(messages.empty.encode({}));
  },
  /** A session that does not come by /session: builds that share one have it so. */
  async "Control/Session"({ sessions }, { stream, metadata, signal }) {
    await sessions.hold(sessionIn(metadata), connectionIn(stream), signal);
  },
  async "Control/ListWorkers"(control, { stream }) {
    await stream.send(messages.listWorkersResponse.encode({ record: [await workerOf(control)] }));
  },
  async "Control/Info"(control, { stream }) {
    await stream.send(messages.infoResponse.encode({ buildkitVersion: await versionOf(control) }));
  },
  async "Control/DiskUsage"({ engine }, { stream }) {
    const { filter } = messages.diskUsageRequest.decode(await stream.message());
    const records = await engine.builder.du(filtersOf(filter));
    await stream.send(messages.diskUsageResponse.encode({ record: records.map(usageOf) }));
  },
  "Control/Prune": prune,
  async "frontend.LLBBridge/Ping"(control, { stream }) {
    await stream.send(
      messages.pongResponse.encode({
        FrontendAPICaps: frontendCapabilities.map(enabled),
        LLBCaps: buildCapabilities.map(enabled),
        Workers: [await workerOf(control)],
      }),
    );
  },
  /** What is built is told by Return: until then nothing runs. What is only asked is answered at once. */
  async "frontend.LLBBridge/Solve"({ engine, sessions, builds }, { stream, metadata, signal }) {
    const request = messages.gatewaySolveRequest.decode(await stream.message());
    refuseDefinitions(request.Definition, request.FrontendInputs);
    const build = builds.of(buildIn(metadata));
    const { requestid } = request.FrontendOpt;
    const result = requestid
      ? { metadata: await ask(requestid, wishOf(nothing, request), { engine, sessions, session: await build.session(signal), signal }) }
      : { ref: { id: build.plan(request) } };
    await stream.send(messages.gatewaySolveResponse.encode({ result }));
  },
  async "frontend.LLBBridge/Return"({ builds }, { stream, metadata }) {
    const { result, error } = messages.returnRequest.decode(await stream.message());
    const build = builds.of(buildIn(metadata));
    if (error) build.giveUp(new EngineError(error.code === 1 ? "cancelled" : "system", error.message));
    else build.decide(result?.ref?.id ?? Object.values(result?.refs?.refs ?? {})[0]?.id ?? "");
    await stream.send(messages.empty.encode({}));
  },
};

/** Clients ask for names of their own choice. */
const methods = new Map(Object.entries(named));

/** By what berth builds, in BuildKit's words: what is not here clients do without, or say that it is missing. */
const frontendCapabilities = [
  "solve.base",
  "return",
  "returnmap",
  "proto.refarray",
  "importcaches",
  "frontend.caps",
  "gateway.solve.metadata",
];
const buildCapabilities = [
  ...["source.image", "source.image.resolvemode", "source.local", "source.local.unique", "source.local.sessionid"],
  ...["source.local.includepatterns", "source.local.excludepatterns", "source.local.sharedkeyhint"],
  ...["source.git", "source.git.keepgitdir", "source.git.fullurl", "source.git.subdir", "source.http"],
  ...["exec.meta.base", "exec.meta.network", "exec.meta.security", "exec.meta.ulimit", "exec.mount.bind", "exec.mount.cache"],
  ...[
    "exec.mount.cache.sharing",
    "exec.mount.selector",
    "exec.mount.tmpfs",
    "exec.mount.tmpfs.size",
    "exec.mount.secret",
    "exec.mount.ssh",
  ],
  ...["exec.secretenv", "file.base", "constraints", "platform", "meta.ignorecache", "meta.description", "meta.exportcache"],
  ...["exporter.image.annotations", "exporter.image.attestations", "exporter.sourcedateepoch", "exporter.multiple"],
];
const enabled = (ID: string) => ({ ID, Enabled: true });

/** The builds that a call is about. */
function buildIn(metadata: GrpcRequest["metadata"]): string {
  const id = metadata["buildkit-controlapi-buildid"];
  if (typeof id !== "string" || id === "") throw new EngineError("invalid", "the call does not say which build it is about");
  return id;
}

async function startSolve({ engine, sessions, builds }: Control, { stream, signal }: GrpcRequest): Promise<void> {
  const request = messages.solveRequest.decode(await stream.message());
  refuseDefinitions(request.Definition, request.FrontendInputs);
  const build = builds.of(request.Ref);
  build.begin(request.Session);
  const planned =
    request.Frontend === "" ? await decided(build, signal) : { Frontend: request.Frontend, FrontendOpt: request.FrontendAttrs };
  const solving = { engine, sessions, session: request.Session, status: build.status, signal };
  const response = planned && (await carryOut(wishOf(request, planned), solving, request.Ref));
  await stream.send(messages.solveResponse.encode({ ExporterResponse: response ?? {} }));
}

async function carryOut(wish: BuildWish, solving: Solving, id: string): Promise<Record<string, string>> {
  const { requestid } = wish.attributes;
  if (!requestid) return exporterResponse(await solve(wish, solving, { id }));
  solving.status.end();
  const answer = await ask(requestid, wish, solving);
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, value.toString()]));
}

/** What buildx has made up its mind to build; undefined for nothing, when it only wants to know what there is. */
async function decided(build: ClientBuild, signal: AbortSignal) {
  const { request } = await build.decided(signal);
  if (!request) build.status.end();
  return request;
}

type SolveRequest = Decoded<typeof messages.solveRequest>;
const nothing: SolveRequest = messages.solveRequest.decode(new Uint8Array());

/** Older clients know one exporter. */
function wishOf(request: SolveRequest, { Frontend, FrontendOpt }: Pick<GatewayRequest, "Frontend" | "FrontendOpt">): BuildWish {
  const { Exporters, ExporterDeprecated: Type, ExporterAttrsDeprecated: Attrs, Cache, Entitlements } = request;
  const exporters = Exporters.length > 0 || Type === "" ? Exporters : [{ Type, Attrs }];
  return {
    frontend: Frontend,
    attributes: FrontendOpt,
    exporters,
    cacheImports: Cache?.Imports ?? [],
    cacheExports: Cache?.Exports ?? [],
    entitlements: Entitlements,
  };
}

type Definition = SolveRequest["Definition"];

function refuseDefinitions(definition: Definition, inputs: Readonly<Record<string, Definition>>): void {
  if ((definition?.def.length ?? 0) > 0 || Object.keys(inputs).length > 0)
    throw new EngineError("unsupported", "berth does not carry out low-level builds (LLB)", { hint: "it builds Dockerfiles only" });
}

/** buildx takes the name of a snapshotter as a sign that archives, caches and pushes come from the builder itself. */
async function workerOf(control: Control) {
  const { os, architecture, variant = "" } = hostPlatform();
  return {
    ID: "berth",
    Labels: {
      "org.mobyproject.buildkit.worker.executor": "oci",
      "org.mobyproject.buildkit.worker.snapshotter": "overlayfs",
    },
    platforms: [{ OS: os, Architecture: architecture, Variant: variant }],
    BuildkitVersion: await versionOf(control),
  };
}

async function versionOf({ engine }: Control) {
  const { Version } = await engine.system.version();
  return { package: "berth", version: `v${Version}` };
}

function usageOf(record: CacheRecord) {
  const { ID, InUse, Shared, Size, Description, UsageCount, Parents, CreatedAt, LastUsedAt, Type } = record;
  return {
    ...{ ID, InUse, Shared, Size, Description, UsageCount, Parents },
    ...{ RecordType: Type, CreatedAt: Date.parse(CreatedAt), LastUsedAt: Date.parse(LastUsedAt) },
  };
}

/** "type==regular", as containerd writes conditions. */
function filtersOf(conditions: readonly string[]): Record<string, string[]> {
  const filters: Record<string, string[]> = {};
  for (const condition of conditions.filter(Boolean)) {
    const [, name, value] = /^(\w+)==?(.*)$/.exec(condition) ?? [];
    if (name === undefined || value === undefined) throw new EngineError("invalid", `cannot read the filter "${condition}"`);
    filters[name] = [...(filters[name] ?? []), value];
  }
  return filters;
}

/** What was removed is told record by record. */
async function prune({ engine }: Control, { stream }: GrpcRequest): Promise<void> {
  const { all, filter, keepDuration, reservedSpace } = messages.pruneRequest.decode(await stream.message());
  const filters = filtersOf(filter);
  if (keepDuration > 0) filters["until"] = [`${Math.ceil(keepDuration / 1e9)}s`];
  const before = await engine.builder.du();
  const { CachesDeleted } = await engine.builder.prune({
    all,
    filters,
    ...(reservedSpace > 0 && { keepStorage: reservedSpace }),
  });
  const deleted = new Set(CachesDeleted);
  for (const record of before) if (deleted.has(record.ID)) await stream.send(messages.usage.encode(usageOf(record)));
}
