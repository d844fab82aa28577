/** `inspect`: the record, docker-shaped. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EndpointSettings, HostConfig } from "../../docker.ts";
import { resolveImage } from "../../image/store/index.ts";
import { predefinedNames, readAttachments } from "../../network/records/index.ts";
import { cgroupVersion } from "../../runtime/cgroup.ts";
import { runtimeFor } from "../../runtime/select.ts";
import type { Ground } from "../../state/ground.ts";
import { sortKeys } from "../../state/sorted.ts";
import { portMap } from "../network/index.ts";
import { processOf } from "../process/index.ts";
import { type ContainerRecord, filesOf, findContainer, isRunning, timestamp } from "../record/index.ts";
import { execIdsOf } from "../session/index.ts";
import { defaultCgroupns, defaultShm, maskedPaths, readonlyPaths } from "../spec/index.ts";
import type { ContainerInspect, ContainerState } from "../types.ts";
import { endpointDefaults, hostDefaults, labelDefaults, networkDefaults } from "./inspect-defaults.ts";

/** See index.ts. */
export async function inspectContainer(ground: Ground, ref: string, { size = false }: { size?: boolean } = {}): Promise<ContainerInspect> {
  const record = findContainer(ground, ref);
  const { id } = record;
  const files = filesOf(ground, id);
  const shared = filesOf(ground, networkOwner(ground, record));
  return {
    Id: id,
    Created: timestamp(record.created),
    Path: record.path,
    Args: record.args,
    State: stateOf(ground, record),
    Image: record.image,
    ResolvConfPath: placeOf(shared.resolvConf),
    HostnamePath: placeOf(shared.hostname),
    HostsPath: placeOf(shared.hosts),
    LogPath: record.host.LogConfig?.Type === "none" ? "" : placeOf(files.log),
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: "overlay",
    Platform: "linux",
    ...labelDefaults,
    ExecIDs: isRunning(record) ? execIdsOf(ground, id) : null,
    HostConfig: {
      ...hostOf(ground, record),
      ...(record.host.Links?.length && (await import("../network/links.ts")).shownLinks(ground, record)),
    },
    GraphDriver: { Name: "overlay", Data: await overlayData(ground, record) },
    ...(size && (await (await import("../files/size.ts")).sizesOf(ground, id))),
    Mounts: record.mounts,
    Config: configOf(record),
    NetworkSettings: networkOf(ground, record),
  };
}

/** Whose names and name servers a container has: the one's whose network it shares. */
function networkOwner(ground: Ground, { id, host: { NetworkMode = "" } }: ContainerRecord): string {
  if (!NetworkMode.startsWith("container:")) return id;
  try {
    return findContainer(ground, NetworkMode.slice("container:".length)).id;
  } catch {
    return id; // gone meanwhile
  }
}

/** As docker writes it: maps sorted by key; no ports and no volumes leave no trace. */
function configOf({ config, imageRef }: ContainerRecord): ContainerInspect["Config"] {
  const { ExposedPorts = {}, Volumes = {}, Labels = {}, ...rest } = config;
  const isEmpty = (map: object) => Object.keys(map).length === 0;
  return {
    ...rest,
    Image: imageRef,
    ...(!isEmpty(ExposedPorts) && { ExposedPorts: sortKeys(ExposedPorts) }),
    Volumes: isEmpty(Volumes) ? null : sortKeys(Volumes),
    Labels: sortKeys(Labels),
  };
}

/** docker knows the places of a container's files from its first start on. */
const placeOf = (file: string) => (existsSync(file) ? file : "");

function stateOf(ground: Ground, record: ContainerRecord): ContainerState {
  const running = isRunning(record) && record.status !== "restarting";
  return {
    Status: record.status as ContainerState["Status"],
    Running: running || record.status === "restarting",
    Paused: record.status === "paused",
    Restarting: record.status === "restarting",
    OOMKilled: record.oomKilled,
    Dead: record.status === "dead",
    Pid: running ? (processOf(ground, record)?.pid ?? 0) : 0,
    ExitCode: record.exitCode,
    Error: record.error,
    StartedAt: record.started,
    FinishedAt: record.finished,
    ...(record.health && { Health: record.health }),
  };
}

