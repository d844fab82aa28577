/** `berth context ls`: list contexts. */
import { type Column, type CommandSpec, command } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { currentName, defaultContext, overrideWarning } from "./current.ts";

/** docker's row. */
interface ContextRow {
  Name: string;
  Current: boolean;
  Description: string;
  DockerEndpoint: string;
  Error: string;
}

/** @param marked the one in use has a star behind its name: in docker's own table, and not in a user's */
const columnsOf = (marked: boolean): Column<ContextRow>[] => [
  { header: "NAME", field: "Name", value: ({ Name, Current }) => (Current && marked ? `${Name} *` : Name) },
  {
    header: "DESCRIPTION",
    field: "Description",
    value: ({ Description }) => (Description.length > 60 ? `${Description.slice(0, 59)}…` : Description),
  },
  { header: "DOCKER ENDPOINT", field: "DockerEndpoint", value: ({ DockerEndpoint }) => DockerEndpoint },
  { header: "ERROR", field: "Error", value: (row) => row.Error },
  { header: "CURRENT", field: "Current", hidden: true, value: ({ Current }) => String(Current), typed: ({ Current }) => Current },
];

const spec: CommandSpec<ContextRow[]> = command<ContextRow[]>({
  summary: "List contexts",
  examples: [{ line: "berth context ls", does: "Show the hosts that have a name; a star marks the one in use" }],
  flags: [
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only names" },
  ],
  args: [],
  place: "anywhere",
  async *run({ io }, input) {
    const { listContexts } = await import("../../../engine/remote/index.ts");
    const current = await currentName(io.env);
    const rows = [defaultContext(io.env), ...listContexts()].map(({ Name, Metadata, Endpoints }) => ({
      ...{ Name, Current: Name === current, Description: Metadata.Description ?? "" },
      DockerEndpoint: Endpoints.docker?.Host ?? "",
      Error: "",
    }));
    const missing = { Name: current, Current: true, Description: "", DockerEndpoint: "", Error: "context not found" };
    const warning = isSet(input, "quiet") ? undefined : overrideWarning(io.env);
    if (warning !== undefined) yield { type: "warning", text: warning };
    return rows.some(({ Current }) => Current) ? rows : [...rows, missing];
  },
  blank: [],
  present(rows, input) {
    const [format, quiet] = [textOf(input, "format"), isSet(input, "quiet")];
    return { kind: "table", columns: columnsOf(format === undefined && !quiet), rows, format, quiet, key: "Name" };
  },
});

export default spec;
