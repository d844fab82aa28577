/** From what the user asked and what the image says to what the container is. Pure, but for the name and the processors of the host. */
import { hostname } from "node:os";
import { posix } from "node:path";
import type { ContainerConfig, HealthcheckConfig, HostConfig } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { ImageConfig } from "../../image/types.ts";
import type { Settings } from "../../state/settings.ts";
import { capabilityName } from "../spec/index.ts";
import type { ContainerCreate } from "../types.ts";
import { thisHost } from "./available.ts";
import { mergeEnvironment } from "./environment.ts";
import { checkLimits, refusal } from "./limit-rules.ts";
import { checkLogConfig, withLogSettings } from "./log-options.ts";
import { checkNetworkMode } from "./network-rules.ts";
import { signalNumber } from "./signals.ts";
import { checkEndpoints, checkValues } from "./value-rules.ts";

export interface ContainerPlan {
  config: ContainerConfig;
  host: HostConfig;
  path: string;
  args: string[];
}

/**
 * The container's whole configuration. Rules of docker's daemon (runconfig, image merge).
 * @param id gives the default host name
 * @param settings of the host
 * @throws EngineError `invalid` when there is nothing to run or values contradict each other
 */
export function planContainer(
  spec: ContainerCreate,
  image: Pick<ImageConfig, "config">,
  id: string,
  settings: Settings = { logOptions: {} },
): ContainerPlan {
  const {
    Name: _name,
    HostConfig: given = {},
    NetworkingConfig,
    Platform: _platform,
    Pull: _pull,
    AllowAnnotations = [],
    IdFile: _file,
    ...own
  } = spec;
  checkValues(own, given);
  const host = planHost(given, settings);
  checkNetworkMode(own, host);
  checkEndpoints(NetworkingConfig?.EndpointsConfig);
  checkAnnotations(host.Annotations, AllowAnnotations);
  if (own.StopSignal) checkSignal(own.StopSignal);
  checkHealth(own.Healthcheck);
  const base = image.config ?? {};
  const workingDirectory = own.WorkingDir || base.WorkingDir || "";
  const config: ContainerConfig = {
    ...own,
    Hostname: hostnameOf(own, host, id),
    Domainname: own.Domainname ?? "",
    User: own.User || base.User || "",
    AttachStdin: own.AttachStdin ?? false,
    AttachStdout: own.AttachStdout ?? false,
    AttachStderr: own.AttachStderr ?? false,
    ExposedPorts: exposedPorts(own, base, host),
    Tty: own.Tty ?? false,
    OpenStdin: own.OpenStdin ?? false,
    StdinOnce: own.StdinOnce ?? false,
    Env: mergeEnvironment(base.Env ?? [], own.Env ?? []),
    ...commandOf(own, base),
    ...healthOf(own.Healthcheck, base.Healthcheck),
    Volumes: { ...base.Volumes, ...own.Volumes },
    WorkingDir: workingDirectory && tidyPath(workingDirectory),
    OnBuild: own.OnBuild ?? null,
    Labels: { ...base.Labels, ...own.Labels },
    ...((own.StopSignal || base.StopSignal) && { StopSignal: own.StopSignal || base.StopSignal }),
    ...(own.StopTimeout !== undefined && { StopTimeout: own.StopTimeout }),
  };
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  const [path, ...args] = command;
  if (path === undefined)
    throw new EngineError("invalid", "no command specified", {
      exit: 125,
      hint: "the image has no CMD or ENTRYPOINT: give a command after the image",
    });
  if (config.WorkingDir && !config.WorkingDir.startsWith("/")) {
    throw new EngineError("invalid", `the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`, {
      exit: 125,
    });
  }
  return { config, host, path, args };
}

/** A path without detours, and without slashes at its end. */
export const tidyPath = (path: string) => posix.normalize(path).replace(/(.)\/+$/, "$1");

/** They change what a runtime does: handlers, hooks, groups, files of the host, and what it loads for seccomp. */
const steering = /^(run\.oci|module\.wasm|org\.criu|org\.systemd\.property)\./;

