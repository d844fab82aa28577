/** `container files`, `volume files`, `image files`: what is in a directory of a tree, and what became of it. */
import type { FileEntry, Listing, TreeName } from "../../engine/index.ts";
import { modeText } from "../format/file-mode.ts";
import { humanSize } from "../format/size.ts";
import { type Column, type CommandSpec, command, type Input } from "./command.ts";
import { numberOf, textOf } from "./flag-values.ts";

const marks = { added: "A", changed: "C", removed: "D" } as const;
/** "A", "C", "D" as `diff` has them. */
export const markOf = ({ Change }: Pick<FileEntry, "Change">): string => (Change ? marks[Change] : "");

const columns: Column<FileEntry>[] = [
  { header: "CHANGE", field: "Change", value: markOf },
  { header: "MODE", field: "Mode", value: (row) => modeText(row.Type, row.Mode) },
  { header: "OWNER", field: "Owner", value: (row) => `${row.Uid}:${row.Gid}` },
  { header: "SIZE", field: "Size", value: (row) => (row.Type === "directory" ? "" : humanSize(row.Size)), align: "right" },
  { header: "MODIFIED", field: "Modified", value: (row) => new Date(row.Modified).toISOString().slice(0, 16).replace("T", " ") },
  {
    header: "NAME",
    field: "Name",
    value: (row) => `${row.Name}${row.Type === "directory" ? "/" : ""}${row.Target === undefined ? "" : ` -> ${row.Target}`}`,
  },
];

/** Entries that are asked for at once. */
const page = 5000;

/** The command for one kind of trees. */
export function filesCommand(
  kind: TreeName["kind"],
  texts: Pick<CommandSpec, "summary" | "description" | "examples">,
): CommandSpec<FileEntry[]> {
  return command<FileEntry[]>({
    ...texts,
    flags: [
      { name: "format", type: "string", placeholder: "TEMPLATE", help: "Print by a Go template, or 'json'" },
      ...(kind === "image" ? [{ name: "layer", type: "number" as const, placeholder: "N", help: "Only this layer; 1 is the lowest" }] : []),
    ],
    args: [
      { name: kind.toUpperCase(), subject: kind },
      { name: "PATH", optional: true, help: "A directory in it; default /" },
    ],
    async *run({ engine }, input) {
      const entries: FileEntry[] = [];
      let listing: Listing;
      do {
        listing = await engine.files.list(treeOf(kind, input), input.args[1] ?? "/", { from: entries.length, limit: page });
        entries.push(...listing.Entries);
      } while (listing.Entries.length > 0 && entries.length < listing.Total);
      if (listing.IsCut) yield { type: "warning", text: `there are more than ${listing.Total} entries: the rest is not shown` };
      return entries;
    },
    blank: { Name: "", Type: "file", Size: 0, Mode: 0, Uid: 0, Gid: 0, Modified: 0, Target: "", Change: "" },
    present: (rows, input) => ({
      kind: "table",
      columns,
      rows,
      ...(textOf(input, "format") !== undefined && { format: textOf(input, "format")! }),
    }),
  });
}

function treeOf(kind: TreeName["kind"], input: Input): TreeName {
  const layer = kind === "image" ? numberOf(input, "layer") : undefined;
  return { kind, ref: input.args[0] ?? "", ...(layer !== undefined && { layer }) };
}