/** With the defaults that a start would use, as docker shows them. */
function hostOf(ground: Ground, { host }: ContainerRecord): HostConfig {
  const isPrivileged = host.Privileged ?? false;
  const defaults: HostConfig = {
    ...hostDefaults,
    PortBindings: {},
    AutoRemove: false,
    Privileged: false,
    PublishAllPorts: false,
    ReadonlyRootfs: false,
    Runtime: runtimeName(ground, host.Runtime),
    MaskedPaths: isPrivileged ? undefined : [...maskedPaths],
    ReadonlyPaths: isPrivileged ? undefined : [...readonlyPaths],
    ...{
      CpuShares: 0,
      Memory: 0,
      NanoCpus: 0,
      CpuPeriod: 0,
      CpuQuota: 0,
      BlkioWeight: 0,
      CpusetCpus: "",
      CpusetMems: "",
      MemoryReservation: 0,
      MemorySwap: 0,
      OomScoreAdj: 0,
    },
    ...{ PidMode: "", UTSMode: "", UsernsMode: "", CgroupnsMode: defaultCgroupns({ cgroup: cgroupVersion() }) },
  };
  const { Links: _ids, ...shown } = host;
  const { Runtime, CgroupnsMode } = defaults;
  // Clients of the API leave these to the engine by values that mean nothing.
  return { ...defaults, ...shown, Runtime, ShmSize: shown.ShmSize || defaultShm, CgroupnsMode: shown.CgroupnsMode || CgroupnsMode };
}

function runtimeName(ground: Ground, asked: string | undefined): string {
  try {
    return runtimeFor(ground, asked).name;
  } catch {
    return asked ?? ""; // none is installed: a start would say so
  }
}

async function overlayData(ground: Ground, record: ContainerRecord): Promise<Record<string, string>> {
  const { upper, work, merged } = filesOf(ground, record.id);
  const image = resolveImage(ground, record.image);
  return { LowerDir: image?.lowerdirs.join(":") ?? "", MergedDir: merged, UpperDir: upper, WorkDir: work };
}

function networkOf(ground: Ground, record: ContainerRecord): ContainerInspect["NetworkSettings"] {
  const { id, host, networking } = record;
  const attached = readAttachments(ground, id);
  const running = isRunning(record);
  const mode = host.NetworkMode ?? "bridge";
  const known = attached.endpoints.get(id);
  // One that runs and was taken off its last network has none, not even "none".
  const isAlone = mode.startsWith("container:") || (running && mode === "none" && "none" in networking);
  const idle: Record<string, EndpointSettings> = isAlone ? {} : { [mode]: {}, ...networking };
  const toName = (name: string, { Aliases, DNSNames }: EndpointSettings) =>
    predefinedNames.includes(name) ? null : (DNSNames ?? [...new Set([record.name, ...(Aliases ?? []), id.slice(0, 12)])]);
  const networks = known ?? idle;
  const plain: EndpointSettings = networks["bridge"] ?? {}; // the older members speak of the default network alone
  return {
    ...networkDefaults,
    EndpointID: plain.EndpointID ?? "",
    SandboxID: running ? id : "",
    SandboxKey: running && mode !== "host" ? join(ground.paths.netns, id) : "",
    Ports: running ? sortKeys(portMap(attached.ports.get(id) ?? [], Object.keys(record.config.ExposedPorts ?? {}))) : {},
    Gateway: plain.Gateway ?? "",
    IPAddress: plain.IPAddress ?? "",
    IPPrefixLen: plain.IPPrefixLen ?? 0,
    MacAddress: plain.MacAddress ?? "",
    Networks: Object.fromEntries(
      Object.entries(networks).map(([name, each]) => [name, { ...endpointDefaults, ...each, DNSNames: toName(name, each) }]),
    ),
  };
}
