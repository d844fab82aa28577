/**
 * What a stage has become so far: the image it would be, the layers under it, and the variables its instructions see.
 * Plain data; instructions and the steps derive the next state from it, nothing else changes it.
 */
import { type Configured, splitVariable } from "../../dockerfile/configured.ts";
import type { SourceLocation } from "../../errors.ts";
import type { ResolvedImage } from "../../image/store/index.ts";
import type { HistoryEntry, ImageConfig } from "../../image/types.ts";
import { sortKeys } from "../../state/sorted.ts";

/** An ARG in scope; `value` is undefined for `ARG name` that nobody gave a value. */
export interface BuildArg {
  key: string;
  value?: string;
}

export interface StageState extends Configured {
  architecture: string;
  os: string;
  variant?: string;
  /** What RUN and word expansion see: the image's ENV and the stage's ARGs, the later one wins. */
  environment: Configured["environment"];
  /** In order of declaration, one per key. */
  buildArgs: BuildArg[];
  /** `created` is filled in at the end (history-times.ts), as it depends on the layers around. */
  history: HistoryEntry[];
  /** Where each entry of the history stands in the Dockerfile; those of base images nowhere. */
  places: (SourceLocation | undefined)[];
  diffIds: string[];
  /** OCI chain id of the layers; "" for scratch. */
  chainId: string;
  /** What the image's config says of its steps' cache keys, base64 (--cache-to type=inline). */
  inlineCache?: string;
}

/** PATH of an image that sets none, as BuildKit gives it to every Linux image. */
const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** BuildKit's mark in every history entry it writes. */
export const historyComment = "buildkit.dockerfile.v0";

/** The state `FROM scratch` starts with. */
export function scratchState(platform: { os: string; architecture: string; variant?: string }): StageState {
  return {
    os: platform.os,
    architecture: platform.architecture,
    ...(platform.variant ? { variant: platform.variant } : {}),
    config: { Env: [defaultPath], WorkingDir: "/" },
    environment: new Map([splitVariable(defaultPath)]),
    buildArgs: [],
    history: [],
    places: [],
    diffIds: [],
    chainId: "",
    cmdSet: false,
  };
}

/** The state `FROM image` starts with. The image's ONBUILD triggers are not inherited: the caller runs them. */
export function imageState(image: Pick<ResolvedImage, "config" | "chainId">): StageState {
  const { config } = image;
  const own = structuredClone(config.config ?? {});
  const env = own.Env ?? [];
  if (!env.some((entry) => entry.startsWith("PATH="))) env.push(defaultPath);
  return {
    os: config.os,
    architecture: config.architecture,
    ...(config.variant ? { variant: config.variant } : {}),
    ...(config.author ? { author: config.author } : {}),
    config: { ...own, Env: env, OnBuild: null },
    environment: new Map(env.map(splitVariable)),
    buildArgs: [],
    history: structuredClone(config.history ?? []),
    places: (config.history ?? []).map(() => undefined),
    diffIds: [...config.rootfs.diff_ids],
    chainId: image.chainId,
    cmdSet: false,
  };
}

/** The state `FROM stage` starts with: all of it, its ARGs too; where an ARG shadowed an ENV, the ENV is back. */
export function derivedState(base: StageState): StageState {
  const config = structuredClone(base.config);
  return {
    ...base,
    config: { ...config, OnBuild: null },
    environment: new Map([...base.environment, ...(config.Env ?? []).map(splitVariable)]),
    buildArgs: [...base.buildArgs],
    history: structuredClone(base.history),
    places: [...base.places],
    diffIds: [...base.diffIds],
    cmdSet: false,
  };
}

/** Appends a history entry; `layer` entries take their time from the layer. */
export function record(state: StageState, createdBy: string, layer?: { created: string }): void {
  state.history.push({
    ...(layer ? { created: layer.created } : {}),
    created_by: createdBy.toWellFormed(),
    comment: historyComment,
    ...(layer ? {} : { empty_layer: true }),
  });
}

/** Says where in the Dockerfile that was recorded which has no place yet. */
export function markPlaces(state: StageState, location: SourceLocation): void {
  while (state.places.length < state.history.length) state.places.push(location);
}

/** Stacks a finished step's layer on the stage and records it. */
export function addLayer(state: StageState, layer: { chainId: string; diffId: string; created: string }, createdBy: string): void {
  state.chainId = layer.chainId;
  state.diffIds.push(layer.diffId);
  record(state, createdBy, layer);
}

/** Members in the order of BuildKit's structs, maps sorted by key, empty ones left out as Go's omitempty does. */
function orderedConfig({ config }: StageState): StageState["config"] {
  const filled = <T extends object>(map: T | null | undefined) => (map && Object.keys(map).length > 0 ? map : undefined);
  const ordered: StageState["config"] = {
    User: config.User || undefined,
    ExposedPorts: filled(config.ExposedPorts) && sortKeys(config.ExposedPorts ?? {}),
    Env: filled(config.Env),
    Entrypoint: filled(config.Entrypoint),
    Cmd: filled(config.Cmd),
    Volumes: filled(config.Volumes) && sortKeys(config.Volumes ?? {}),
    WorkingDir: config.WorkingDir || undefined,
    Labels: filled(config.Labels) && sortKeys(config.Labels ?? {}),
    StopSignal: config.StopSignal || undefined,
    ArgsEscaped: config.ArgsEscaped || undefined,
    Healthcheck: filled(config.Healthcheck),
    OnBuild: filled(config.OnBuild) ?? null,
    Shell: filled(config.Shell),
  };
  return JSON.parse(JSON.stringify(ordered)); // drops what is undefined
}

/** The image configuration, whose bytes are the image's identity: members in the order BuildKit writes them. */
export function toImageConfig(state: StageState, history: HistoryEntry[], created: string | undefined): ImageConfig {
  return {
    architecture: state.architecture,
    ...(state.author ? { author: state.author } : {}),
    config: orderedConfig(state),
    ...(created === undefined ? {} : { created }),
    history,
    ...(state.inlineCache ? { "moby.buildkit.cache.v0": state.inlineCache } : {}),
    os: state.os,
    rootfs: { type: "layers", diff_ids: state.diffIds },
    ...(state.variant ? { variant: state.variant } : {}),
  };
}
