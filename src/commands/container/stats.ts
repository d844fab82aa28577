/** `berth stats`: what containers use, once or live. */
import type { StatsSample } from "../../../engine/index.ts";
import { binarySize, humanSize } from "../../format/size.ts";
import { type Column, type CommandSpec, command, type Input, type Presentation } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const spec: CommandSpec<StatsSample[] | undefined> = command({
  summary: "Display a live stream of container resource usage statistics",
  examples: [
    { line: "berth stats", does: "Watch all running containers until Ctrl-C" },
    { line: "berth stats --no-stream --format json", does: "Print one sample of each as JSON" },
  ],
  flags: [
    { name: "all", short: "a", type: "boolean", help: "Show all containers, not only running ones" },
    { name: "format", type: "string", placeholder: "FORMAT", help: "'table', 'table TEMPLATE', 'json' or a Go template" },
    { name: "no-stream", type: "boolean", help: "Print the first result and end" },
    { name: "no-trunc", type: "boolean", help: "Do not shorten ids" },
  ],
  args: [{ name: "CONTAINER", optional: true, variadic: true, subject: "running-container" }],
  endless: (input) => !isSet(input, "no-stream"),
  async *run({ engine, signal }, input) {
    const stream = !isSet(input, "no-stream");
    for await (const samples of engine.containers.stats(input.args, { stream, all: isSet(input, "all"), signal })) {
      if (!stream) return samples;
      yield { type: "row", value: samples };
    }
    return undefined;
  },
  blank: [],
  present: (samples, input) => (samples ? statsTable(samples, input) : { kind: "none" }),
  presentRow: (samples: StatsSample[], input) => statsTable(samples, input),
});

function statsTable(rows: StatsSample[], input: Input): Presentation {
  const format = textOf(input, "format");
  return { kind: "table", columns: columns(isSet(input, "no-trunc"), input.args), rows, format, live: format === undefined };
}

const percent = (value: number) => `${value.toFixed(2)}%`;

/** @param asked containers as the user named them, which docker shows under .Container */
function columns(noTrunc: boolean, asked: readonly string[]): Column<StatsSample>[] {
  const calledBy = ({ ID, Name }: StatsSample) => asked.find((ref) => ref === Name.replace(/^\//, "") || ID.startsWith(ref));
  return [
    { header: "CONTAINER ID", field: "ID", value: (row) => (noTrunc ? row.ID : row.ID.slice(0, 12)) },
    { header: "CONTAINER", field: "Container", hidden: true, value: (row) => calledBy(row) ?? row.ID.slice(0, 12) },
    { header: "NAME", field: "Name", value: (row) => row.Name.replace(/^\//, "") },
    { header: "CPU %", field: "CPUPerc", value: (row) => percent(row.cpu.percent) },
    { header: "MEM USAGE / LIMIT", field: "MemUsage", value: (row) => `${binarySize(row.memory.usage)} / ${binarySize(row.memory.limit)}` },
    { header: "MEM %", field: "MemPerc", value: (row) => percent(row.memory.percent) },
    { header: "NET I/O", field: "NetIO", value: (row) => `${humanSize(row.network.rx)} / ${humanSize(row.network.tx)}` },
    { header: "BLOCK I/O", field: "BlockIO", value: (row) => `${humanSize(row.blkio.read)} / ${humanSize(row.blkio.write)}` },
    { header: "PIDS", field: "PIDs", value: (row) => String(row.pids.current) },
  ];
}

export default spec;
