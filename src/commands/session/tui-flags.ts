/** How the terminal UI begins: flags of `tui`, and of `config`, which says what comes of them. */
import type { FlagSpec, Input, TuiFlags } from "../command.ts";
import { textOf } from "../flag-values.ts";

export const tuiFlags: FlagSpec[] = [
  {
    name: "view",
    type: "string",
    placeholder: "LIST",
    help: "Begin with this list",
    suggestions: ["containers", "images", "volumes", "networks", "builds", "projects", "hosts", "registries", "events"],
  },
  { name: "filter", type: "string", placeholder: "WORDS", help: "Filter it, as / does: 'web state:running !label:old'" },
  { name: "sort", type: "string", placeholder: "COLUMN", help: "Sort it by a column; with a - before its name in reverse" },
];

export const tuiFlagsOf = (input: Input): TuiFlags => ({
  view: textOf(input, "view"),
  filter: textOf(input, "filter"),
  sort: textOf(input, "sort"),
});
