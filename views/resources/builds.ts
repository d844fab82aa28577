/** The builds tab: builds of this and other processes, newest first, as they go on. */

import { goDuration } from "../../engine/duration.ts";
import { EngineError } from "../../engine/errors.ts";
import type { BuildRecord, BuildSummary, Engine } from "../../engine/index.ts";
import { wrap } from "../../src/format/cells.ts";
import { ago } from "../../src/format/duration.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { endOfLog } from "../builds/logs.ts";
import { stepSections } from "../builds/steps.ts";
import type { Tone } from "../theme.ts";
import { type DetailSection, inspectTab, type ResourceView, shortId } from "./resource.ts";

const tones: Record<BuildSummary["Status"], Tone> = {
  running: "busy",
  completed: "good",
  failed: "bad",
  cancelled: "dim",
  interrupted: "bad",
};
const symbols: Record<BuildSummary["Status"], string> = { running: "⟳", completed: "✓", failed: "✗", cancelled: "■", interrupted: "■" };
const created = (row: BuildSummary) => Date.parse(row.CreatedAt);

/** How long it took, or has taken, to a tenth of a second when it is over; when one died is not known. */
function duration(row: BuildSummary, now: number): string {
  if (!row.CompletedAt && row.Status !== "running") return "";
  const milliseconds = (row.CompletedAt ? Date.parse(row.CompletedAt) : now) - created(row);
  return goDuration(Math.max(0, Math.round(milliseconds / (row.CompletedAt ? 100 : 1000))) * (row.CompletedAt ? 1e8 : 1e9));
}

const stepsText = ({ Steps: { total, cached } }: BuildSummary) => `${total}, ${cached} cached`;

/** Milliseconds after which the times of what runs are read again. */
const whileRunning = (row: BuildSummary) => (row.Status === "running" ? 1000 : undefined);

export const builds: ResourceView<BuildSummary> = {
  id: "builds",
  title: "Builds",
  key: "5",
  noun: "build",
  events: ["builder"],
  newestFirst: true,
  watch: (engine, signal) => engine.builder.changes(signal),
  columns: [
    { header: " ", name: "symbol", min: 1, value: (row) => symbols[row.Status], tone: (row) => tones[row.Status] },
    { header: "NAME", min: 16, grow: 3, value: (row) => row.Name, sort: (row) => row.Name },
    { header: "STATUS", min: 11, content: 11, value: (row) => row.Status, tone: (row) => tones[row.Status], sort: (row) => row.Status },
    { header: "STEPS", min: 12, drop: 3, value: stepsText },
    { header: "TIME", min: 8, align: "right", drop: 2, value: duration },
    { header: "CREATED", min: 18, content: 18, drop: 4, value: (row, now) => ago(created(row) / 1000, now), sort: (row) => -created(row) },
  ],
  load: (engine) => engine.builder.list(),
  identify: (row) => row.ID,
  name: (row) => row.ImageID ?? row.ID,
  haystack: (row) => `${row.Name} ${row.Status} ${row.ID}`.toLowerCase(),
  fields: { name: (row) => row.Name, status: (row) => row.Status },
  since: (row) => (row.Status === "running" ? created(row) : undefined),
  detail: async (engine, row, width) => sections(row, await recordOf(engine, row), width),
  tabs: [
    {
      title: "Steps",
      every: whileRunning,
      read: async (engine, row, width) => stepSections(await engine.builder.inspect(row.ID), Date.now(), width),
    },
    { title: "Log", read: async (engine, row) => [{ kind: "lines", ...(await endOfLog(engine, row)) }] },
    inspectTab((engine, row) => engine.builder.inspect(row.ID)),
  ],
  empty: ["No builds yet.", "Press <app.build> to build the Dockerfile of a directory."],
};

/** Undefined where the host keeps none. */
function recordOf(engine: Engine, { ID }: BuildSummary): Promise<BuildRecord | undefined> {
  return engine.builder.inspect(ID).catch((error: unknown) => {
    if (error instanceof EngineError && error.code === "unsupported") return undefined;
    throw error;
  });
}

function share({ Steps: { total, cached } }: BuildSummary): string {
  return total === 0 ? "none yet" : `${total}, of which ${cached} cached (${Math.round((100 * cached) / total)}%)`;
}

function asked({ Dockerfile, Context, Target, Platform, NoCache, Tags, Secrets }: BuildRecord): [string, string][] {
  const facts: [string, string][] = [
    ["Dockerfile", Dockerfile],
    ["Context", Context],
    ["Target", Target ?? ""],
    ["Platform", Platform ?? ""],
    ["Tags", Tags.join(" ")],
    ["Secrets", Secrets.join(" ")],
    ["Cache", NoCache ? "not asked" : ""],
  ];
  return facts.filter(([, value]) => value !== "");
}

function sections(build: BuildSummary, record: BuildRecord | undefined, width: number): DetailSection[] {
  const facts: [string, string][] = [
    ["Name", build.Name],
    ["Status", build.Status],
    ["Steps", share(build)],
    ["Started", build.CreatedAt],
    ["Took", duration(build, Date.now())],
    ["Image", build.ImageID ?? "none"],
    ["Id", shortId(build.ID)],
    ...(record ? asked(record) : []),
  ];
  const args = Object.entries(record?.Args ?? {}).map(([argument, value]) => ({ argument, value }));
  const warnings = (record?.Warnings ?? []).map(({ Text, Line }) => (Line === undefined ? Text : `line ${Line}: ${Text}`));
  return [
    { kind: "pairs", title: "", rows: facts.filter(([, value]) => value !== "") },
    ...(args.length > 0 ? [{ kind: "table" as const, title: "Arguments", rows: args }] : []),
    ...(warnings.length > 0
      ? [{ kind: "lines" as const, title: "Warnings", lines: warnings.flatMap((line) => wrap(neutraliseLine(line), width)) }]
      : []),
    ...(build.Error
      ? [
          {
            kind: "lines" as const,
            title: "Error",
            lines: build.Error.split("\n").flatMap((line) => wrap(neutraliseLine(line), width)),
            tones: ["bad" as const],
          },
        ]
      : []),
  ];
}