function checkAnnotations(annotations: Record<string, string> = {}, allowed: readonly string[]): void {
  const refused = Object.keys(annotations).find((name) => steering.test(name) && !allowed.includes(name));
  if (refused === undefined) return;
  throw new EngineError("invalid", `annotation "${refused}" steers the OCI runtime, and is not allowed`, {
    exit: 125,
    hint: `leave it out, or allow it for this container with --allow-annotation ${refused}`,
  });
}

/** An entry point of the user's takes the image's command away too; [""] takes the image's entry point away. */
function commandOf(own: Partial<ContainerConfig>, base: Partial<ContainerConfig>): Pick<ContainerConfig, "Cmd" | "Entrypoint"> {
  const given = own.Entrypoint?.length ? own.Entrypoint : undefined;
  if (!given) return { Cmd: own.Cmd?.length ? own.Cmd : (base.Cmd ?? null), Entrypoint: base.Entrypoint ?? null };
  const isCleared = given.length === 1 && given[0] === "";
  return { Cmd: own.Cmd ?? null, Entrypoint: isCleared ? null : given };
}

function hostnameOf(own: Partial<ContainerConfig>, host: HostConfig, id: string): string {
  if (host.NetworkMode?.startsWith("container:")) return "";
  return own.Hostname || (host.NetworkMode === "host" ? hostname() : id.slice(0, 12));
}

function exposedPorts(own: Partial<ContainerConfig>, base: Partial<ContainerConfig>, host: HostConfig): Record<string, object> {
  const published = Object.fromEntries(Object.keys(host.PortBindings ?? {}).map((key) => [key, {}]));
  return { ...base.ExposedPorts, ...own.ExposedPorts, ...published };
}

function checkSignal(text: string): void {
  try {
    signalNumber(text);
  } catch (cause) {
    throw new EngineError("invalid", (cause as Error).message, { cause, exit: 125 });
  }
}

/** Nanoseconds: docker's least, unless a time is left out (0). */
const millisecond = 1e6;

function checkHealth(check: HealthcheckConfig = {}): void {
  for (const name of ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const) {
    const value = check[name] ?? 0;
    if (value !== 0 && value < millisecond) throw refusal(`${name} in Healthcheck cannot be less than 1ms`);
  }
  if ((check.Retries ?? 0) < 0) throw refusal("Retries in Healthcheck cannot be negative");
}

/** What the user leaves out of a health check comes from the image; ["NONE"] turns it off. */
function healthOf(own: HealthcheckConfig | undefined, base: HealthcheckConfig | undefined): { Healthcheck?: HealthcheckConfig } {
  const given = Object.fromEntries(
    Object.entries(own ?? {}).filter(([key, value]) => value !== undefined && !(key === "Test" && value.length === 0)),
  );
  const merged = { ...base, ...given };
  return Object.keys(merged).length > 0 ? { Healthcheck: merged } : {};
}

/** Defaults that inspect shows, and contradictions that docker refuses. */
function planHost(given: HostConfig, settings: Settings): HostConfig {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as HostConfig;
  const host: HostConfig = {
    ...set,
    NetworkMode: !set.NetworkMode || set.NetworkMode === "default" ? "bridge" : set.NetworkMode,
    LogConfig: withLogSettings(set.LogConfig, settings),
    RestartPolicy: set.RestartPolicy ?? { Name: "no", MaximumRetryCount: 0 },
    ShmSize: set.ShmSize ?? 64 * 1024 * 1024,
    IpcMode: set.IpcMode || "private",
    // docker: with a limit and no word on swap, as much swap as memory
    ...(set.Memory && !set.MemorySwap && { MemorySwap: set.Memory * 2 }),
    ...(set.CapAdd && { CapAdd: set.CapAdd.map(capabilityName) }),
    ...(set.CapDrop && { CapDrop: set.CapDrop.map(capabilityName) }),
  };
  checkLogConfig(host.LogConfig!);
  if (host.AutoRemove && host.RestartPolicy && host.RestartPolicy.Name !== "no")
    throw refusal("can't create 'AutoRemove' container with restart policy");
  checkLimits(host, thisHost);
  const shared = host.NetworkMode === "host" || host.NetworkMode?.startsWith("container:");
  const netSysctl = shared ? Object.keys(host.Sysctls ?? {}).find((name) => name.startsWith("net.")) : undefined;
  if (netSysctl) throw refusal(`sysctl '${netSysctl}' not allowed in host network namespace`);
  return host;
}
