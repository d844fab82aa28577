/** The steps of a build from the lines of its file: when each ran, what it waited for, how it ended. Pure. */
import type { BuildStepEvent } from "../../events.ts";
import type { BuildRecord, BuildSummary, BuildVertex } from "../index.ts";
import { isCounted } from "../report/index.ts";
import type { Asked, Planned, RecordLine } from "./file.ts";

/** How lines begin that are many and long: they are not parsed. */
const outputLine = /^\{"type":"step-log","id":"([^"]*)"/;

const isOver = (status: BuildStepEvent["status"]) => status !== "started";

/** Steps of a Dockerfile, and those out of the cache, as a build goes on. */
export class StepCount {
  readonly steps = { total: 0, cached: 0 };

  take(text: string): void {
    if (!text.startsWith('{"type":"step",')) return;
    const { name, status } = JSON.parse(text) as BuildStepEvent;
    if (!isCounted(name)) return;
    if (status === "started" || status === "cached") this.steps.total++;
    if (status === "cached") this.steps.cached++;
  }
}

export function recordOf(build: BuildSummary, lines: Iterable<string>): BuildRecord {
  const vertices = new Map<string, BuildVertex>();
  const last = new Map<string, string>();
  const warnings: BuildRecord["Warnings"] = [];
  let asked: Asked | undefined;
  let stages: Planned["stages"] = [];
  for (const text of lines) {
    const [, output] = outputLine.exec(text) ?? [];
    if (output !== undefined) {
      last.set(output, text);
      continue;
    }
    const line = JSON.parse(text) as RecordLine;
    if (line.type === "asked") asked = line;
    else if (line.type === "planned") stages = line.stages;
    else if (line.type === "step") vertices.set(line.id, vertexOf(line, vertices.get(line.id)));
    else if (line.type === "warning") warnings.push(warningOf(line));
  }
  const all = [...vertices.values()];
  for (const vertex of all) {
    const output = last.get(vertex.ID);
    if (output !== undefined) Object.assign(vertex, lastOf(output));
    if (vertex.Status === "running" && build.Status !== "running") vertex.Status = "interrupted";
  }
  return { ...build, ...factsOf(asked), Stages: stages.map(stageOf), Vertices: linked(all, stages), Warnings: warnings };
}

function factsOf(
  asked: Asked | undefined,
): Pick<BuildRecord, "Dockerfile" | "Context" | "Target" | "Platform" | "Tags" | "Args" | "Secrets" | "NoCache"> {
  return {
    Dockerfile: asked?.file ?? "",
    Context: asked?.context ?? "",
    ...(asked?.target !== undefined && { Target: asked.target }),
    ...(asked?.platform !== undefined && { Platform: asked.platform }),
    Tags: asked?.tags ?? [],
    Args: asked?.args ?? {},
    Secrets: asked?.secrets ?? [],
    NoCache: asked?.noCache ?? false,
  };
}

const stageOf = ({ label, name, base, needs }: Planned["stages"][number]) => ({
  Label: label,
  Name: name,
  ...(base !== undefined && { Base: base }),
  Needs: needs,
});

function vertexOf({ id, name, status, time, error }: BuildStepEvent, before: BuildVertex | undefined): BuildVertex {
  const at = new Date(time).toISOString();
  return {
    ID: id,
    Name: name,
    Status: status === "started" ? "running" : status,
    StartedAt: before?.StartedAt ?? at,
    ...(isOver(status) && { CompletedAt: at }),
    ...(error !== undefined && { Error: error }),
    Inputs: [],
    HasOutput: false,
  };
}

function lastOf(text: string): Partial<BuildVertex> {
  const { text: bytes } = JSON.parse(text) as { text: string };
  const words = Buffer.from(bytes, "latin1")
    .toString()
    .split(/[\r\n]+/)
    .findLast((line) => line.trim() !== "");
  return { HasOutput: true, ...(words !== undefined && { LastLine: words.trim().slice(0, 200) }) };
}

function warningOf({ text, rule, location }: Extract<RecordLine, { type: "warning" }>): BuildRecord["Warnings"][number] {
  return { Text: text, ...(rule !== undefined && { Rule: rule }), ...(location && { File: location.file, Line: location.line }) };
}

/** "[deps 2/5] RUN make" is of the stage "deps"; a Dockerfile's only stage without a name has the label "". */
function stageLabel(name: string): string | undefined {
  const place = /^\[(?:(\S.*?) +| *)\d+\/\d+\] /.exec(name);
  return place ? (place[1] ?? "") : undefined;
}

/** Each step with the ones before it: in its stage, the stage below, those that it copies from. */
function linked(all: BuildVertex[], stages: Planned["stages"]): BuildVertex[] {
  const byStage = Map.groupBy(all, ({ Name }) => stageLabel(Name));
  const ends = (label: string | undefined) => (label === undefined ? [] : (byStage.get(label) ?? []).slice(-1).map(({ ID }) => ID));
  return all.map((vertex): BuildVertex => {
    const label = stageLabel(vertex.Name);
    const stage = stages.find((each) => each.label === label);
    if (!stage) return vertex;
    const before = byStage.get(label)!.indexOf(vertex) - 1;
    const own = before < 0 ? ends(stage.base) : [byStage.get(label)![before]!.ID];
    const from = [...vertex.Name.matchAll(/\bfrom=([^\s,]+)/g)].map(([, name]) => name!.toLowerCase());
    const others = stages.filter(({ name }) => from.includes(name)).flatMap((each) => ends(each.label));
    return { ...vertex, Stage: stage.label, Inputs: [...new Set([...own, ...others])] };
  });
}
