/** A service of a project as a container of the engine: what docker compose would ask its daemon for. Pure. */

import type { ContainerCreate } from "../../container/index.ts";
import type { HealthcheckConfig, HostConfig, MountPoint } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { Environment } from "../elements.ts";
import { containerName, label, serviceLabels } from "../labels.ts";
import type { Project } from "../project.ts";
import type { HealthCheck, Service } from "../service.ts";
import { bytes, given, nanoseconds, wholeSeconds } from "./amounts.ts";
import { mountsOf } from "./mounts.ts";
import { type NetworkNeeds, networksOf, sharedWith } from "./networks.ts";
import { exposedPortsOf, portBindingsOf } from "./ports.ts";
import { resourcesOf, restartPolicyOf } from "./resources.ts";

export interface ContainerNeeds {
  /** Of the service as it is; see life/hash.ts. */
  hash: string;
  image: { reference: string; id: string; command?: string[] | null; volumes: readonly string[] };
  number: number;
  containersOf: NetworkNeeds["containersOf"];
  /** The container whose place it takes. */
  replaces?: { id: string; mounts: readonly MountPoint[] };
  /** `security_opt` with its profiles read. */
  securityOptions?: string[];
  /** A container of `run`. */
  oneOff?: { name: string; slug: string; withAliases: boolean; autoRemove: boolean };
}

/** @throws EngineError `unsupported` for what no container here can have, `invalid` */
export function containerOf(project: Project, name: string, service: Service, needs: ContainerNeeds): ContainerCreate {
  refuse(name, service);
  const { hash, image, number, oneOff, replaces, containersOf } = needs;
  const ownName = oneOff?.name ?? containerName(project, name, number, service);
  const { NetworkMode, endpoints } = networksOf(project, name, service, {
    containerName: ownName,
    containersOf,
    withAliases: oneOff?.withAliases ?? true,
  });
  return given({
    Name: replaces ? `${replaces.id.slice(0, 12)}_${ownName}` : ownName,
    Image: image.reference,
    Platform: service.platform,
    Pull: "never",
    Hostname: service.hostname,
    Domainname: service.domainname,
    User: service.user,
    Tty: service.tty,
    OpenStdin: service.stdin_open,
    Env: environmentOf({ ...project.proxies, ...service.environment }),
    ...commandOf(service, image.command),
    Healthcheck: healthcheckOf(service.healthcheck),
    WorkingDir: service.working_dir,
    ExposedPorts: exposedPortsOf(service),
    StopSignal: service.stop_signal,
    StopTimeout: wholeSeconds(service.stop_grace_period),
    Labels: {
      ...service.labels,
      ...serviceLabels(project, name, service),
      [label.hash]: hash,
      [label.image]: image.id,
      ...(oneOff ? { [label.oneOff]: "True", [label.slug]: oneOff.slug } : { [label.oneOff]: "False", [label.number]: String(number) }),
      ...(replaces && { [label.replaces]: replaces.id }),
    },
    HostConfig: {
      ...hostConfigOf(service, needs),
      NetworkMode,
      ...mountsOf(project, service, replaces?.mounts, image.volumes),
      VolumesFrom: volumesFrom(service, containersOf),
    },
    NetworkingConfig: { EndpointsConfig: endpoints },
  });
}

function hostConfigOf(service: Service, { containersOf, oneOff, securityOptions }: ContainerNeeds): HostConfig {
  const logging = service.logging ?? (service.log_driver ? { driver: service.log_driver, options: service.log_opt } : undefined);
  return given({
    AutoRemove: oneOff?.autoRemove || undefined,
    Annotations: service.annotations,
    CapAdd: service.cap_add,
    CapDrop: service.cap_drop,
    CgroupnsMode: service.cgroup as HostConfig["CgroupnsMode"],
    Dns: service.dns,
    DnsOptions: service.dns_opt,
    DnsSearch: service.dns_search,
    ExtraHosts: service.extra_hosts?.map((entry) => entry.replace("=", ":")),
    GroupAdd: service.group_add,
    Init: service.init,
    IpcMode: sharedWith(service.ipc, containersOf),
    LogConfig: logging && { Type: logging.driver ?? "", Config: logging.options ?? {} },
    OomScoreAdj: service.oom_score_adj,
    PidMode: sharedWith(service.pid, containersOf),
    PortBindings: portBindingsOf(service),
    Privileged: service.privileged,
    ReadonlyRootfs: service.read_only,
    RestartPolicy: oneOff ? undefined : restartPolicyOf(service),
    Runtime: service.runtime,
    SecurityOpt: securityOptions ?? service.security_opt,
    ShmSize: bytes(service.shm_size),
    Sysctls: service.sysctls,
    UTSMode: service.uts,
    UsernsMode: service.userns_mode,
    ...resourcesOf(service),
  });
}

/** What a container here cannot have is said, not left out. */
function refuse(name: string, service: Service): void {
  const asked: [unknown, string][] = [
    [service.gpus?.length || service.deploy?.resources?.reservations?.devices?.length, "devices by driver (gpus)"],
    [service.models && Object.keys(service.models).length, "models"],
    [service.credential_spec, "credential_spec"],
    [service.isolation && service.isolation !== "default", "isolation"],
    [service.storage_opt && Object.keys(service.storage_opt).length, "storage_opt"],
    [service.userns_mode && service.userns_mode !== "host", "userns_mode"],
    [service.use_api_socket, "use_api_socket"],
    [service.volume_driver && service.volume_driver !== "local", "volume_driver"],
  ];
  const found = asked.find(([value]) => value);
  if (found) throw new EngineError("unsupported", `service "${name}": ${found[1]} is not supported`);
}

/** One that nobody sets is its name alone, which takes the image's away. */
export function environmentOf(environment: Environment = {}): string[] {
  return Object.entries(environment).map(([name, value]) => (value === null ? name : `${name}=${value}`));
}

/** An empty entry point takes the image's away, and leaves its command. */
function commandOf({ command, entrypoint }: Service, ofImage?: string[] | null): Pick<ContainerCreate, "Cmd" | "Entrypoint"> {
  if (entrypoint?.length === 0) return { Entrypoint: [""], Cmd: command ?? ofImage ?? null };
  return given({ Cmd: command ?? undefined, Entrypoint: entrypoint ?? undefined });
}

/** @throws EngineError `invalid` for an interval of no period, which moby passes over */
export function healthcheckOf(check: HealthCheck | undefined): HealthcheckConfig | undefined {
  if (!check) return undefined;
  if (check.disable) return { Test: ["NONE"] };
  if (check.start_interval !== undefined && check.start_period === undefined)
    throw new EngineError("invalid", "healthcheck.start_interval requires healthcheck.start_period to be set");
  return given({
    Test: check.test,
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.start_period),
    StartInterval: nanoseconds(check.start_interval),
    Retries: check.retries,
  });
}

/** "SERVICE[:ro]" and "container:NAME[:ro]". */
function volumesFrom({ volumes_from }: Service, containersOf: NetworkNeeds["containersOf"]): string[] | undefined {
  return volumes_from?.map((text) => {
    const [first = "", second, third] = text.split(":");
    if (first === "container") return third ? `${second}:${third}` : (second ?? "");
    const id = containersOf(first)[0]?.id ?? first;
    return second ? `${id}:${second}` : id;
  });
}
