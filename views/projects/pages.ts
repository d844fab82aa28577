/** The tabs of a project: its graph, what `up` would change, its files. */
import { readFile } from "node:fs/promises";
import { EngineError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/index.ts";
import type { DetailTab, Span } from "../resources/resource.ts";
import { changeRows } from "./changes.ts";
import { type GraphEdge, type GraphNode, graphRows } from "./graph.ts";
import type { ProjectRow, Service, ServiceEntry } from "./project.ts";
import { type SourceText, sourceRows } from "./source-page.ts";
import { lookOf } from "./states.ts";

export const projectTabs: readonly DetailTab<ProjectRow>[] = [
  {
    title: "Graph",
    drawn: true,
    read: async (_engine, row, width) => [{ kind: "rows", title: "", rows: graphOf(row, width) }],
  },
  {
    title: "Changes",
    drawn: true,
    read: async (engine, row) => [{ kind: "rows", title: "", rows: await changesOf(engine, row) }],
  },
  {
    title: "Files",
    drawn: true,
    read: async (_engine, row) => {
      const { problem, project } = row.reading;
      const source = sourceRows(await textsOf(row), { ...(problem && { problem }), warnings: project?.warnings ?? [] });
      return [{ kind: "rows", title: "", ...source }];
    },
  },
];

export function plainRows(rows: readonly Span[][]): string[] {
  return rows.map((row) => row.map(({ text }) => text).join(""));
}

/** What a service waits for is said where it is more than a start. */
const conditions: Record<string, string> = {
  service_started: "",
  service_healthy: "healthy",
  service_completed_successfully: "completed",
};

export function graphOf({ services }: ProjectRow, width: number): Span[][] {
  const edges = services.flatMap(({ name, service, containers: [container] }) =>
    Object.entries(service?.depends_on ?? dependenciesOf(container?.labels ?? {})).map(
      ([to, { condition, required, restart }]): GraphEdge => {
        const words = [conditions[condition] ?? condition, required === false && "optional", restart && "restart"];
        return { from: name, to, label: words.filter(Boolean).join(" ") };
      },
    ),
  );
  if (services.length === 0) return [[{ text: "no services", tone: "dim" }]];
  return graphRows(services.map(nodeOf), edges, width);
}

/** As compose wrote them to a container: "db:service_healthy:false,cache:service_started:false". */
function dependenciesOf(labels: Readonly<Record<string, string>>): NonNullable<Service["depends_on"]> {
  const entries = (labels["com.docker.compose.depends_on"] ?? "").split(",").filter((text) => text !== "");
  return Object.fromEntries(
    entries.map((text) => {
      const [name = "", condition = "service_started", restart] = text.split(":");
      return [name, { condition: condition as "service_started", required: true, ...(restart === "true" && { restart: true }) }];
    }),
  );
}

function nodeOf({ name, containers, state, service }: ServiceEntry): GraphNode {
  const { symbol, tone } = lookOf(state);
  const running = containers.filter((each) => each.state === "running").length;
  const count = containers.length > 1 || (service?.scale ?? 1) > 1 ? ` ${running}/${containers.length}` : "";
  return { name, text: `${symbol} ${name}${count}`, tone };
}

/** @throws EngineError what is wrong with the files */
export async function changesOf(engine: Engine, { reading, name }: ProjectRow): Promise<Span[][]> {
  if (!reading.project) throw reading.problem;
  const { foresee } = await import("../../engine/compose/index.ts");
  return changeRows(await foresee({ engine, project: reading.project }), name);
}

/** The largest text that is shown. */
const most = 1 << 20;

/** Its own files, and one that they include where the error is in that. */
async function textsOf({ files, reading: { problem } }: ProjectRow): Promise<SourceText[]> {
  const { location } = problem ?? {};
  const own = await Promise.all(files.map(async (path) => ({ path, text: await textOf(path) })));
  if (!location || files.includes(location.file)) return own;
  return [{ path: location.file, text: location.source ?? "" }, ...own];
}

async function textOf(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).slice(0, most);
  } catch (cause) {
    throw new EngineError("not-found", `cannot read "${path}": ${(cause as Error).message}`, { cause, hint: "it may be on another host" });
  }
}
