/** The services of an opened project, each with its containers below. */
import type { Engine } from "../../engine/index.ts";
import type { Progress, ServiceProgress } from "../projects/progress.ts";
import type { ProjectRow, ServiceEntry } from "../projects/project.ts";
import { health, healthText, lookOf, shortName } from "../projects/states.ts";
import type { Tone } from "../theme.ts";
import { sections as containerSections, publishedPorts, since, statusOf, symbols, toneOf } from "./containers.ts";
import { type DetailSection, type ResourceView, shortId } from "./resource.ts";

/** A service, or one of its containers. */
export interface ServiceRow {
  project: ProjectRow;
  entry: ServiceEntry;
  seen?: ServiceEntry["containers"][number];
}

function servicesOf(project: ProjectRow): ServiceRow[] {
  return project.services.flatMap((entry) => [{ project, entry }, ...entry.containers.map((seen) => ({ project, entry, seen }))]);
}

const words: Record<ServiceEntry["state"], string> = {
  none: "no container",
  created: "created",
  up: "up",
  part: "up",
  paused: "paused",
  done: "done",
  stopped: "stopped",
  failed: "failed",
};

function progressOf({ project, entry, seen }: ServiceRow, progress: Progress): ServiceProgress | undefined {
  return seen ? undefined : progress.get(project.name)?.services.get(entry.name);
}

function state(row: ServiceRow, now: number, progress?: Progress): string {
  const { entry, seen } = row;
  if (seen) return statusOf(seen.summary, now);
  const moving = progress && progressOf(row, progress);
  if (moving) return `${moving.tone === "busy" ? "⟳" : moving.tone === "good" ? "✓" : "✗"} ${moving.text}`;
  const up = entry.containers.filter((each) => each.state === "running").length;
  const count = entry.containers.length > 1 ? `${up}/${entry.containers.length} ` : "";
  const checked = healthText(health(entry.containers));
  return `${count}${words[entry.state]}${checked ? ` (${checked})` : ""}`;
}

const tone = (row: ServiceRow, progress: Progress): Tone =>
  row.seen ? toneOf(row.seen.summary) : (progressOf(row, progress)?.tone ?? lookOf(row.entry.state).tone);

const image = ({ project, entry, seen }: ServiceRow) =>
  seen ? seen.summary.Image : (entry.service?.image ?? (entry.service?.build ? `${project.name}-${entry.name}` : ""));

const waitsFor = ({ entry, seen }: ServiceRow) => (seen ? "" : Object.keys(entry.service?.depends_on ?? {}).join(" "));

const published = ({ entry, seen }: ServiceRow) =>
  publishedPorts((seen ? [seen] : entry.containers).flatMap(({ summary }) => summary.Ports));

export const services: ResourceView<ServiceRow> = {
  id: "services",
  title: "Services",
  after: "projects",
  noun: "service",
  events: [],
  columns: [
    { header: " ", name: "symbol", min: 1, value: ({ entry, seen }) => (seen ? " " : lookOf(entry.state).symbol), tone },
    {
      header: "SERVICE",
      min: 16,
      grow: 3,
      value: ({ project, entry, seen }) => (seen ? `${symbols[seen.state] ?? "?"} ${shortName(seen.name, project.name)}` : entry.name),
      tone: ({ seen }) => (seen ? "plain" : "strong"),
    },
    { header: "STATE", min: 24, content: 24, grow: 3, value: (row, now, _usage, progress) => state(row, now, progress), tone },
    { header: "PORTS", min: 9, grow: 1, drop: 2, value: published, tone: () => "accent" },
    { header: "WAITS FOR", min: 10, grow: 2, drop: 3, value: waitsFor },
    { header: "IMAGE", min: 14, grow: 2, drop: 4, value: image, tone: () => "dim" },
    { header: "ID", min: 12, drop: 5, value: ({ seen }) => (seen ? shortId(seen.id) : ""), tone: () => "dim" },
  ],
  load: async (_engine, { rows, opened }) => (rows as readonly ProjectRow[]).filter(({ name }) => name === opened).flatMap(servicesOf),
  identify: ({ entry, seen }) => seen?.id ?? `service ${entry.name}`,
  name: ({ entry, seen }) => seen?.name ?? entry.name,
  haystack: (row) => `${row.entry.name} ${row.seen?.name ?? ""} ${image(row)} ${state(row, Date.now())}`.toLowerCase(),
  fields: {
    service: ({ entry }) => entry.name,
    state: (row) => state(row, Date.now()),
    image,
    port: published,
  },
  since: ({ seen }) => seen && since(seen.summary),
  detail: sections,
  empty: ["No services.", "Press <project.files> to see what is wrong with the files."],
};

async function sections(engine: Engine, row: ServiceRow): Promise<DetailSection[]> {
  const { project, entry, seen } = row;
  if (seen) return containerSections(await engine.containers.inspect(seen.id));
  const { service } = entry;
  const facts: [string, string][] = [
    ["Service", entry.name],
    ["Project", project.name],
    ["State", state(row, Date.now())],
    ["Image", image(row)],
    ["Waits for", waitsFor(row) || "nothing"],
    ["Ports", published(row) || "none published"],
  ];
  if (!service) return [{ kind: "pairs", title: "", rows: [...facts, ["Files", "have no service of this name"]] }];
  const { printDocument } = await import("../../engine/compose/index.ts");
  const text = printDocument({ [entry.name]: service }, "yaml");
  return [
    { kind: "pairs", title: "", rows: facts },
    { kind: "lines", title: "As the files say", lines: text.trimEnd().split("\n") },
  ];
}
