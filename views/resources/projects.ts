/** The projects tab: those that have containers, that of the directory berth was opened in, and those that were here before. */
import type { EngineError } from "../../engine/errors.ts";
import type { ContainerSummary, Engine } from "../../engine/index.ts";
import { excerpt } from "../../src/excerpt.ts";
import { changesOf, graphOf, plainRows, projectTabs } from "../projects/pages.ts";
import type { Progress } from "../projects/progress.ts";
import { loadProjects, type ProjectRow } from "../projects/project.ts";
import { failureText, healthText, healthTone } from "../projects/states.ts";
import type { Tone } from "../theme.ts";
import { publishedPorts } from "./containers.ts";
import type { DetailSection, ResourceView } from "./resource.ts";

/** "5/6 up", "⟳ up 3/8", "down", "exited (1)", "error at 3:5". */
function state({ name, containers, reading, services, up }: ProjectRow, progress?: Progress): string {
  const running = progress?.get(name);
  if (running) return `⟳ ${running.verb} ${running.total > 0 ? `${running.done}/${running.total}` : "…"}`;
  const { location } = reading.problem ?? {};
  if (location) return `error at ${location.line}:${location.column}`;
  if (containers.length === 0) return reading.problem ? "error" : "down";
  if (up > 0 || containers.some((each) => each.state === "running")) return `${up}/${services.length} up`;
  return failureText(services) ?? `stopped, ${services.length}`;
}

function tone({ name, reading, health, services, up, containers }: ProjectRow, progress: Progress): Tone {
  if (progress.has(name)) return "busy";
  if (reading.problem?.location || health.unhealthy > 0 || services.some((each) => each.state === "failed")) return "bad";
  if (containers.length === 0 || up === 0) return "dim";
  return up === services.length ? "good" : "busy";
}

const ports = ({ containers }: ProjectRow) => publishedPorts(containers.flatMap(({ summary }) => summary.Ports));

export const projects: ResourceView<ProjectRow> = {
  id: "projects",
  title: "Projects",
  key: "6",
  noun: "project",
  after: "containers",
  events: [],
  columns: [
    { header: "NAME", min: 14, grow: 2, value: (row) => row.name, sort: (row) => row.name },
    { header: "STATE", min: 14, content: 14, value: (row, _now, _usage, progress) => state(row, progress), tone, sort: (row) => -row.up },
    { header: "HEALTH", min: 11, drop: 2, value: (row) => healthText(row.health), tone: (row) => healthTone(row.health) },
    { header: "PORTS", min: 9, grow: 2, drop: 3, value: ports, tone: () => "accent" },
    { header: "FILE", min: 10, grow: 4, drop: 4, value: (row) => row.files.join(", "), tone: () => "dim" },
  ],
  load: (_engine, { before, rows, place, isForeign }) =>
    loadProjects(
      (rows as readonly ContainerSummary[]).filter((row) => !isForeign(row)),
      before as readonly ProjectRow[],
      place,
    ),
  identify: (row) => row.name,
  name: (row) => row.name,
  haystack: (row) => `${row.name} ${state(row)} ${row.files.join(" ")} ${row.services.map(({ name }) => name).join(" ")}`.toLowerCase(),
  fields: {
    name: (row) => row.name,
    state: (row) => state(row),
    health: (row) => healthText(row.health),
    service: (row) => row.services.map(({ name }) => name).join(" "),
    port: ports,
    file: (row) => row.files.join(" "),
  },
  detail: sections,
  tabs: projectTabs,
  empty: ["No projects yet.", "Open berth in a directory with a compose.yaml, or press <app.palette> and", "compose -f FILE up -d."],
};

async function sections(engine: Engine, row: ProjectRow, width: number): Promise<DetailSection[]> {
  const { problem } = row.reading;
  const facts: [string, string][] = [
    ["Name", row.name],
    ["State", state(row)],
    ["Health", healthText(row.health) || "nothing is checked"],
    ["Ports", ports(row) || "none published"],
    ["Directory", row.directory],
    ...row.files.map((file): [string, string] => ["File", file]),
  ];
  return [
    { kind: "pairs", title: "", rows: facts },
    ...(problem ? [{ kind: "lines" as const, title: "What is wrong", lines: wrongLines(problem) }] : []),
    { kind: "lines", title: "What depends on what", lines: plainRows(graphOf(row, width)) },
    ...(problem ? [] : [{ kind: "lines" as const, title: "What up would change", lines: plainRows(await changesOf(engine, row)) }]),
  ];
}

function wrongLines({ message, location, suggestion, hint }: EngineError): string[] {
  return [
    message,
    ...(location ? excerpt(location).split("\n") : []),
    ...(suggestion ? [`did you mean "${suggestion}"?`] : []),
    `hint: ${hint}`,
  ];
}
