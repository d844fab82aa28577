/**
 * The OCI configuration of a container or a build step: docker's defaults (oci/defaults.go and daemon/oci_linux.go say
 * what they are), changed by the HostConfig. Pure: whatever must be looked up comes in with the input.
 */

import type { HostConfig } from "../../docker.ts";
import { cgroupPath } from "../../runtime/cgroup.ts";
import { type HostFacts, hostFacts } from "../../runtime/host-facts.ts";
import { capabilitySets, grantCapabilities } from "./capabilities.ts";
import { defaultCgroupns, maskedPaths, readonlyPaths } from "./defaults.ts";
import type { OciDevice, OciDeviceRule, OciMount, OciProcess, OciResources, OciSpec } from "./oci.ts";
import { defaultDeviceRules, limitsOf, oomScoreOf, parseDeviceRule, rlimitsOf } from "./resources.ts";
import { defaultSeccomp, parseSeccomp, type Seccomp } from "./seccomp.ts";
import { defaultMounts, orderMounts, shmMount } from "./spec-mounts.ts";
import type { ResolvedUser } from "./user.ts";

/** A namespace shared with the host, or with another container by its path; absent: a new one. */
export type NamespaceChoice = "host" | { path: string };

export interface SpecInput {
  /** Names the cgroup: /berth/ID. */
  id: string;
  /** The path of another cgroup. */
  group?: string;
  /** Absolute path of the mounted root file system. */
  rootfs: string;
  args: string[];
  /** "NAME=value", complete. */
  env: string[];
  cwd: string;
  tty?: boolean;
  /** Characters; of the terminal, if it has one. */
  consoleSize?: OciProcess["consoleSize"];
  user: ResolvedUser;
  hostname?: string;
  domainname?: string;
  host: HostConfig;
  /** A path from `NetworkAttachment.netns`; undefined is the host's. */
  netns: string | undefined;
  /** The network namespace is this container's own (not host, not another's): its kernel parameters can be set. */
  ownNetns?: boolean;
  pid?: NamespaceChoice;
  ipc?: NamespaceChoice;
  uts?: NamespaceChoice;
  cgroupns?: "host" | "private";
  /** Binds, volumes, tmpfs, the name files: resolved host paths. */
  mounts: OciMount[];
  /** Devices of the host to make inside, and who may use them. */
  devices?: { node: OciDevice; access: string }[];
  /** Limits on block devices. */
  throttles?: OciResources["blockIO"];
  /** JSON of `--security-opt seccomp=FILE`. */
  seccompProfile?: string;
  /** For tests; default this host. */
  facts?: HostFacts;
}

/**
 * @throws EngineError `invalid` for capabilities, device rules and seccomp profiles that make no sense
 */
export function createSpec(input: SpecInput): OciSpec {
  const { host, id, group = id, rootfs } = input;
  const facts = input.facts ?? hostFacts();
  const capabilities = grantCapabilities({ add: host.CapAdd, drop: host.CapDrop, privileged: host.Privileged }, facts.capabilities);
  const seccomp = seccompOf(input, capabilities, facts);
  const sysctl = sysctlsOf(input);
  const propagation = rootPropagation(input.mounts);
  return {
    ociVersion: "1.0.2",
    process: processOf(input, capabilities, facts),
    root: { path: rootfs, readonly: host.ReadonlyRootfs ?? false },
    ...(input.uts !== "host" && input.hostname && { hostname: input.hostname }),
    mounts: orderMounts([...defaultMounts(input), ...sharedMemory(input)], input.mounts),
    ...(host.Annotations && { annotations: host.Annotations }),
    linux: {
      cgroupsPath: cgroupPath(group),
      namespaces: namespacesOf(input, facts),
      ...(propagation && { rootfsPropagation: propagation }),
      resources: { ...withThrottles(limitsOf(host, facts), input.throttles), devices: deviceRules(input) },
      ...(input.devices?.length && { devices: input.devices.map(({ node }) => node) }),
      ...(Object.keys(sysctl).length > 0 && { sysctl }),
      ...(seccomp && { seccomp }),
      ...(!host.Privileged && {
        maskedPaths: [...(host.MaskedPaths ?? maskedPaths)],
        readonlyPaths: [...(host.ReadonlyPaths ?? readonlyPaths)],
      }),
    },
  };
}

