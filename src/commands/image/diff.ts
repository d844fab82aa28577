/** `berth image diff`: what one image has otherwise than another. */
import type { TreeComparison, TreeDifference } from "../../../engine/index.ts";
import { neutraliseLine } from "../../format/neutral.ts";
import { humanSize } from "../../format/size.ts";
import { renderTable } from "../../format/table.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { markOf } from "../list-files.ts";

const spec: CommandSpec<TreeComparison> = command({
  summary: "Compare the files of two images",
  description:
    "A stands for what only the second image has, D for what only the first has, C for what both have, but not the same: type, owner, mode, link or content. Docker has no such command.",
  examples: [
    { line: "berth image diff app:1 app:2", does: "Show what changed between two builds" },
    { line: "berth image diff --json app:1 app:2", does: "Print it as JSON" },
  ],
  flags: [],
  args: [
    { name: "IMAGE", subject: "image" },
    { name: "OTHER", subject: "image" },
  ],
  async *run({ engine, signal }, input) {
    const [before = "", after = ""] = input.args;
    return engine.files.compare({ kind: "image", ref: before }, { kind: "image", ref: after }, { signal });
  },
  present: (found) => ({ kind: "text", text: report(found) }),
});

const size = (bytes: number, of: TreeDifference) => (of.Type === "directory" ? "" : humanSize(bytes));
const columns: Column<TreeDifference>[] = [
  { header: "CHANGE", field: "Change", value: markOf },
  { header: "BEFORE", field: "Before", value: (row) => (row.Change === "added" ? "" : size(row.Before, row)), align: "right" },
  { header: "AFTER", field: "After", value: (row) => (row.Change === "removed" ? "" : size(row.After, row)), align: "right" },
  { header: "PATH", field: "Path", value: (row) => neutraliseLine(row.Path) },
];

function report({ Added, Differences, Removed }: TreeComparison): string {
  if (Differences.length === 0) return "both have the same files\n";
  const count = `${Differences.length} difference${Differences.length === 1 ? "" : "s"}`;
  return `${renderTable(columns, Differences)}${count}: ${humanSize(Added)} come, ${humanSize(Removed)} go\n`;
}

export default spec;
