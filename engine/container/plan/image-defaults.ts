/**
 * What containers of an image begin with, by its labels (dockerfile/security-labels.ts): filled in where nobody asked for anything. Who
 * asks for more has it, and is told. A container's own label of the same name stands in the place of the image's. Pure.
 */

import type { HostConfig } from "../../docker.ts";
import { leftOf } from "../../dockerfile/directive-values.ts";
import { loosened, readSecurityLabels, securityLabel } from "../../dockerfile/security-labels.ts";
import type { SecurityDefaults } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import type { HostFacts } from "../../runtime/host-facts.ts";
import { capabilityName, grantCapabilities, narrowedSeccomp } from "../spec/index.ts";
import type { ContainerCreate } from "../types.ts";

type Facts = Pick<HostFacts, "capabilities" | "architecture" | "kernel" | "x32">;

/**
 * @returns the wish with the defaults in it, and what is to be said about it
 * @throws EngineError `invalid` for a label whose value is none
 */
export function withImageDefaults(
  spec: ContainerCreate,
  labels: Record<string, string> | null | undefined,
  facts: Facts,
): { spec: ContainerCreate; warnings: string[] } {
  const own = spec.Labels ?? {};
  const [inherited, replaced] = partition(labels ?? {}, (name) => !Object.hasOwn(own, name));
  const ofImage = readSecurityLabels(inherited, `image "${spec.Image}"`);
  const { defaults } = readSecurityLabels({ ...inherited, ...own }, "the container");
  const host: HostConfig = { ...spec.HostConfig };
  const warnings = ofImage.unknown.map((label) => `the image has a label that this berth does not know, and does not heed: ${label}`);
  const note: Note = (field, what) => void warnings.push(looserThanDemanded(field, what));
  for (const field of loosened(valid(replaced), defaults)) note(field, "a label of the container's own says otherwise");
  for (const apply of Object.values(applied)) apply(host, defaults, note, facts);
  if (defaults.network && host.NetworkMode === "none" && Object.keys(host.PortBindings ?? {}).length > 0)
    warnings.push(`published ports lead nowhere: the image demands no network (${securityLabel("network")}), unless --network names one`);
  return { spec: { ...spec, HostConfig: host }, warnings };
}

/**
 * What is to be said when a container's limits change: those that are looser now than its labels demand, its image's and its own.
 * @param given what changes
 */
export function looserLimits(labels: Labels, given: HostConfig, facts: Facts): string[] {
  const warnings: string[] = [];
  const defaults = valid(labels);
  const note: Note = (field, what) => void warnings.push(looserThanDemanded(field, what));
  for (const field of ["memory", "pids"] as const) applied[field]({ ...given }, defaults, note, facts);
  return warnings;
}

const looserThanDemanded = (field: keyof SecurityDefaults, what: string) =>
  `looser than the image demands (${securityLabel(field)}): ${what}`;

type Labels = Record<string, string>;

function partition(labels: Labels, isFirst: (name: string) => boolean): [Labels, Labels] {
  const entries = Object.entries(labels);
  return [Object.fromEntries(entries.filter(([name]) => isFirst(name))), Object.fromEntries(entries.filter(([name]) => !isFirst(name)))];
}

/** Of labels that others stand in the place of, those that mean something: a bad one is what they may be there for. */
function valid(labels: Labels): SecurityDefaults {
  const each = Object.entries(labels).map(([name, text]) => {
    try {
      return readSecurityLabels({ [name]: text }, "the image").defaults;
    } catch (error) {
      if (error instanceof EngineError) return {};
      throw error;
    }
  });
  return Object.assign({}, ...each);
}

/** Says what a container has that its image demands it not to have. */
type Note = (field: keyof SecurityDefaults, what: string) => void;
type Apply = (host: HostConfig, defaults: SecurityDefaults, note: Note, facts: Facts) => void;

/** In this order: what capabilities are granted decides about system calls. */
const applied: Record<keyof SecurityDefaults, Apply> = {
  capDrop(host, { capDrop }, note, facts) {
    if (!capDrop) return;
    const left = leftOf(capDrop);
    if (!host.Privileged) {
      const dropped = (host.CapDrop ?? []).map(capabilityName);
      const kept = capDrop.add.filter((name) => !dropped.includes("ALL") && !dropped.includes(`CAP_${name}`));
      host.CapDrop = [...new Set([...capDrop.drop, ...(host.CapDrop ?? [])])];
      host.CapAdd = [...new Set([...kept, ...(host.CapAdd ?? [])])];
    }
    const granted = grantCapabilities(
      { add: host.CapAdd ?? [], drop: host.CapDrop ?? [], privileged: host.Privileged ?? false },
      facts.capabilities,
    );
    const more = granted.filter((name) => !left.includes(name.replace(/^CAP_/, "")));
    if (more.length > 0) note("capDrop", host.Privileged ? "it is privileged" : `it has ${more.join(", ")}`);
  },
  readOnly(host, defaults, note) {
    if (!defaults.readOnly) return;
    if (host.ReadonlyRootfs === false) note("readOnly", "its root file system can be written");
    host.ReadonlyRootfs ??= true;
  },
  noNewPrivileges(host, defaults, note) {
    if (!defaults.noNewPrivileges) return;
    const asked = host.SecurityOpt?.findLast((option) => option.startsWith("no-new-privileges"));
    if (asked === undefined) host.SecurityOpt = [...(host.SecurityOpt ?? []), "no-new-privileges"];
    else if (/[:=](false|0)$/.test(asked)) note("noNewPrivileges", "its processes can gain privileges");
  },
  seccomp(host, defaults, note, facts) {
    if (!defaults.seccomp) return;
    if (host.Privileged) return note("seccomp", "it is privileged");
    if (host.SecurityOpt?.some((option) => /^seccomp[:=]/.test(option))) return note("seccomp", "another profile was asked for");
    const granted = grantCapabilities({ add: host.CapAdd ?? [], drop: host.CapDrop ?? [] }, facts.capabilities);
    const profile = narrowedSeccomp(defaults.seccomp, { ...facts, capabilities: granted });
    host.SecurityOpt = [...(host.SecurityOpt ?? []), `seccomp=${JSON.stringify(profile)}`];
  },
  network(host, defaults, note) {
    if (!defaults.network) return;
    const { NetworkMode = "default" } = host;
    if (NetworkMode !== "default" && NetworkMode !== "none") return note("network", `it is on network ${NetworkMode}`);
    host.NetworkMode = defaults.network;
  },
  memory(host, { memory }, note) {
    if (!memory) return;
    if ((host.Memory ?? 0) > memory) note("memory", `it has ${host.Memory} bytes of memory and not ${memory}`);
    host.Memory ||= memory;
  },
  pids(host, { pids }, note) {
    if (!pids) return;
    const { PidsLimit } = host;
    if (PidsLimit && (PidsLimit < 0 || PidsLimit > pids))
      note("pids", `it has ${PidsLimit < 0 ? "any number of" : PidsLimit} processes and not ${pids}`);
    host.PidsLimit ||= pids;
  },
};
