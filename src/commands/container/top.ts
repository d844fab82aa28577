/** `berth top`: the processes of a container. */
import type { ProcessTable } from "../../../engine/index.ts";
import { type Column, type CommandSpec, command } from "../command.ts";

const spec: CommandSpec<ProcessTable> = command({
  summary: "Display the running processes of a container",
  examples: [
    { line: "berth top web", does: "List its processes with the host's process ids" },
    { line: "berth top web -o pid,comm,rss", does: "Choose columns, as ps(1) does" },
  ],
  flags: [],
  args: [
    { name: "CONTAINER", subject: "running-container" },
    { name: "PS_OPTION", optional: true, variadic: true, subject: "none" },
  ],
  stopsAtArgs: true,
  async *run({ engine }, input) {
    const [name = "", ...options] = input.args;
    return engine.containers.top(name, options.length > 0 ? options : undefined);
  },
  present({ Titles, Processes }) {
    const columns = Titles.map((header, at): Column<string[]> => ({ header, field: header, value: (row) => row[at] ?? "" }));
    return { kind: "table", columns, rows: Processes };
  },
});

export default spec;
