/** The menu of what can be copied of an object. */
import { toEngineError } from "../../engine/errors.ts";
import type { ContainerSummary, ImageSummary, NetworkInspect, VolumeInspect } from "../../engine/index.ts";
import { shellLine } from "../../src/repl/language/command-line.ts";
import type { TagRow } from "../registry/rows.ts";
import { publishedPorts, urlOf } from "../resources/containers.ts";
import type { MenuItem } from "../state.ts";
import type { Tui } from "../tui.ts";

/** Something to copy: its name, and its text where it is known at once. */
type Copied = [label: string, text: string | undefined];

/** Opens it for the row under the cursor. */
export function openCopyMenu(tui: Tui): void {
  const { row, resource } = tui.lists;
  if (row === undefined) return;
  const known: Copied[] = [["name", resource.name(row)], ["id", resource.identify(row)], ...(ofResource[resource.id]?.(row) ?? [])];
  const items = known.flatMap(([label, text]): MenuItem[] => (text ? [{ label, text, choose: () => tui.copy(text) }] : []));
  tui.menus.open(`Copy of ${resource.noun} ${resource.name(row)}`, [...items, ...linesOf(tui, row)]);
}

const ofResource: Partial<Record<string, (row: unknown) => Copied[]>> = {
  containers: (row) => ofContainer(row as ContainerSummary),
  images: (row) => ofImage(row as ImageSummary),
  volumes: (row) => [["path", (row as VolumeInspect).Mountpoint]],
  tags: (row) => [["digest", pinned(row as TagRow)]],
  networks: (row) => [["subnet", (row as NetworkInspect).IPAM.Config[0]?.Subnet]],
};

/** By its digest, as it is now. */
const pinned = ({ repository, details }: TagRow) => details && `${repository}@${details.Digest}`;

function ofContainer(row: ContainerSummary): Copied[] {
  const addresses = Object.values(row.NetworkSettings.Networks).flatMap(({ IPAddress, GlobalIPv6Address }) => [
    IPAddress,
    GlobalIPv6Address,
  ]);
  const [address, ...others] = addresses.filter(Boolean);
  return [
    ["image", row.Image],
    ["address", address],
    ...others.map((other): Copied => ["address", other]),
    ["ports", publishedPorts(row.Ports).replaceAll("→", ":")],
    ["url", urlOf(row)],
    ["command", row.Command],
  ];
}

function ofImage({ RepoTags, RepoDigests }: ImageSummary): Copied[] {
  return [...RepoTags.slice(1).map((tag): Copied => ["name", tag]), ...RepoDigests.map((digest): Copied => ["digest", digest])];
}

/** What is read when it is wanted. */
function linesOf(tui: Tui, row: unknown): MenuItem[] {
  if (tui.lists.resource.id !== "containers") return [];
  const { Id } = row as ContainerSummary;
  return [{ label: "run line", text: "berth run …: the command line that would make it", choose: () => void copyRunLine(tui, Id) }];
}

async function copyRunLine(tui: Tui, id: string): Promise<void> {
  try {
    const { readRunLine } = await import("../../src/commands/container/run-line.ts");
    const { words, unsaid } = await readRunLine(tui.engine, id);
    tui.copy(shellLine(words));
    if (unsaid.length > 0) tui.notes.info(`the line does not say ${unsaid.join("; ")}`);
  } catch (error) {
    tui.notes.error(toEngineError(error));
  }
}
