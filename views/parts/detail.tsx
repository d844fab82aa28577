/** The detail pane beside a list: facts as pairs, ports, mounts and the like as small tables, and the end of a container's log. */
import { Box } from "ink";
import { memo, useMemo } from "react";
import { fill } from "../../src/format/cells.ts";
import { paint, parseLine, wrapSegments } from "../ansi.ts";
import type { LineBuffer } from "../logs/line-buffer.ts";
import type { DetailTab } from "../resources/resource.ts";
import type { DetailState } from "../state.ts";
import type { Theme } from "../theme.ts";
import type { Usage } from "../usage.ts";
import { chartLines, usageLines } from "./charts.ts";
import { detailLines } from "./detail-lines.ts";
import { Line, Lines } from "./line.tsx";
import { tabBar } from "./tabs.ts";

interface DetailProps {
  /** Rows of a tree that has the keyboard, in the place of the page that it unfolds. */
  tree: readonly string[] | undefined;
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
/** Rows the log's end takes of the overview at least, where the rest needs more than there is. */
const logShare = 0.4;

export function Detail({ tree, detail, tabs, tab, top, width, height, theme, revision, usage, logTitle }: DetailProps) {
  const inner = width - 2;
  const lines = useMemo(() => detailLines(detail, inner, theme), [detail, inner, theme]);
  const bar = tabs.length > 1 ? [tabBar(tabs, tab, inner, theme)] : [];
  const log = tab.shows?.includes("log") ? detail?.log : undefined;
  const charts = usage && !tree && tab.shows?.includes("charts") ? chartsOf(usage, tab === tabs[0], height, inner, theme) : [];
  const rows = height - bar.length - charts.length;
  const logRows = log && !tree ? Math.max(3, Math.floor(height * logShare), rows - lines.length) : 0;
  const from = Math.max(0, Math.min(top, lines.length - 1));
  const shown = Math.max(0, rows - logRows);
  const body = tree ?? Array.from({ length: shown }, (_, at) => lines[from + at] ?? "");
  return (
    <Box flexDirection="column" width={width} height={height} paddingLeft={1} overflow="hidden" flexShrink={0}>
      <Lines lines={[...bar, ...charts, ...body]} />
      {log && logRows > 0 && (
        <LogTail log={log} logTitle={logTitle} rows={logRows} width={inner} theme={theme} revision={revision} end={log.end} />
      )}
    </Box>
  );
}

function chartsOf(usage: Usage, isOverview: boolean, height: number, width: number, theme: Theme): string[] {
  if (!isOverview) return chartLines(usage, width, height, theme);
  return height > 12 ? usageLines(usage, width, theme).slice(0, graphRows) : [];
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
