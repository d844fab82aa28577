/**
 * The detail pane beside a list: facts as pairs, ports, mounts and the like as small tables by ink-table, and the end of
 * a container's log. Memoised by its data, as tables cost several times what lines do.
 */
import { Box } from "ink";
import { Table } from "ink-table";
import { memo } from "react";
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { paint, parseLine, wrapSegments } from "../ansi.ts";
import type { LineBuffer } from "../logs/line-buffer.ts";
import type { DetailSection } from "../resources/resource.ts";
import type { DetailState } from "../state.ts";
import type { Theme } from "../theme.ts";
import { cpuText, memoryText, sparkline, type Usage } from "../usage.ts";
import { Line, Lines } from "./line.tsx";
import { shrinkTable } from "./shrink-table.ts";

interface DetailProps {
  detail: DetailState | undefined;
  width: number;
  height: number;
  theme: Theme;
  revision: number;
  usage?: Usage;
}

/** Rows of the graphs. */
const graphRows = 2;
/** Rows the log's end takes of the pane. */
const logShare = 0.4;

export function Detail({ detail, width, height, theme, revision, usage }: DetailProps) {
  const logRows = detail?.log ? Math.max(3, Math.floor(height * logShare)) : 0;
  const inner = width - 2;
  const graphs = usage && height > 12 ? graphRows : 0;
  return (
    <Box flexDirection="column" width={width} height={height} paddingLeft={1} overflow="hidden" flexShrink={0}>
      {usage && graphs > 0 && <Lines lines={usageLines(usage, inner, theme)} />}
      <Box flexDirection="column" height={height - logRows - graphs} overflow="hidden" flexShrink={0}>
        {detail && <Sections sections={detail.sections} error={detail.error} width={inner} theme={theme} />}
      </Box>
      {detail?.log && <LogTail log={detail.log} rows={logRows} width={inner} theme={theme} revision={revision} end={detail.log.end} />}
    </Box>
  );
}

const Sections = memo(function Sections({
  sections,
  error,
  width,
  theme,
}: {
  sections: DetailSection[];
  error?: string;
  width: number;
  theme: Theme;
}) {
  if (error) return <Line text={theme.paint("bad", truncate(neutraliseLine(error), width))} />;
  return sections.map((section) => (
    <Box key={section.title} flexDirection="column" flexShrink={0}>
      {section.title && <Line text={theme.paint("title", section.title)} />}
      <Section section={section} width={width} theme={theme} />
    </Box>
  ));
});

function Section({ section, width, theme }: { section: DetailSection; width: number; theme: Theme }) {
  if (section.kind === "lines") return <Lines lines={section.lines.map((line) => truncate(neutraliseLine(line), width))} />;
  if (section.kind === "pairs") return <Lines lines={pairLines(section.rows, width, theme)} />;
  const rows = shrinkTable(
    section.rows.map((row) => mapValues(row, neutraliseLine)),
    width,
  );
  const plain = rows.every((row) => Object.values(row).every((value) => cellWidth(value) === value.length));
  // ink-table counts UTF-16 units and would shift columns after a wide character.
  if (plain)
    return (
      <Table
        data={rows}
        header={({ children }: { children?: React.ReactNode }) => <Line text={theme.paint("strong", textOf(children))} />}
      />
    );
  return <Lines lines={rows.map((row) => truncate(Object.values(row).join("  "), width))} />;
}

/** The last minute of CPU (a full bar is one CPU, or the most there was) and memory (the limit, or the most there was). */
function usageLines({ cpu, limit, memory, past }: Usage, width: number, theme: Theme): string[] {
  const samples = [...past, { cpu, memory }];
  const room = Math.max(1, Math.min(60, width - 32));
  const cpuMost = Math.max(...samples.map((sample) => sample.cpu));
  const memoryMost = Math.max(...samples.map((sample) => sample.memory));
  const graph = (name: string, values: number[], top: number, text: string, note: string) =>
    `${theme.paint("dim", fill(name, 5))}${theme.paint("accent", sparkline(values, room, top || 1))} ${fill(text, 6)}${theme.paint("dim", note)}`;
  return [
    graph(
      "CPU",
      samples.map((sample) => sample.cpu),
      Math.max(100, cpuMost),
      cpuText({ cpu }),
      `most ${cpuText({ cpu: cpuMost })}`,
    ),
    graph(
      "MEM",
      samples.map((sample) => sample.memory),
      limit || memoryMost,
      memoryText({ memory }),
      limit > 0 ? `of ${memoryText({ memory: limit })}` : `most ${memoryText({ memory: memoryMost })}`,
    ),
  ];
}

function mapValues(row: Record<string, string>, change: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, change(value)]));
}

/** ink-table passes a heading as text among its children. */
function textOf(children: React.ReactNode): string {
  return Array.isArray(children) ? children.map(textOf).join("") : typeof children === "string" ? children : "";
}

function pairLines(rows: readonly [string, string][], width: number, theme: Theme): string[] {
  const label = Math.max(...rows.map(([name]) => cellWidth(name))) + 2;
  return rows.map(([name, value]) => theme.paint("dim", fill(name, label)) + truncate(neutraliseLine(value), width - label));
}

interface LogTailProps {
  log: LineBuffer;
  rows: number;
  width: number;
  theme: Theme;
  revision: number;
  end: number;
}

const LogTail = memo(function LogTail({ log, rows, width, theme, end }: LogTailProps) {
  const count = rows - 1;
  const from = Math.max(log.first, end - count);
  const lines = Array.from({ length: end - from }, (_, at) =>
    paint(wrapSegments(parseLine(log.line(from + at)?.text ?? ""), width, 1)[0] ?? [], theme.colour),
  );
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <Line text={theme.paint("title", fill("Log (l follows it)", width))} />
      <Lines lines={lines.length > 0 ? lines : [theme.paint("dim", "nothing written yet")]} />
    </Box>
  );
});
