/** `berth compose ls`: the projects of this engine. */
import { type Column, type CommandSpec, command } from "../command.ts";
import { filtersOf, isSet, textOf } from "../flag-values.ts";

interface Row {
  Name: string;
  /** "running(2), exited(1)" */
  Status: string;
  ConfigFiles: string;
}

const spec: CommandSpec<Row[]> = command({
  summary: "List projects",
  examples: [
    { line: "berth compose ls", does: "Show projects with running containers" },
    { line: "berth compose ls -aq", does: "Name all of them" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Show those that are stopped, too" },
    { name: "filter", type: "list", placeholder: "name=REGEX", help: "Show only what matches" },
    { name: "format", type: "string", choices: ["table", "json"], default: "table", help: "Format of the output" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only names" },
  ],
  args: [],
  async *run({ engine }, input) {
    const { projectsOf } = await import("../../../engine/compose/index.ts");
    const names = filtersOf(input)["name"] ?? [];
    const projects = projectsOf(
      await engine.containers.list({ all: isSet(input, "all"), filters: { label: ["com.docker.compose.project"] } }),
    );
    return projects.filter(({ Name }) => names.length === 0 || names.some((pattern) => new RegExp(pattern).test(Name)));
  },
  present(rows, input) {
    if (isSet(input, "quiet")) return { kind: "lines", lines: rows.map(({ Name }) => Name) };
    if (textOf(input, "format") === "json") return { kind: "lines", lines: [JSON.stringify(rows)] };
    return { kind: "table", columns, rows, spacing: { minimum: 20 } };
  },
});

const columns: Column<Row>[] = [
  { header: "NAME", field: "Name", value: ({ Name }) => Name },
  { header: "STATUS", field: "Status", value: ({ Status }) => Status },
  { header: "CONFIG FILES", field: "ConfigFiles", value: ({ ConfigFiles }) => ConfigFiles },
];

export default spec;
