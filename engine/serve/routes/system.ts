/** The host: is it there, what is it, what happens on it. */

import type { Writable } from "node:stream";
import { EngineError } from "../../errors.ts";
import { dockerEvent } from "../../events.ts";
import { toJson } from "../answers.ts";
import { deliver } from "../frames.ts";
import { filters, texts, time } from "../parameters.ts";
import { authConfig, toCredentials } from "../registry-auth.ts";
import { type Answer, type Call, ok, type Route, route } from "../route.ts";
import { logDriver, toContainerRow, toImageRow } from "../rows.ts";
import { current, oldest } from "../versions.ts";

/** Clients shall build in BuildKit's words; the classic builder's are understood, too. */
const pingHeaders = {
  "Builder-Version": "2",
  "Cache-Control": "no-cache, no-store, must-revalidate",
  Pragma: "no-cache",
  Swarm: "inactive",
};

const ping = async (): Promise<Answer> => ({ status: 200, text: "OK", headers: pingHeaders });

async function version({ engine }: Call): Promise<Answer> {
  const { Version, Os, Arch, KernelVersion, Components } = await engine.system.version();
  const unknown = { BuildTime: "", GitCommit: "", GoVersion: "" };
  const Details = { ApiVersion: current, ...unknown, Experimental: "false", Arch, KernelVersion, MinAPIVersion: oldest, Os };
  return ok({
    Platform: { Name: "berth" },
    Components: [{ Name: "Engine", Version, Details }, ...Components.map((each) => ({ ...each, Details: { GitCommit: "" } }))],
    ...{ Version, ApiVersion: current, MinAPIVersion: oldest, ...unknown, Os, Arch, KernelVersion },
  });
}

/** What docker's daemon tells of itself and its parts, of which there is nothing here. */
function unmeasured(version: number): object {
  const commit = { ID: "", ...(version < 149 && { Expected: "" }) };
  return {
    ...{ NFd: 0, NGoroutines: 0, NEventsListener: 0, GenericResources: null },
    ...{ ContainerdCommit: commit, RuncCommit: commit, InitCommit: commit },
    RegistryConfig: {
      IndexConfigs: { "docker.io": { Name: "docker.io", Mirrors: [], Secure: true, Official: true } },
      InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8"],
      Mirrors: null,
      ...(version < 147 && { AllowNondistributableArtifactsCIDRs: null, AllowNondistributableArtifactsHostnames: null }),
    },
    ...(version >= 149 && { FirewallBackend: { Driver: "nftables" } }),
  };
}

/** Clients of before 1.50 warn where bridges do not pass packets to iptables, which berth's networks do not need. */
async function info({ engine, version }: Call): Promise<Answer> {
  const bridges = version < 150 ? { BridgeNfIptables: true, BridgeNfIp6tables: true } : {};
  const { LoggingDriver, Plugins, Warnings, ...info } = await engine.system.info();
  return ok({
    ...unmeasured(version),
    ...info,
    Warnings: Warnings.length > 0 ? Warnings : null,
    CDISpecDirs: [],
    LoggingDriver: logDriver(LoggingDriver),
    Plugins: { ...Plugins, Log: Plugins.Log.map(logDriver) },
    ...bridges,
  });
}

interface EventsQuery {
  since: bigint | undefined;
  until: bigint | undefined;
  filters: Record<string, string[]>;
}

const seconds = (nanoseconds: bigint) => Number(nanoseconds / 1_000_000n) / 1000;

async function sendEvents(call: Call<EventsQuery>): Promise<undefined> {
  const { engine, query, signal } = call;
  const since = query.since === undefined ? undefined : seconds(query.since);
  const until = query.until === undefined ? undefined : seconds(query.until);
  const follow = until === undefined || until > Date.now() / 1000;
  let target: Writable | undefined;
  const options = {
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    filters: query.filters,
    follow,
    signal,
    // The head of the answer tells that events are heard from now on.
    onListening: () => void (target = call.stream("application/json")),
  };
  for await (const event of engine.events(options)) {
    if (signal.aborted) break;
    await deliver(target, Buffer.from(`${toJson(dockerEvent(event))}\n`));
  }
  target?.end();
}

const diskUsers = ["image", "container", "volume", "build-cache"];

/** All of it, or the kinds that are named: since 1.42. */
async function diskUsage({ engine, query, version }: Call<{ type: string[] }>): Promise<Answer> {
  const wanted = version < 142 ? [] : query.type;
  const unknown = wanted.find((type) => !diskUsers.includes(type));
  if (unknown !== undefined) throw new EngineError("invalid", `unknown object type: ${unknown}`);
  const has = (type: string) => wanted.length === 0 || wanted.includes(type);
  const [rows, images, containers, volumes, records] = await Promise.all([
    engine.system.df(),
    has("image") ? engine.images.list({ all: true }) : [],
    has("container") ? engine.containers.list({ all: true, size: true }) : [],
    has("volume") ? engine.volumes.list({ size: true }) : [],
    has("build-cache") ? engine.builder.du() : [],
  ]);
  const sizeOf = (type: string) => rows.find(({ Type }) => Type === type)?.Size ?? 0;
  const built = sizeOf("Build Cache");
  return ok({
    LayersSize: has("image") ? sizeOf("Images") : 0,
    Images: has("image") ? images.map((image) => toImageRow(image, { version, withShared: true, withContainers: true })) : null,
    Containers: has("container") ? containers.map((row) => toContainerRow(row, version)) : null,
    Volumes: has("volume") ? volumes : null,
    BuildCache: has("build-cache") ? records : null,
    ...(version < 142 && built > 0 && { BuilderSize: built }),
  });
}

type Auth = ReturnType<typeof authConfig.read>;

/** Credentials are tried; keeping them is the client's business. */
async function login({ engine, body = {}, signal }: Call<unknown, Auth>): Promise<Answer> {
  const credentials = toCredentials(body) ?? { username: "", password: "" };
  try {
    const { Status } = await engine.system.login(body.serveraddress ?? "", credentials, signal, { keep: false });
    return ok({ Status, IdentityToken: "" });
  } catch (error) {
    if (error instanceof EngineError && error.code === "registry-auth") return { status: 401, value: { message: error.message } };
    throw error;
  }
}

export const systemRoutes: readonly Route[] = [
  route("GET /_ping", { summary: "Is it there", handle: ping }),
  route("HEAD /_ping", { summary: "Is it there", handle: ping }),
  route("GET /version", { summary: "Versions of what answers", handle: version }),
  route("GET /info", { summary: "What the host is and has", handle: info }),
  route("GET /system/df", {
    summary: "What takes how much space",
    query: { type: texts("image, container, volume or build-cache; default all") },
    handle: diskUsage,
  }),
  route("POST /auth", { summary: "Try credentials at a registry", body: authConfig, handle: login }),
  route("GET /events", {
    summary: "What has happened, and what happens",
    query: { since: time("Begin with past events"), until: time("End at a time"), filters: filters("As `berth events --filter`") },
    handle: sendEvents,
  }),
];
