/** Builds on a host, by the builder that Docker's API itself has ("classic"): a context goes there, steps are told, an image is there. */
import { EventEmitter, on } from "node:events";
import type { Builder, BuildOptions, BuildResult, BuildSummary, CacheRecord } from "../../build/index.ts";
import { EngineError, toEngineError } from "../../errors.ts";
import type { BuildEvent } from "../../events.ts";
import { randomHex } from "../../sys/random.ts";
import { authConfigs } from "../images/credentials.ts";
import { progressLines } from "../images/progress.ts";
import type { Link, Query } from "../link/link.ts";
import type { SentContext } from "./context.ts";
import { BuildSteps } from "./steps.ts";

/** What cannot be asked of a host, with the reason. */
export const builderLimits = {
  "builder.check": "Docker's API builds, and does not check: check it here",
  "builder.outline": "Docker's API builds, and tells nothing of a Dockerfile: ask for it here",
  "builder.targets": "Docker's API builds, and tells nothing of a Dockerfile: ask for them here",
  "builder.inspect": "Docker's API keeps nothing of builds: look at it over there",
  "builder.replay": "Docker's API keeps nothing of builds: look at it over there",
  "builder.forget": "Docker's API keeps nothing of builds: forget it over there",
} as const;

const refuseVerb = (verb: keyof typeof builderLimits): never => {
  throw new EngineError("unsupported", builderLimits[verb]);
};
const absent = (verb: keyof typeof builderLimits) => async (): Promise<never> => refuseVerb(verb);

/** Of this process: hosts keep no list. */
const keep = 200;

export function remoteBuilder(link: Link): Builder {
  const builds: BuildSummary[] = [];
  const changed = new EventEmitter();
  return {
    check: absent("builder.check"),
    outline: absent("builder.outline"),
    targets: absent("builder.targets"),
    inspect: absent("builder.inspect"),
    forget: absent("builder.forget"),
    replay: async function* () {
      yield refuseVerb("builder.replay");
    },
    async *changes(signal) {
      for await (const _ of on(changed, "change", { signal })) yield;
    },
    async *build(options) {
      const work = recorded(builds, options, build(link, options));
      changed.emit("change");
      try {
        return yield* work;
      } finally {
        changed.emit("change");
      }
    },
    async du(filters) {
      const example = {
        BuildCache: [
          {
            ID: "",
            Type: "",
            Description: "",
            InUse: false,
            Shared: false,
            Size: 0,
            CreatedAt: "",
            LastUsedAt: "",
            UsageCount: 0,
            Parents: [""],
          },
        ],
      };
      if (filters && Object.keys(filters).length > 0)
        throw new EngineError("unsupported", "Docker's API lists the build cache without filters");
      const { BuildCache } = await link.json("GET", "/system/df", example, { query: { type: ["build-cache"] }, takesLong: true });
      return BuildCache as CacheRecord[];
    },
    async prune({ all, filters = {}, keepStorage } = {}) {
      const query = { all, filters, "keep-storage": keepStorage };
      return link.json("POST", "/build/prune", { CachesDeleted: [""], SpaceReclaimed: 0 }, { query });
    },
    list: async () => builds.toReversed(),
  };
}

async function* recorded(
  builds: BuildSummary[],
  { tags = [], context }: BuildOptions,
  work: AsyncGenerator<BuildEvent, BuildResult>,
): AsyncGenerator<BuildEvent, BuildResult> {
  const now = () => new Date().toISOString();
  const summary: BuildSummary = {
    ...{ ID: randomHex(10), Name: tags[0] ?? context, Status: "running", CreatedAt: now(), Steps: { total: 0, cached: 0 } },
  };
  builds.push(summary);
  builds.splice(0, Math.max(0, builds.length - keep));
  try {
    const result = yield* work;
    Object.assign(summary, { Status: "completed", Steps: result.Steps, ImageID: result.ImageID });
    return result;
  } catch (error) {
    const { code, message } = toEngineError(error);
    Object.assign(summary, code === "cancelled" ? { Status: "cancelled" } : { Status: "failed", Error: message });
    throw error;
  } finally {
    if (summary.Status === "running") summary.Status = "cancelled"; // given up
    summary.CompletedAt = now();
  }
}

const isGiven = (value: unknown) =>
  Array.isArray(value) ? value.length > 0 : typeof value === "object" ? Object.keys(value ?? {}).length > 0 : Boolean(value);

