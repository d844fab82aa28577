/** The builds tab: builds of this and other processes, newest first. */

import { goDuration } from "../../engine/duration.ts";
import type { BuildSummary } from "../../engine/index.ts";
import { ago } from "../../src/format/duration.ts";
import type { Tone } from "../theme.ts";
import { type DetailSection, type ResourceView, shortId } from "./resource.ts";

const tones: Record<BuildSummary["Status"], Tone> = { running: "busy", completed: "good", failed: "bad", cancelled: "dim" };
const created = (row: BuildSummary) => Date.parse(row.CreatedAt);

/** How long it took, or has taken, to a tenth of a second when it is over. */
function duration(row: BuildSummary, now: number): string {
  const milliseconds = (row.CompletedAt ? Date.parse(row.CompletedAt) : now) - created(row);
  return goDuration(Math.max(0, Math.round(milliseconds / (row.CompletedAt ? 100 : 1000))) * (row.CompletedAt ? 1e8 : 1e9));
}

export const builds: ResourceView<BuildSummary> = {
  id: "builds",
  title: "Builds",
  key: "5",
  noun: "build",
  events: ["builder"],
  columns: [
    { header: "NAME", min: 16, grow: 3, value: (row) => row.Name, sort: (row) => row.Name },
    { header: "STATUS", min: 9, value: (row) => row.Status, tone: (row) => tones[row.Status], sort: (row) => row.Status },
    { header: "STEPS", min: 12, drop: 3, value: (row) => `${row.Steps.total}, ${row.Steps.cached} cached` },
    { header: "TIME", min: 8, align: "right", drop: 2, value: duration },
    { header: "CREATED", min: 18, content: 18, drop: 4, value: (row, now) => ago(created(row) / 1000, now), sort: (row) => -created(row) },
  ],
  load: (engine) => engine.builder.list(),
  identify: (row) => row.ID,
  name: (row) => row.ImageID ?? row.ID,
  haystack: (row) => `${row.Name} ${row.Status} ${row.ID}`.toLowerCase(),
  since: (row) => (row.Status === "running" ? created(row) : undefined),
  detail: async (_engine, row) => sections(row),
  empty: ["No builds yet.", "Press <app.build> to build the Dockerfile of a directory."],
};

function sections(build: BuildSummary): DetailSection[] {
  const facts: [string, string][] = [
    ["Name", build.Name],
    ["Status", build.Status],
    ["Steps", `${build.Steps.total}, of which ${build.Steps.cached} cached`],
    ["Started", build.CreatedAt],
    ["Image", build.ImageID ? shortId(build.ImageID) : "none"],
  ];
  const failure: DetailSection[] = build.Error ? [{ kind: "lines", title: "Error", lines: build.Error.split("\n") }] : [];
  return [{ kind: "pairs", title: "", rows: facts }, ...failure];
}
