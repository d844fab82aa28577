/** `ps`. */
import { findImage, tryResolveImage } from "../../image/store/index.ts";
import { allNetworks, readAttachments } from "../../network/records/index.ts";
import type { Row } from "../../state/db.ts";
import type { Ground } from "../../state/ground.ts";
import { Remembered } from "../../state/remembered.ts";
import { portSummaries } from "../network/index.ts";
import { type ContainerRecord, findContainer, isRunning, linkNames, never, noteDamage, toRecord } from "../record/index.ts";
import type { ContainerSummary, ListOptions } from "../types.ts";
import { checkFilters, type FilterFacts, type FilterLookups, passes, wantsAll } from "./list-filters.ts";
import { statusText } from "./status-text.ts";

/** See index.ts. Newest first. */
export async function listContainers(
  ground: Ground,
  { all = false, last, size = false, filters = {} }: ListOptions = {},
): Promise<ContainerSummary[]> {
  checkFilters(filters);
  const everything = all || (last !== undefined && last > 0) || wantsAll(filters);
  const { each, name } = (everything ? allOfThem : running).of(ground);
  const lookups = await lookupsFor(ground, filters);
  const chosen: ContainerSummary[] = [];
  for (const facts of each) {
    noteDamage(ground, facts.record);
    if (!passes(facts, filters, lookups)) continue;
    chosen.push(summaryOf(facts, name));
    if (last !== undefined && last > 0 && chosen.length === last) break;
  }
  return size ? withSizes(ground, chosen) : chosen;
}

interface Shelf {
  each: FilterFacts[];
  name(record: ContainerRecord): string;
}

const allOfThem = new Remembered((ground) => readShelf(ground, "status <> 'creating'"));
const running = new Remembered((ground) => readShelf(ground, "status IN ('running', 'paused', 'restarting')"));

function readShelf(ground: Ground, where: string): Shelf {
  const records = ground.db.all<Row>(`SELECT * FROM containers WHERE ${where} ORDER BY created DESC, rowid DESC`).map(toRecord);
  const { endpoints, ports } = readAttachments(ground);
  const linked = linkNames(ground);
  const each = records.map((record) => ({
    record,
    names: [record.name, ...(linked.get(record.id) ?? [])],
    endpoints: { ...(isRunning(record) ? {} : asked(record)), ...endpoints.get(record.id) },
    ports: portSummaries(ports.get(record.id) ?? [], isRunning(record) ? Object.keys(record.config.ExposedPorts ?? {}) : []),
  }));
  return { each, name: imageNames(ground) };
}

const shown = new WeakMap<FilterFacts, ContainerSummary>();

/** The same object as long as there is nothing else to say: who writes it out may do that once. */
function summaryOf(facts: FilterFacts, name: Shelf["name"]): ContainerSummary {
  const kept = shown.get(facts);
  if (kept && kept.Status === statusText(facts.record)) return kept;
  const made = summary(facts, name(facts.record));
  shown.set(facts, made);
  return made;
}

async function withSizes(ground: Ground, chosen: readonly ContainerSummary[]): Promise<ContainerSummary[]> {
  const { sizesOf } = await import("../files/size.ts");
  const weighed: ContainerSummary[] = [];
  for (const each of chosen) weighed.push({ ...each, ...(await sizesOf(ground, each.Id)) });
  return weighed;
}

/** A container that does not run has no endpoints but those it will ask for. */
function asked({ networking, host }: ContainerRecord) {
  const mode = host.NetworkMode ?? "bridge";
  return Object.keys(networking).length > 0 || mode.startsWith("container:") ? networking : { [mode]: {} };
}

/** Images as their containers name them; by its id where that name is gone, or another image's by now. */
function imageNames(ground: Ground): Shelf["name"] {
  const current = new Map<string, string | undefined>();
  const find = (reference: string) => {
    try {
      return findImage(ground, reference)?.image.id;
    } catch {
      return undefined; // the first digits of an id that fit several images by now
    }
  };
  return ({ image, imageRef }) => {
    if (!current.has(imageRef)) current.set(imageRef, find(imageRef));
    return current.get(imageRef) === image ? imageRef : image;
  };
}

function summary({ record, names, endpoints, ports }: FilterFacts, image: string): ContainerSummary {
  return {
    Id: record.id,
    Names: names.map((name) => `/${name}`),
    Image: image,
    ImageID: record.image,
    Command: [record.path, ...record.args.map((word) => (word.includes(" ") ? `'${word}'` : word))].join(" "),
    Created: Math.floor(record.created / 1000),
    Ports: ports,
    Labels: record.config.Labels ?? {},
    State: record.status as ContainerSummary["State"],
    Status: statusText(record),
    ...(record.started !== never && { StartedAt: record.started }),
    ...(record.finished !== never && { FinishedAt: record.finished }),
    ...(record.restartCount > 0 && { RestartCount: record.restartCount }),
    HostConfig: {
      NetworkMode: record.host.NetworkMode ?? "bridge",
      ...(record.host.Annotations && { Annotations: record.host.Annotations }),
    },
    NetworkSettings: { Networks: endpoints },
    Mounts: record.mounts,
  };
}

async function lookupsFor(ground: Ground, filters: NonNullable<ListOptions["filters"]>): Promise<FilterLookups> {
  const images = new Map<string, ReadonlySet<string>>();
  for (const ref of filters["ancestor"] ?? []) {
    const found = tryResolveImage(ground, ref);
    if (found) images.set(ref, (await import("../../image/view/descendants.ts")).withDescendants(ground, found.id));
  }
  const networks = filters["network"] ? allNetworks(ground) : [];
  const refs = [...(filters["before"] ?? []), ...(filters["since"] ?? [])];
  const created = new Map(refs.map((ref) => [ref, findContainer(ground, ref).created]));
  return {
    created: (ref) => created.get(ref) ?? 0,
    images: (ref) => images.get(ref),
    networks: (prefix) => networks.flatMap(({ spec }) => (spec.Id.startsWith(prefix) ? [spec.Name] : [])),
  };
}
