/** `berth compose top`: the processes of a project's containers. */
import type { ProcessTable } from "../../../engine/index.ts";
import { type Column, type CommandSpec, command } from "../command.ts";
import { projectOrMade, requireServices } from "./project.ts";

interface Row {
  Service: string;
  Number: string;
  Process: string[];
}

const spec: CommandSpec<{ Titles: string[]; Rows: Row[] }> = command({
  summary: "Show the processes of a project's containers",
  examples: [{ line: "berth compose top web", does: "List a service's processes" }],
  flags: [],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input) {
    const project = yield* projectOrMade(context, input);
    requireServices(project, input.args);
    const { observeContainers } = await import("../../../engine/compose/index.ts");
    const running = (await observeContainers(context.engine, project.model.name)).filter(
      ({ service, state }) => (state === "running" || state === "paused") && (input.args.length === 0 || input.args.includes(service)),
    );
    const tables = await Promise.all(running.map(({ id }) => context.engine.containers.top(id)));
    return {
      Titles: tables[0]?.Titles ?? [],
      Rows: running.flatMap(({ number, service }, index) => rowsOf(service, number, tables[index]!)),
    };
  },
  // docker compose: without a process there are no headers either.
  present: ({ Titles, Rows }) =>
    Rows.length === 0
      ? { kind: "none" }
      : { kind: "table", columns: [...fixed, ...Titles.map(columnOf)], rows: Rows, spacing: { minimum: 4, padding: 2 } },
});

function rowsOf(Service: string, number: number, { Processes }: ProcessTable): Row[] {
  return Processes.map((Process) => ({ Service, Number: String(number), Process }));
}

const fixed: Column<Row>[] = [
  { header: "SERVICE", field: "Service", value: ({ Service }) => Service },
  { header: "#", field: "Number", value: (row) => row.Number },
];

function columnOf(header: string, index: number): Column<Row> {
  return { header, field: header, value: ({ Process }) => Process[index] ?? "" };
}

export default spec;
