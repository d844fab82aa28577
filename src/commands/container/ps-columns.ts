/** The columns of `ps`: docker's names, widths and wording. Pure. */

import { goQuote } from "../../../engine/go-quote.ts";
import type { ContainerSummary, PortSummary } from "../../../engine/index.ts";
import { ago, timestamp } from "../../format/duration.ts";
import { humanSize } from "../../format/size.ts";
import type { Column } from "../command.ts";

export interface PsOptions {
  noTrunc?: boolean;
  size?: boolean;
}

/** All columns of docker's formatter; SIZE is shown with -s only, the hidden ones in templates. */
export function psColumns({ noTrunc, size }: PsOptions): Column<ContainerSummary>[] {
  const cut = (text: string, length: number) => (noTrunc ? text : ellipsis(text, length));
  return [
    { header: "CONTAINER ID", field: "ID", value: (row) => (noTrunc ? row.Id : row.Id.slice(0, 12)) },
    { header: "IMAGE", field: "Image", value: (row) => shortImage(row.Image || "<no image>", noTrunc) },
    { header: "COMMAND", field: "Command", value: (row) => goQuote(cut(row.Command, 20)) },
    { header: "CREATED", field: "RunningFor", value: (row) => ago(row.Created) },
    { header: "STATUS", field: "Status", value: (row) => row.Status },
    { header: "PORTS", field: "Ports", value: (row) => displayPorts(row.Ports) },
    { header: "NAMES", field: "Names", value: (row) => namesText(row, noTrunc) },
    { header: "SIZE", field: "Size", hidden: !size, value: sizeText },
    { header: "CREATED AT", field: "CreatedAt", hidden: true, value: (row) => timestamp(row.Created) },
    { header: "STATE", field: "State", hidden: true, value: (row) => row.State },
    { header: "LABELS", field: "Labels", hidden: true, value: (row) => labelsText(row.Labels) },
    {
      header: "MOUNTS",
      field: "Mounts",
      hidden: true,
      value: (row) => row.Mounts.map((mount) => cut(mount.Name ?? mount.Source, 15)).join(","),
    },
    {
      header: "LOCAL VOLUMES",
      field: "LocalVolumes",
      hidden: true,
      value: (row) => String(row.Mounts.filter((mount) => mount.Type === "volume").length),
    },
    { header: "NETWORKS", field: "Networks", hidden: true, value: (row) => Object.keys(row.NetworkSettings.Networks).join(",") },
  ];
}

/** Without `--no-trunc` its own name alone, not what links call it ("web/db"). */
export function namesText({ Names }: ContainerSummary, noTrunc = false): string {
  const bare = Names.map((name) => name.replace(/^\//, ""));
  return bare.filter((name) => noTrunc || !name.includes("/")).join(",");
}

/** Docker's Ellipsis: at most `length` characters, the last one "…" when something was cut. */
export function ellipsis(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}

/** An untagged image shows by its id, in 12 characters. */
function shortImage(image: string, noTrunc = false): string {
  const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(image) ?? [];
  return digest && !noTrunc ? digest.slice(0, 12) : image;
}

function sizeText({ SizeRw, SizeRootFs }: ContainerSummary): string {
  const own = humanSize(SizeRw ?? 0);
  return SizeRootFs ? `${own} (virtual ${humanSize(SizeRootFs)})` : own;
}

export function labelsText(labels: Record<string, string> | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort(compareText)
    .join(",");
}

/** By code points, whatever the locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Group {
  ip: string;
  type: string;
  first: number;
  last: number;
}

/**
 * "0.0.0.0:8080->80/tcp, 443/tcp": runs of unpublished ports, and of ports published under their own number, are
 * joined as ranges; the rest stand alone, at the end (docker's DisplayablePorts).
 */
export function displayPorts(ports: readonly PortSummary[]): string {
  const sorted = ports.toSorted(
    (a, b) => a.PrivatePort - b.PrivatePort || compareText(a.IP ?? "", b.IP ?? "") || compareText(a.Type, b.Type),
  );
  const groups: Group[] = [];
  const single: string[] = [];
  for (const { IP = "", PrivatePort, PublicPort, Type } of sorted) {
    if (PublicPort && PublicPort !== PrivatePort) {
      single.push(`${hostPort(IP, String(PublicPort))}->${PrivatePort}/${Type}`);
      continue;
    }
    const ip = PublicPort ? IP || "0.0.0.0" : "";
    const open = groups.find((group) => group.ip === ip && group.type === Type && group.last + 1 === PrivatePort);
    if (open) open.last = PrivatePort;
    else groups.push({ ip, type: Type, first: PrivatePort, last: PrivatePort });
  }
  return [...groups.map(groupText), ...single].join(", ");
}

function groupText({ ip, type, first, last }: Group): string {
  const range = first === last ? String(first) : `${first}-${last}`;
  return ip ? `${hostPort(ip, range)}->${range}/${type}` : `${range}/${type}`;
}

function hostPort(ip: string, port: string): string {
  if (!ip) return port;
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
