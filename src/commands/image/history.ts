/** `berth history`: how an image came to be. */
import type { ImageHistoryRow } from "../../../engine/index.ts";
import { ago } from "../../format/duration.ts";
import { humanSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { ellipsis } from "../container/ps-columns.ts";
import { choiceOf, isSet, textOf } from "../flag-values.ts";
import { shortId } from "./image-rows.ts";

const spec: CommandSpec<ImageHistoryRow[]> = command({
  summary: "Show the steps that made an image",
  examples: [
    { line: "berth history python:3.9", does: "Show each step and the bytes it added" },
    { line: "berth history --no-trunc --format '{{.CreatedBy}}' app", does: "Print the whole commands" },
  ],
  flags: [
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "human", short: "H", type: "boolean", default: true, help: "Print sizes and dates for humans" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten anything" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only ids" },
  ],
  args: [{ name: "IMAGE", subject: "image" }],
  async *run({ engine }, input) {
    return engine.images.history(input.args[0] ?? "");
  },
  blank: [],
  present(rows, input) {
    const human = choiceOf(input, "human") !== false;
    return {
      kind: "table",
      columns: columns(isSet(input, "no-trunc"), human),
      rows,
      format: textOf(input, "format"),
      quiet: isSet(input, "quiet"),
      key: "ID",
    };
  },
});

function columns(noTrunc: boolean, human: boolean): Column<ImageHistoryRow>[] {
  const createdAt = (row: ImageHistoryRow) => (row.Created > 0 ? new Date(row.Created * 1000).toISOString().replace(".000Z", "Z") : "");
  return [
    { header: "IMAGE", field: "ID", value: (row) => (row.Id.startsWith("sha256:") ? shortId(row.Id, noTrunc) : row.Id) },
    {
      header: human ? "CREATED" : "CREATED AT",
      field: "CreatedSince",
      value: (row) => (human ? (row.Created > 0 ? ago(row.Created) : "N/A") : createdAt(row)),
    },
    { header: "CREATED BY", field: "CreatedBy", value: (row) => cut(row.CreatedBy, noTrunc) },
    { header: "SIZE", field: "Size", value: (row) => (human ? humanSize(row.Size) : String(row.Size)) },
    { header: "COMMENT", field: "Comment", value: (row) => row.Comment },
    { header: "CREATED AT", field: "CreatedAt", hidden: true, value: createdAt },
    { header: "TAGS", field: "Tags", hidden: true, value: (row) => (row.Tags ?? []).join(",") },
  ];
}

/** Commands span lines, which a table's row does not, but --no-trunc does for a template. */
function cut(command: string, noTrunc: boolean): string {
  return noTrunc ? command.replaceAll("\t", " ") : ellipsis(command.replaceAll(/\s+/g, " "), 45);
}

export default spec;
