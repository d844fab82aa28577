/** What of a project is there: its containers, networks and volumes, by docker compose's labels. */
import type { ContainerStatus, ContainerSummary } from "../../container/index.ts";
import type { MountPoint } from "../../docker.ts";
import type { Engine } from "../../engine.ts";
import type { NetworkInspect } from "../../network/index.ts";
import type { VolumeInspect } from "../../volume/index.ts";
import { label } from "../labels.ts";
import type { Project } from "../project.ts";

/** A container that some compose made for a project. */
export interface Seen {
  id: string;
  name: string;
  service: string;
  /** 0 for one of `run`. */
  number: number;
  oneOff: boolean;
  state: ContainerStatus;
  /** "Up 3 seconds (healthy)". */
  status: string;
  hash: string;
  /** The id of its image, as its label says. */
  image: string;
  /** The container whose place it takes. */
  replaces?: string;
  /** Seconds since the epoch. */
  created: number;
  networks: string[];
  mounts: MountPoint[];
  labels: Record<string, string>;
  summary: ContainerSummary;
}

export interface Observed {
  containers: Seen[];
  networks: NetworkInspect[];
  volumes: VolumeInspect[];
}

export async function observe(engine: Engine, project: string): Promise<Observed> {
  const filters = { label: [`${label.project}=${project}`] };
  const [containers, networks, volumes] = await Promise.all([
    observeContainers(engine, project),
    engine.networks.list({ filters }),
    engine.volumes.list({ filters }),
  ]);
  return { containers, networks, volumes };
}

/** By service and number, those of `run` after the others. */
export async function observeContainers(engine: Engine, project: string): Promise<Seen[]> {
  const found = await engine.containers.list({ all: true, filters: { label: [`${label.project}=${project}`] } });
  return found.map(seenOf).sort((a, b) => compare(a.service, b.service) || Number(a.oneOff) - Number(b.oneOff) || a.number - b.number);
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

export function seenOf(summary: ContainerSummary): Seen {
  const { Labels: labels } = summary;
  return {
    id: summary.Id,
    name: summary.Names[0]!.slice(1),
    service: labels[label.service] ?? "",
    number: Number(labels[label.number] ?? 0),
    oneOff: labels[label.oneOff] === "True",
    state: summary.State,
    status: summary.Status,
    hash: labels[label.hash] ?? "",
    image: labels[label.image] ?? "",
    ...(labels[label.replaces] && { replaces: labels[label.replaces] }),
    created: summary.Created,
    networks: Object.keys(summary.NetworkSettings.Networks),
    mounts: summary.Mounts,
    labels,
    summary,
  };
}

/** True for one that runs, or will by itself. */
export function isUp({ state }: Pick<Seen, "state">): boolean {
  return state === "running" || state === "restarting" || state === "paused";
}

/** Containers of the project whose service it does not have any more, and those that a `run` without `--rm` has left. */
export function orphansOf(project: Project, { containers }: Observed): Seen[] {
  return containers.filter(({ service, oneOff, state }) =>
    oneOff ? state === "exited" || state === "dead" : !project.model.services[service] && !project.disabled[service],
  );
}

/** Containers gathered by their projects, by name. Pure. */
export function projectsOf(containers: readonly ContainerSummary[]): { Name: string; Status: string; ConfigFiles: string }[] {
  const byName = Map.groupBy(containers, ({ Labels }) => Labels[label.project]!);
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Name, all]) => ({
      Name,
      Status: [...Map.groupBy(all, ({ State }) => State)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([state, those]) => `${state}(${those.length})`)
        .join(", "),
      ConfigFiles: [...new Set(all.map(({ Labels }) => Labels[label.files] ?? "N/A"))].join(","),
    }));
}
