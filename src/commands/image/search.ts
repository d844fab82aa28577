/** `berth search`: find images in a registry's index. */
import type { SearchResult } from "../../../engine/index.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { ellipsis } from "../container/ps-columns.ts";
import { filtersOf, isSet, textOf } from "../flag-values.ts";

/** @param json docker's JSON says "true", its templates "[OK]" */
const columns = (noTrunc: boolean, json: boolean): Column<SearchResult>[] => [
  { header: "NAME", field: "Name", value: ({ Name }) => Name },
  {
    header: "DESCRIPTION",
    field: "Description",
    value: ({ Description }) => {
      const line = Description.replace(/[\r\n]/g, " ");
      return noTrunc ? line : ellipsis(line, 45);
    },
  },
  { header: "STARS", field: "StarCount", value: ({ StarCount }) => String(StarCount) },
  { header: "OFFICIAL", field: "IsOfficial", value: ({ IsOfficial }) => (json ? String(IsOfficial) : IsOfficial ? "[OK]" : "") },
];

const spec: CommandSpec<SearchResult[]> = command({
  summary: "Search a registry for images",
  description:
    "Asks Docker Hub, or the registry that the term begins with, for its index (/v1/search), which registries of the OCI distribution-spec need not have. Filters: stars=NUMBER, is-official=true or false.",
  examples: [
    { line: "berth search -f is-official=true nginx", does: "Find Docker Hub's own image" },
    { line: "berth search --limit 5 registry.example.org/web", does: "Ask another registry" },
  ],
  flags: [
    { name: "filter", short: "f", type: "list", placeholder: "KEY=VALUE", help: "Show only what matches" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "limit", type: "number", placeholder: "NUMBER", default: 0, help: "Results at most, 1 to 100; 25 unless given" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten descriptions" },
  ],
  args: [{ name: "TERM" }],
  async *run({ engine, signal }, input) {
    const filters = filtersOf(input);
    if ("is-automated" in filters)
      yield {
        type: "warning",
        text: 'the "is-automated" filter is deprecated, and searching for "is-automated=true" will not yield any results in future.',
      };
    return engine.system.search(input.args[0] ?? "", { filters, limit: Number(input.flags["limit"] ?? 0), signal });
  },
  present(rows, input) {
    const format = textOf(input, "format");
    return { kind: "table", columns: columns(isSet(input, "no-trunc"), /json/.test(format ?? "")), rows, format };
  },
});

export default spec;
