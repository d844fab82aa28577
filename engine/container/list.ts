/** `ps`. */
import type { House } from "../house.ts";
import type { Row } from "../state/db.ts";
import { portSummaries, readAttachments } from "./endpoints.ts";
import { checkFilters, type FilterLookups, passes, wantsAll } from "./list-filters.ts";
import { type ContainerRecord, findContainer, isRunning, never, toRecord } from "./record.ts";
import { statusText } from "./status-text.ts";
import type { ContainerSummary, ListOptions } from "./types.ts";

/** See index.ts. Newest first. */
export async function listContainers(
  house: House,
  { all = false, last, size = false, filters = {} }: ListOptions = {},
): Promise<ContainerSummary[]> {
  checkFilters(filters);
  const everything = all || (last !== undefined && last > 0) || wantsAll(filters);
  const where = everything ? "status <> 'creating'" : "status IN ('running', 'paused', 'restarting')";
  const records = house.db.all<Row>(`SELECT * FROM containers WHERE ${where} ORDER BY created DESC, rowid DESC`).map(toRecord);
  const { endpoints, ports } = readAttachments(house);
  const lookups = await lookupsFor(house, filters);
  const chosen: ContainerSummary[] = [];
  for (const record of records) {
    const facts = {
      record,
      endpoints: { ...(isRunning(record) ? {} : asked(record)), ...endpoints.get(record.id) },
      ports: portSummaries(ports.get(record.id) ?? [], isRunning(record) ? Object.keys(record.config.ExposedPorts ?? {}) : []),
    };
    if (!passes(facts, filters, lookups)) continue;
    chosen.push(summary(facts));
    if (last !== undefined && last > 0 && chosen.length === last) break;
  }
  if (size) for (const each of chosen) Object.assign(each, await (await import("./size.ts")).sizesOf(house, each.Id));
  return chosen;
}

/** A container that does not run has no endpoints but those it will ask for. */
function asked({ networking, host }: ContainerRecord) {
  const mode = host.NetworkMode ?? "bridge";
  return Object.keys(networking).length > 0 || mode.startsWith("container:") ? networking : { [mode]: {} };
}

function summary({
  record,
  endpoints,
  ports,
}: {
  record: ContainerRecord;
  endpoints: ContainerSummary["NetworkSettings"]["Networks"];
  ports: ContainerSummary["Ports"];
}): ContainerSummary {
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: record.imageRef,
    ImageID: record.image,
    Command: [record.path, ...record.args.map((word) => (word.includes(" ") ? `'${word}'` : word))].join(" "),
    Created: Math.floor(record.created / 1000),
    Ports: ports,
    Labels: record.config.Labels ?? {},
    State: record.status as ContainerSummary["State"],
    Status: statusText(record),
    ...(record.started !== never && { StartedAt: record.started }),
    ...(record.finished !== never && { FinishedAt: record.finished }),
    NetworkSettings: { Networks: endpoints },
    Mounts: record.mounts,
  };
}

async function lookupsFor(house: House, filters: NonNullable<ListOptions["filters"]>): Promise<FilterLookups> {
  const images = new Map<string, string | undefined>();
  for (const ref of filters["ancestor"] ?? []) images.set(ref, (await house.images.resolve(ref).catch(() => undefined))?.id);
  const refs = [...(filters["before"] ?? []), ...(filters["since"] ?? [])];
  const created = new Map(refs.map((ref) => [ref, findContainer(house, ref).created]));
  return { created: (ref) => created.get(ref) ?? 0, image: (ref) => images.get(ref) };
}
