/** The detail pane beside a list: facts as pairs, ports, mounts and the like as small tables, and the end of a container's log. */
import { Box } from "ink";
import { memo } from "react";
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { paint, parseLine, wrapSegments } from "../ansi.ts";
import type { LineBuffer } from "../logs/line-buffer.ts";
import type { DetailSection, DetailTab, Span } from "../resources/resource.ts";
import type { DetailState } from "../state.ts";
import type { Theme, Tone } from "../theme.ts";
import type { Usage } from "../usage.ts";
import { chartLines, usageLines } from "./charts.ts";
import { Line, Lines } from "./line.tsx";

interface DetailProps {
  detail: DetailState | undefined;
  tabs: readonly DetailTab<unknown>[];
  /** The one that shows. */
  tab: DetailTab<unknown>;
  /** Rows above what is in sight. */
  top: number;
  width: number;
  height: number;
  theme: Theme;
  revision: number;
  usage?: Usage;
  /** Above the end of the log. */
  logTitle: string;
}

/** Rows of the graphs of the overview. */
const graphRows = 2;
/** Rows the log's end takes of the overview. */
const logShare = 0.4;

export function Detail({ detail, tabs, tab, top, width, height, theme, revision, usage, logTitle }: DetailProps) {
  const inner = width - 2;
  const bar = tabs.length > 1 ? 1 : 0;
  const isOverview = tab === tabs[0];
  const log = tab.shows?.includes("log") ? detail?.log : undefined;
  const whole = height - bar;
  const logRows = log ? (isOverview ? Math.max(3, Math.floor(height * logShare)) : whole) : 0;
  const charts = usage && tab.shows?.includes("charts") ? chartsOf(usage, isOverview, height, inner, theme) : [];
  return (
    <Box flexDirection="column" width={width} height={height} paddingLeft={1} overflow="hidden" flexShrink={0}>
      {bar > 0 && <Line text={tabBar(tabs, tab, inner, theme)} />}
      {charts.length > 0 && <Lines lines={charts} />}
      <Box flexDirection="column" height={Math.max(0, whole - logRows - charts.length)} overflow="hidden" flexShrink={0}>
        <Box flexDirection="column" marginTop={-top} flexShrink={0}>
          {detail && <Sections sections={detail.sections} error={detail.error} width={inner} theme={theme} />}
        </Box>
      </Box>
      {log && logRows > 0 && (
        <LogTail log={log} logTitle={logTitle} rows={logRows} width={inner} theme={theme} revision={revision} end={log.end} />
      )}
    </Box>
  );
}

function chartsOf(usage: Usage, isOverview: boolean, height: number, width: number, theme: Theme): string[] {
  if (!isOverview) return chartLines(usage, width, theme);
  return height > 12 ? usageLines(usage, width, theme).slice(0, graphRows) : [];
}

/** The titles of the pages, the one that shows marked; those before it leave first where there is no room. */
function tabBar(tabs: readonly DetailTab<unknown>[], tab: DetailTab<unknown>, width: number, theme: Theme): string {
  const at = tabs.indexOf(tab);
  let from = 0;
  const widthFrom = (first: number) => tabs.slice(first).reduce((sum, { title }) => sum + title.length + 1, 0);
  while (from < at && widthFrom(from) > width) from++;
  let room = width;
  const shown = tabs.slice(from).map((each) => {
    const text = truncate(` ${each.title}`, room);
    room = Math.max(0, room - cellWidth(text));
    return theme.paint(each === tab ? "selected" : "dim", text);
  });
  return shown.join("");
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
  if (section.kind === "lines")
    return <Lines lines={section.lines.map((line, at) => paintedLine(line, at, section.tones, width, theme))} />;
  if (section.kind === "rows") return <Lines lines={section.rows.map((row) => spanLine(row, width, theme))} />;
  if (section.kind === "pairs") return <Lines lines={pairLines(section.rows, width, theme)} />;
  if (section.rows.length === 0) return <Line text={theme.paint("dim", "nothing")} />;
  return <Lines lines={tableLines(section.rows, width, theme)} />;
}

function paintedLine(line: string, at: number, tones: readonly Tone[] | undefined, width: number, theme: Theme): string {
  const text = truncate(neutraliseLine(line), width);
  const tone = tones?.[at] ?? tones?.at(-1);
  return tone ? theme.paint(tone, text) : text;
}

/** Without a frame: every column but the last as wide as its content needs, the last what is left. */
function tableLines(rows: readonly Record<string, string>[], width: number, theme: Theme): string[] {
  const keys = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => keys.map((key) => neutraliseLine(row[key] ?? "")));
  const most = Math.floor(width / 2);
  const widths = keys.map((key, at) => Math.min(most, Math.max(cellWidth(key), ...cells.map((row) => cellWidth(row[at]!)))));
  const line = (texts: readonly string[]) =>
    truncate(texts.map((text, at) => (at < texts.length - 1 ? fill(truncate(text, widths[at]!), widths[at]!) : text)).join("  "), width);
  return [theme.paint("strong", line(keys)), ...cells.map(line)];
}

/** What does not fit is cut, in the colours that it has. */
function spanLine(spans: readonly Span[], width: number, theme: Theme): string {
  let room = width;
  return spans
    .map(({ text, tone }) => {
      const shown = truncate(text, room);
      room = Math.max(0, room - cellWidth(shown));
      return theme.paint(tone, shown);
    })
    .join("");
}

function pairLines(rows: readonly [string, string][], width: number, theme: Theme): string[] {
  const label = Math.max(...rows.map(([name]) => cellWidth(name))) + 2;
  return rows.map(([name, value]) => theme.paint("dim", fill(name, label)) + truncate(neutraliseLine(value), width - label));
}

interface LogTailProps {
  log: LineBuffer;
  logTitle: string;
  rows: number;
  width: number;
  theme: Theme;
  revision: number;
  end: number;
}

const LogTail = memo(function LogTail({ log, logTitle, rows, width, theme, end }: LogTailProps) {
  const count = rows - 1;
  const from = Math.max(log.first, end - count);
  const lines = Array.from({ length: end - from }, (_, at) =>
    paint(wrapSegments(parseLine(log.line(from + at)?.text ?? ""), width, 1)[0] ?? [], theme.colour),
  );
  return (
    <Box flexDirection="column" height={rows} flexShrink={0} overflow="hidden">
      <Line text={theme.paint("title", fill(logTitle, width))} />
      <Lines lines={lines.length > 0 ? lines : [theme.paint("dim", "nothing written yet")]} />
    </Box>
  );
});
