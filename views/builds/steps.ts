/** The steps of a build as lines, stage by stage: what was there already, how long the others took, what runs now. Pure. */
import type { BuildRecord, BuildVertex } from "../../engine/index.ts";
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { seconds } from "../../src/progress/steps.ts";
import type { DetailSection } from "../resources/resource.ts";
import type { Tone } from "../theme.ts";

type Lines = Extract<DetailSection, { kind: "lines" }>;

const looks: Record<BuildVertex["Status"] | "waiting", { symbol: string; tone: Tone }> = {
  running: { symbol: "⟳", tone: "busy" },
  cached: { symbol: "✓", tone: "dim" },
  done: { symbol: "✓", tone: "good" },
  failed: { symbol: "✗", tone: "bad" },
  cancelled: { symbol: "■", tone: "dim" },
  interrupted: { symbol: "■", tone: "bad" },
  waiting: { symbol: "○", tone: "dim" },
};

const time = (text: string) => Date.parse(text);

/** "cached", "1.2s", what it has taken so far; of one that was cut off no more than that. */
export function tookText({ Status, StartedAt, CompletedAt }: BuildVertex, now: number): string {
  if (Status === "cached") return "cached";
  if (Status === "interrupted") return "interrupted";
  const took = seconds((CompletedAt === undefined ? now : time(CompletedAt)) - time(StartedAt));
  return Status === "cancelled" ? `cancelled ${took}` : took;
}

/** The step without its stage: "2/5 RUN make". */
export function titleOf({ Name, Stage }: Pick<BuildVertex, "Name" | "Stage">): string {
  if (Stage === undefined) return Name;
  const [, number = "", text = ""] = /^\[(?:.* +| *)(\d+\/\d+)\] (.*)$/s.exec(Name) ?? [];
  return number ? `${number} ${text}` : Name;
}

interface Row {
  text: string;
  tone: Tone;
}

/** Two texts, the second at the right edge. */
function spread(left: string, right: string, width: number): string {
  const room = Math.max(1, width - cellWidth(right) - 1);
  return `${fill(truncate(neutraliseLine(left), room), room)} ${right}`;
}

function vertexRows(vertex: BuildVertex, indent: string, now: number, width: number): Row[] {
  const { symbol, tone } = looks[vertex.Status];
  const rows = [{ text: spread(`${indent}${symbol} ${titleOf(vertex)}`, tookText(vertex, now), width), tone }];
  const word = vertex.Status === "running" ? vertex.LastLine : vertex.Error;
  if (word) rows.push({ text: truncate(`${indent}  ▏ ${neutraliseLine(word)}`, width), tone: vertex.Status === "failed" ? "bad" : "dim" });
  return rows;
}

/** What a stage is, by its steps: the worst that happens in it. */
function stateOf(vertices: readonly BuildVertex[], isOver: boolean): BuildVertex["Status"] | "waiting" {
  const found = (["failed", "interrupted", "running", "cancelled"] as const).find((status) =>
    vertices.some((each) => each.Status === status),
  );
  if (found) return found;
  if (vertices.length === 0) return isOver ? "cancelled" : "waiting";
  return vertices.every(({ Status }) => Status === "cached") ? "cached" : "done";
}

function stageRows(record: BuildRecord, { Label, Needs }: BuildRecord["Stages"][number], now: number, width: number): Row[] {
  const vertices = record.Vertices.filter(({ Stage }) => Stage === Label);
  const state = stateOf(vertices, record.Status !== "running");
  const needs = Needs.length > 0 ? ` ← ${Needs.join(", ")}` : "";
  const cached = vertices.filter(({ Status }) => Status === "cached").length;
  const facts =
    vertices.length > 0
      ? `${vertices.length} step${vertices.length === 1 ? "" : "s"}${cached > 0 ? `, ${cached} cached` : ""}`
      : state === "waiting"
        ? "waits"
        : "not begun";
  const { symbol, tone } = looks[state];
  const title = { text: spread(`${symbol} ${Label || "the only stage"}${needs}`, facts, width), tone };
  return [title, ...vertices.flatMap((vertex) => vertexRows(vertex, "  ", now, width))];
}

/** All of it: what prepares the build, its stages, what delivers the result. */
export function stepSections(record: BuildRecord, now: number, width: number): DetailSection[] {
  const { Stages, Vertices } = record;
  if (Vertices.length === 0) return [{ kind: "lines", title: "", lines: ["nothing was kept of its steps"] }];
  const isBefore = ({ Name }: BuildVertex) => Name.startsWith("[");
  const others = Vertices.filter(({ Stage }) => Stage === undefined);
  const part = (title: string, rows: readonly Row[]): Lines[] =>
    rows.length > 0 ? [{ kind: "lines", title, lines: rows.map(({ text }) => text), tones: rows.map(({ tone }) => tone) }] : [];
  const rowsOf = (vertices: readonly BuildVertex[]) => vertices.flatMap((vertex) => vertexRows(vertex, "", now, width));
  return [
    ...part(
      "",
      Stages.flatMap((stage) => stageRows(record, stage, now, width)),
    ),
    ...part("Before", rowsOf(others.filter(isBefore))),
    ...part("Result", rowsOf(others.filter((vertex) => !isBefore(vertex)))),
  ];
}

/** The step whose output matters most: what failed, what runs, what spoke last. */
export function mainStep({ Vertices }: BuildRecord): BuildVertex | undefined {
  const of = (...statuses: BuildVertex["Status"][]) => Vertices.findLast(({ Status }) => statuses.includes(Status));
  return of("failed") ?? of("interrupted") ?? of("running") ?? Vertices.findLast(({ HasOutput }) => HasOutput);
}
