/** `berth builder history ls`: builds that were, and those that run. */
import type { BuildSummary } from "../../../../engine/index.ts";
import { ago } from "../../../format/duration.ts";
import { seconds } from "../../../progress/steps.ts";
import { type Column, type CommandSpec, command } from "../../command.ts";
import { ellipsis } from "../../container/ps-columns.ts";
import { isSet, textOf } from "../../flag-values.ts";

/** docker's words; a build whose process was killed is berth's own. */
export const statusWords: Record<BuildSummary["Status"], string> = {
  running: "Running",
  completed: "Completed",
  failed: "Error",
  cancelled: "Canceled",
  interrupted: "Interrupted",
};

export function durationOf({ CreatedAt, CompletedAt, Status }: BuildSummary): string {
  if (CompletedAt === undefined && Status !== "running") return "";
  return seconds((CompletedAt === undefined ? Date.now() : Date.parse(CompletedAt)) - Date.parse(CreatedAt));
}

const spec: CommandSpec<BuildSummary[]> = command<BuildSummary[]>({
  summary: "List builds, those that run, too",
  examples: [{ line: "berth builder history ls", does: "Show what was built here by whatever program, newest first" }],
  flags: [
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten anything" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only ids", hidden: true },
  ],
  args: [],
  async *run({ engine }) {
    return engine.builder.list();
  },
  blank: [],
  present(rows, input) {
    return {
      kind: "table",
      columns: columns(isSet(input, "no-trunc")),
      rows,
      format: textOf(input, "format"),
      quiet: isSet(input, "quiet"),
      key: "Ref",
    };
  },
});

/** Characters of an id: as many as BuildKit's have. */
const idLength = 25;

function columns(whole: boolean): Column<BuildSummary>[] {
  return [
    { header: "BUILD ID", field: "Ref", value: ({ ID }) => (whole ? ID : ID.slice(0, idLength)) },
    { header: "NAME", field: "Name", value: ({ Name }) => (whole ? Name : ellipsis(Name, 36)) },
    { header: "STATUS", field: "Status", value: ({ Status }) => statusWords[Status] },
    { header: "CREATED AT", field: "CreatedAt", value: ({ CreatedAt }) => ago(Date.parse(CreatedAt) / 1000) },
    { header: "DURATION", field: "Duration", value: durationOf },
    { header: "STEPS", field: "Steps", hidden: true, value: ({ Steps }) => `${Steps.total}, ${Steps.cached} cached` },
    { header: "IMAGE", field: "ImageID", hidden: true, value: ({ ImageID }) => ImageID ?? "" },
  ];
}

export default spec;
