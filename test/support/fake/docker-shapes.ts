/** Rows and answers of the fake engine in docker's shapes. */
import type { ContainerInspect, ContainerSummary, ImageSummary, StatsSample } from "../../../engine/index.ts";
import { id, type World } from "./world.ts";

export function container(name: string, change: Partial<ContainerSummary> = {}): ContainerSummary {
  const running = (change.State ?? "running") === "running";
  return {
    Id: id(),
    Names: [`/${name}`],
    Image: "busybox:latest",
    ImageID: `sha256:${"b".repeat(64)}`,
    Command: "sleep 1000",
    Created: Math.floor(Date.now() / 1000) - 7200,
    Ports: [],
    Labels: {},
    State: "running",
    Status: running ? "Up 2 hours" : "Exited (0) 5 minutes ago",
    HostConfig: { NetworkMode: "bridge" },
    NetworkSettings: { Networks: {} },
    Mounts: [],
    ...change,
  };
}

export function image(tag: string, size = 4_000_000): ImageSummary {
  return {
    Id: `sha256:${id()}`,
    ParentId: "",
    RepoTags: [tag],
    RepoDigests: [],
    Created: Math.floor(Date.now() / 1000) - 86_400,
    Size: size,
    SharedSize: 0,
    Labels: {},
    Containers: 0,
    Dangling: false,
  };
}

/** What `inspect` tells of a row, and of what is known beside it. */
export function inspect(world: World, row: ContainerSummary): ContainerInspect {
  const running = row.State === "running" || row.State === "paused";
  const { spec, networks, exitCode } = world.life(row);
  const [path = "", ...args] = spec?.Cmd ?? row.Command.split(" ");
  return {
    Id: row.Id,
    Created: new Date(row.Created * 1000).toISOString(),
    Path: path,
    Args: args,
    State: {
      Status: row.State,
      Running: running,
      Paused: row.State === "paused",
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: running ? 4242 : 0,
      ExitCode: exitCode,
      Error: "",
      StartedAt: "2024-05-01T10:00:00.123Z",
      FinishedAt: "",
    },
    Image: row.ImageID,
    ResolvConfPath: "",
    HostnamePath: "",
    HostsPath: "",
    LogPath: "",
    Name: row.Names[0]!,
    RestartCount: 0,
    Driver: "overlay",
    Platform: "linux",
    ExecIDs: execIds(world, row),
    HostConfig: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, ...spec?.HostConfig },
    GraphDriver: { Name: "overlay", Data: {} },
    Mounts: row.Mounts,
    Config: spec
      ? {
          Image: row.Image,
          Tty: spec.Tty ?? false,
          OpenStdin: spec.OpenStdin ?? false,
          Cmd: spec.Cmd,
          Labels: row.Labels,
          Env: spec.Env ?? [],
        }
      : { Image: row.Image, Tty: true, OpenStdin: true, Env: ["PATH=/bin:/usr/bin", "COLOUR=blue"] },
    NetworkSettings: {
      SandboxID: "",
      SandboxKey: "",
      Ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }] },
      Gateway: "",
      IPAddress: "",
      IPPrefixLen: 0,
      MacAddress: "",
      Networks: {
        ...(spec?.NetworkingConfig?.EndpointsConfig ?? { bridge: { IPAddress: "10.88.0.2" } }),
        ...Object.fromEntries([...networks].map((name) => [name, {}])),
      },
    },
  };
}

/** Ids of the execs that are no more than made, or run. */
function execIds(world: World, { Id }: ContainerSummary): string[] | null {
  const ids = [...world.execs.values()].filter((exec) => exec.container.Id === Id && exec.exitCode === null).map((exec) => exec.id);
  return ids.length > 0 ? ids : null;
}

export function usageOf({ Id, Names }: ContainerSummary): StatsSample {
  return {
    ID: Id,
    Name: Names[0]!,
    read: new Date().toISOString(),
    cpu: { usage: 1, system: 2, online: 2, percent: 12.34 },
    memory: { usage: 4.25 * 1024 * 1024, limit: 1 << 30, percent: 0.4 },
    pids: { current: 1 },
    blkio: { read: 0, write: 0 },
    network: { rx: 0, tx: 0 },
  };
}
