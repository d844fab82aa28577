/** What a container uses, drawn: sparklines of the last minute. Pure. */
import { fill } from "../../src/format/cells.ts";
import type { Theme } from "../theme.ts";
import { cpuText, memoryText, type Sample, tallBars, type Usage } from "../usage.ts";

/** The most bars: a sample a second, a minute of them. */
const minute = 60;

interface Chart {
  name: string;
  values: number[];
  /** What a full bar is. */
  top: number;
  now: string;
  note: string;
}

/** Its name and its numbers stand beside the lowest row. */
function chartRows({ name, values, top, now, note }: Chart, rows: number, width: number, theme: Theme): string[] {
  const room = Math.max(1, Math.min(minute, width - 33));
  return tallBars(values, room, top || 1, rows).map((bars, row) => {
    const isLast = row === rows - 1;
    const drawn = `${theme.paint("dim", fill(isLast ? name : "", 6))}${theme.paint("accent", bars)}`;
    return isLast ? `${drawn} ${fill(now, 6)}${theme.paint("dim", note)}` : drawn;
  });
}

/** CPU (a full bar is one CPU, or the most there was) and memory (the limit, or the most there was). */
export function usageLines(usage: Usage, width: number, theme: Theme): string[] {
  return cpuAndMemory(usage).flatMap((chart) => chartRows(chart, 1, width, theme));
}

function cpuAndMemory(usage: Usage): Chart[] {
  const { cpu, limit, memory, past } = usage;
  const samples = [...past, usage];
  const cpuMost = Math.max(...samples.map((sample) => sample.cpu));
  const memoryMost = Math.max(...samples.map((sample) => sample.memory));
  return [
    {
      name: "CPU",
      values: samples.map((sample) => sample.cpu),
      top: Math.max(100, cpuMost),
      now: cpuText({ cpu }),
      note: `most ${cpuText({ cpu: cpuMost })}`,
    },
    {
      name: "MEM",
      values: samples.map((sample) => sample.memory),
      top: limit || memoryMost,
      now: memoryText({ memory }),
      note: limit > 0 ? `of ${memoryText({ memory: limit })}` : `most ${memoryText({ memory: memoryMost })}`,
    },
  ];
}

type Counter = "received" | "sent" | "blockRead" | "blockWrite";
const counters: [string, Counter][] = [
  ["IN", "received"],
  ["OUT", "sent"],
  ["READ", "blockRead"],
  ["WRITE", "blockWrite"],
];

/** What came between two samples, a second. */
function rates(samples: readonly Sample[], counter: Counter): number[] {
  return samples.slice(1).map((sample, index) => {
    const before = samples[index]!;
    return Math.max(0, sample[counter] - before[counter]) / Math.max(1, Math.round((sample.at - before.at) / 1000));
  });
}

/** The most rows of a chart, and those that are left for the history of health. */
const tallest = 4;
const healthRows = 8;

/** All there is to draw: CPU, memory, network, disks a second, processes; as tall as `height` rows have room for. */
export function chartLines(usage: Usage, width: number, height: number, theme: Theme): string[] {
  const samples = [...usage.past, usage];
  const pidsMost = Math.max(...samples.map(({ pids }) => pids));
  const charts: Chart[] = [
    ...cpuAndMemory(usage),
    ...counters.map(([name, counter]) => {
      const values = rates(samples, counter);
      const all = memoryText({ memory: usage[counter] });
      return {
        name,
        values,
        top: Math.max(0, ...values),
        now: memoryText({ memory: values.at(-1) ?? 0 }),
        note: `a second, ${all} in all`,
      };
    }),
    { name: "PIDS", values: samples.map(({ pids }) => pids), top: pidsMost, now: String(usage.pids), note: `most ${pidsMost}` },
  ];
  const rows = Math.max(1, Math.min(tallest, Math.floor((height - healthRows) / charts.length) - 1));
  return charts.flatMap((chart) => [...chartRows(chart, rows, width, theme), ""]);
}
