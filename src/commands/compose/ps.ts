/** `berth compose ps`: a project's containers. */
import type { Seen } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import { goQuote } from "../../../engine/go-quote.ts";
import type { Engine } from "../../../engine/index.ts";
import { ago, timestamp } from "../../format/duration.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { ellipsis, psColumns } from "../container/ps-columns.ts";
import { choiceOf, filtersOf, isSet, listOf, textOf } from "../flag-values.ts";
import { projectOrMade, requireServices } from "./project.ts";

/** A row as docker compose's `--format json` has it. */
interface Row {
  Command: string;
  CreatedAt: string;
  ExitCode: number;
  Health: string;
  ID: string;
  Image: string;
  Labels: string;
  LocalVolumes: string;
  Mounts: string;
  Name: string;
  Names: string;
  Networks: string;
  Ports: string;
  Project: string;
  Publishers: { URL: string; TargetPort: number; PublishedPort: number; Protocol: string }[];
  RunningFor: string;
  Service: string;
  Size: string;
  State: string;
  Status: string;
}

const states = ["paused", "restarting", "removing", "running", "dead", "created", "exited"];

const spec: CommandSpec<Row[]> = command({
  summary: "List a project's containers",
  examples: [
    { line: "berth compose ps", does: "Show what runs" },
    { line: "berth compose ps -a --format json", does: "Print all, a JSON object a line" },
    { line: "berth compose ps --services --status running", does: "Name the services that run" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Show stopped containers and those of 'run', too" },
    { name: "filter", type: "list", placeholder: "status=STATE", help: "Show only what matches" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten commands" },
    { name: "orphans", type: "boolean", default: true, help: "Show containers of services that the files do not have" },
    { name: "quiet", short: "q", type: "boolean", help: "Print only ids" },
    { name: "services", type: "boolean", help: "Print the services' names" },
    { name: "status", type: "list", placeholder: "STATE", suggestions: states, help: "Show only those in this state" },
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { observeContainers } = await import("../../../engine/compose/index.ts");
    const { status = [], ...others } = filtersOf(input);
    const [other] = Object.keys(others);
    if (other !== undefined) throw new EngineError("usage", `unknown filter "${other}"`, { exit: 1, hint: "there is status" });
    const wanted = [...listOf(input, "status"), ...status];
    const unknown = wanted.find((state) => !states.includes(state));
    if (unknown !== undefined)
      throw new EngineError("usage", `unknown status "${unknown}"`, { exit: 1, hint: `one of ${states.join(", ")}` });
    const isKnown = (service: string) => project.model.services[service] !== undefined || project.disabled[service] !== undefined;
    const showsAll = isSet(input, "all") || wanted.length > 0;
    const rows = (await observeContainers(context.engine, project.model.name)).filter(
      (seen) =>
        (input.args.length === 0 || input.args.includes(seen.service)) &&
        (choiceOf(input, "orphans") !== false || isKnown(seen.service)) &&
        (!seen.oneOff || isSet(input, "all")) &&
        (showsAll || seen.state === "running" || seen.state === "paused" || seen.state === "restarting") &&
        (wanted.length === 0 || wanted.includes(seen.state)),
    );
    return Promise.all(rows.map((seen) => rowOf(context.engine, project.model.name, seen, isSet(input, "no-trunc"))));
  },
  blank: [],
  present(rows, input) {
    if (isSet(input, "services")) return { kind: "lines", lines: [...new Set(rows.map(({ Service }) => Service))] };
    if (isSet(input, "quiet")) return { kind: "lines", lines: rows.map(({ ID }) => ID) };
    const format = textOf(input, "format");
    const shown = isSet(input, "no-trunc") ? rows : rows.map((row) => ({ ...row, ID: row.ID.slice(0, 12) })); // -q alone has all of it
    if (format === "json") return { kind: "lines", lines: shown.map((row) => JSON.stringify(row)) };
    return { kind: "table", columns, rows: shown, ...(format !== undefined && { format }) };
  },
});

const text = (header: string, field: keyof Row, hidden = false): Column<Row> => ({
  header,
  field,
  value: (row) => String(row[field]),
  hidden,
});

const columns: Column<Row>[] = [
  text("NAME", "Name"),
  text("IMAGE", "Image"),
  { header: "COMMAND", field: "Command", value: ({ Command }) => Command },
  text("SERVICE", "Service"),
  { header: "CREATED", field: "RunningFor", value: ({ RunningFor }) => RunningFor },
  text("STATUS", "Status"),
  text("PORTS", "Ports"),
  ...(
    ["ID", "Names", "Project", "State", "Health", "ExitCode", "CreatedAt", "Labels", "LocalVolumes", "Mounts", "Networks", "Size"] as const
  ).map((field) => text(field.toUpperCase(), field, true)),
];

async function rowOf(engine: Engine, project: string, seen: Seen, whole: boolean): Promise<Row> {
  const { summary } = seen;
  const field = (name: string) =>
    psColumns({ noTrunc: whole })
      .find((column) => column.field === name)!
      .value(summary);
  const ended = seen.state === "exited" || seen.state === "dead";
  const exitCode = ended ? (await engine.containers.inspect(seen.id)).State.ExitCode : 0;
  return {
    Command: goQuote(whole ? summary.Command : ellipsis(summary.Command, 20)),
    CreatedAt: timestamp(summary.Created),
    ExitCode: exitCode,
    Health: /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(seen.status)?.[1] ?? "",
    ID: seen.id,
    Image: summary.Image,
    Labels: field("Labels"),
    LocalVolumes: field("LocalVolumes"),
    Mounts: field("Mounts"),
    Name: seen.name,
    Names: seen.name,
    Networks: field("Networks"),
    Ports: field("Ports"),
    Project: project,
    Publishers: summary.Ports.map(({ IP = "", PrivatePort, PublicPort = 0, Type }) => ({
      URL: IP,
      TargetPort: PrivatePort,
      PublishedPort: PublicPort,
      Protocol: Type,
    })),
    RunningFor: ago(summary.Created),
    Service: seen.service,
    Size: "0B",
    State: seen.state,
    Status: seen.status,
  };
}

export default spec;