/** Of a build here, and not of the classic builder's: what the user calls it. */
const refused: Partial<Record<keyof BuildOptions, string>> = {
  secrets: "--secret",
  ssh: "--ssh",
  buildContexts: "--build-context",
  annotations: "--annotation",
  cacheTo: "--cache-to",
  noCacheFilter: "--no-cache-filter",
  maxSize: "--max-size",
  attests: "--attest, --provenance or --sbom",
  securityProfile: "--security-profile",
  noVerify: "--no-verify",
};

/** @throws EngineError `unsupported` */
function refuse(options: BuildOptions, host: string): void {
  const given = Object.entries(refused).find(([name]) => isGiven(options[name as keyof BuildOptions]))?.[1];
  const hint = "leave it out, or build here and load the image over there (berth save … | berth -H HOST load)";
  const fail = (what: string): never => {
    throw new EngineError("unsupported", `cannot build on "${host}" with ${what}: the builder of Docker's API has nothing for it`, {
      hint,
      exit: 1,
    });
  };
  if (given) fail(given);
  const output = options.outputs?.find(({ type, attributes, dest }) => type !== "image" || dest !== undefined || isGiven(attributes));
  if (output) fail(`--output type=${output.type}`);
  if (options.platform?.includes(",")) fail("several platforms");
  if (options.allow?.some((each) => each !== "network.host")) fail("--allow security.insecure");
}

async function queryOf(options: BuildOptions, { remote, dockerfile }: SentContext): Promise<Query> {
  const {
    tags,
    buildArgs = {},
    labels = {},
    target,
    noCache,
    pull,
    platform,
    network,
    addHosts,
    shmSize,
    ulimits,
    cacheFrom = [],
  } = options;
  return {
    ...{ dockerfile, remote, t: tags, target, nocache: noCache, platform, networkmode: network, extrahosts: addHosts, shmsize: shmSize },
    pull: pull ? "1" : undefined,
    rm: "1",
    ...(isGiven(buildArgs) && { buildargs: buildArgs }),
    ...(isGiven(labels) && { labels }),
    ...(isGiven(ulimits) && { ulimits: JSON.stringify(ulimits) }),
    ...(cacheFrom.length > 0 && { cachefrom: JSON.stringify(cacheFrom.map(({ ref = "" }) => ref)) }),
  };
}

async function* build(link: Link, options: BuildOptions): AsyncGenerator<BuildEvent, BuildResult> {
  refuse(options, link.address);
  const { sendContext } = await import("./context.ts");
  const context = await sendContext(options);
  const query = await queryOf(options, context);
  const headers = await authConfigs(["docker.io", ...Object.keys(options.credentials ?? {})], options.credentials);
  const steps = new BuildSteps();
  let ImageID: string | undefined;
  try {
    const answer = await link.request("POST", "/build", {
      query,
      headers,
      signal: options.signal,
      ...(context.body && { body: context.body }),
    });
    for await (const line of progressLines(link, answer)) {
      const id = (line.aux as { ID?: unknown } | undefined)?.ID;
      if (typeof id === "string") ImageID = id;
      yield* steps.take(line);
    }
  } catch (thrown) {
    const error = options.signal?.aborted ? new EngineError("cancelled", "cancelled") : faultOf(toEngineError(thrown), context);
    yield* steps.end(error.code === "cancelled" ? "cancelled" : "failed", error.message);
    throw error;
  } finally {
    context.body?.destroy();
  }
  yield* steps.end("done");
  const Metadata = ImageID === undefined ? {} : { "containerimage.config.digest": ImageID };
  return { ...(ImageID !== undefined && { ImageID }), Tags: options.tags ?? [], Metadata, Steps: steps.steps };
}

/** The builder's words for what berth has codes for. */
function faultOf(error: EngineError, { source }: SentContext): EngineError {
  const { message } = error;
  const [, line, what] = /dockerfile parse error (?:on )?line (\d+): (.*)$/is.exec(message) ?? [];
  if (line !== undefined) {
    const location = source && { file: source.file, line: Number(line), column: 1, source: source.text };
    return new EngineError("dockerfile", what!, { cause: error, ...(location && { location }) });
  }
  if (/dockerfile parse error|unknown instruction|no build stage|failed to parse|Unknown flag/i.test(message))
    return new EngineError("dockerfile", message, { cause: error });
  const [, status] = /returned a non-zero code: (\d+)|exit status (\d+)|exit code: (\d+)/.exec(message) ?? [];
  if (/non-zero code|exit status \d|exit code: \d/.test(message))
    return new EngineError("build-step", message, { cause: error, ...(status !== undefined && { details: { exitCode: Number(status) } }) });
  return error;
}
