/** What hosts tell of containers, by example: members that faces rely on are there, of the right type. */
import type { ContainerInspect, ContainerStatus, ContainerSummary } from "../../container/index.ts";
import type { MountPoint } from "../../docker.ts";
import { type Link, segment } from "../link/link.ts";
import { MapOf } from "../link/template.ts";

const endpoint = { IPAddress: "", MacAddress: "", NetworkID: "", EndpointID: "", Gateway: "", GlobalIPv6Address: "" };
const mount: MountPoint = { Type: "bind", Source: "", Destination: "", Mode: "", RW: false, Propagation: "" };
const created: ContainerStatus = "created";

export const summary = {
  Id: "",
  Names: [""],
  Image: "",
  ImageID: "",
  Command: "",
  Created: 0,
  Ports: [{ PrivatePort: 0, Type: "tcp" as "tcp" | "udp" | "sctp" }],
  Labels: new MapOf(""),
  State: created,
  Status: "",
  HostConfig: { NetworkMode: "" },
  NetworkSettings: { Networks: new MapOf(endpoint) },
  Mounts: [mount],
} satisfies { [Name in keyof ContainerSummary]?: unknown };

const state = {
  Status: created,
  Running: false,
  Paused: false,
  Restarting: false,
  OOMKilled: false,
  Dead: false,
  Pid: 0,
  ExitCode: 0,
  Error: "",
  StartedAt: "",
  FinishedAt: "",
};

const inspected = {
  Id: "",
  Created: "",
  Path: "",
  Args: [""],
  State: state,
  Image: "",
  ResolvConfPath: "",
  HostnamePath: "",
  HostsPath: "",
  LogPath: "",
  Name: "",
  RestartCount: 0,
  Driver: "",
  Platform: "",
  HostConfig: { NetworkMode: "", AutoRemove: false },
  GraphDriver: { Name: "", Data: new MapOf("") },
  Mounts: [mount],
  Config: {
    Hostname: "",
    User: "",
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: [""],
    Image: "",
    WorkingDir: "",
    Labels: new MapOf(""),
  },
  NetworkSettings: {
    SandboxID: "",
    SandboxKey: "",
    Ports: {},
    Gateway: "",
    IPAddress: "",
    IPPrefixLen: 0,
    MacAddress: "",
    Networks: new MapOf(endpoint),
  },
} satisfies { [Name in keyof ContainerInspect]?: unknown };

/** A container's process is told of as inspect does. */
export function inspectContainer(link: Link, ref: string, size = false) {
  return link.json("GET", `/containers/${segment(ref)}/json`, inspected, { query: { size } });
}