function processOf(input: SpecInput, capabilities: string[], facts: HostFacts): OciProcess {
  const { user, host } = input;
  const { rlimits } = rlimitsOf(host, facts);
  return {
    terminal: input.tty ?? false,
    ...(input.tty && input.consoleSize && { consoleSize: input.consoleSize }),
    user: { uid: user.uid, gid: user.gid, ...(user.additionalGids.length > 0 && { additionalGids: user.additionalGids }) },
    args: input.args,
    env: input.env,
    cwd: input.cwd || "/",
    capabilities: capabilitySets(capabilities, user.uid),
    ...(rlimits.length > 0 && { rlimits }),
    noNewPrivileges: (host.SecurityOpt ?? []).some((option) => /^no-new-privileges([:=](true|1))?$/.test(option)),
    oomScoreAdj: oomScoreOf(host, facts).value,
  };
}

function seccompOf({ host, seccompProfile }: SpecInput, capabilities: string[], facts: HostFacts): Seccomp | undefined {
  if (host.Privileged || !facts.seccomp) return undefined;
  if ((host.SecurityOpt ?? []).some((option) => /^seccomp[:=]unconfined$/.test(option))) return undefined;
  const conditions = { capabilities, architecture: facts.architecture, kernel: facts.kernel, x32: facts.x32 };
  return seccompProfile === undefined ? defaultSeccomp(conditions) : parseSeccomp(seccompProfile, conditions);
}

function namespacesOf(input: SpecInput, facts: HostFacts): OciSpec["linux"]["namespaces"] {
  const cgroupns = input.cgroupns ?? defaultCgroupns(facts);
  const choices: [string, NamespaceChoice | undefined][] = [
    ["pid", input.pid],
    ["ipc", input.ipc],
    ["uts", input.uts],
    ["mount", undefined],
    ["network", input.netns === undefined ? "host" : { path: input.netns }],
    ["cgroup", cgroupns === "host" ? "host" : undefined],
  ];
  return choices.filter(([, choice]) => choice !== "host").map(([type, choice]) => ({ type, ...(typeof choice === "object" && choice) }));
}

function withThrottles(limits: OciResources, throttles: OciResources["blockIO"] = {}): OciResources {
  return Object.keys(throttles).length > 0 ? { ...limits, blockIO: { ...limits.blockIO, ...throttles } } : limits;
}

function deviceRules({ host, devices = [] }: SpecInput): OciDeviceRule[] {
  if (host.Privileged) return [{ allow: true, access: "rwm" }];
  const given = devices.map(({ node: { type, major, minor }, access }) => ({ allow: true, type, major, minor, access }));
  return [...defaultDeviceRules, ...given, ...(host.DeviceCgroupRules ?? []).map(parseDeviceRule)];
}

/** /dev/shm: its own, unless it has none, or joins another's IPC and with it that one's. */
function sharedMemory({ host, ipc }: SpecInput): OciMount[] {
  if (ipc === "host") return [{ destination: "/dev/shm", type: "bind", source: "/dev/shm", options: ["rbind", "rw", "rprivate"] }];
  return ipc || host.IpcMode === "none" ? [] : [shmMount(host.ShmSize)];
}

/** A bind can share or receive mounts only below a root that does: the runtime makes the root a slave at most by default. */
function rootPropagation(mounts: readonly OciMount[]): "shared" | "slave" | undefined {
  const asked = (words: string[]) => mounts.some(({ options = [] }) => words.some((word) => options.includes(word)));
  if (asked(["shared", "rshared"])) return "shared";
  return asked(["slave", "rslave"]) ? "slave" : undefined;
}

/** docker lets a container without privileges listen on low ports and ping, in its own network namespace. */
function sysctlsOf({ host, ownNetns, uts, domainname }: SpecInput): Record<string, string> {
  // Runtimes before runtime-spec 1.1 know no "domainname": docker, too, sets it as a parameter.
  return {
    ...(uts === undefined && domainname && { "kernel.domainname": domainname }),
    ...(ownNetns && { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" }),
    ...host.Sysctls,
  };
}
