/** The whole screen: state in, rows out. */
import { Box, type SuspendTerminal, useApp, useCursor } from "ink";
import { useEffect } from "react";
import { fill } from "../src/format/cells.ts";
import { neutraliseLine } from "../src/format/neutral.ts";
import { useKeys } from "./input/use-keys.ts";
import { withKeys } from "./keymap.ts";
import { type Layout, layoutOf, smallest } from "./layout.ts";
import type { LineSource } from "./logs/line-source.ts";
import { endPosition, inOrder, visibleRows } from "./logs/pager.ts";
import { patternOf } from "./logs/pattern.ts";
import { pagerLayout } from "./pagers.ts";
import { firstRow, paneRects } from "./panes/panes.ts";
import { candidatesLine, commandLine, footerLine, notesLines, promptLine, titleLine } from "./parts/bottom.ts";
import type { BoxPlace } from "./parts/box.ts";
import { Detail } from "./parts/detail.tsx";
import { formBox } from "./parts/form.ts";
import { helpLines } from "./parts/help.ts";
import { Drawn, Line, Lines } from "./parts/line.tsx";
import { listLines } from "./parts/list.ts";
import { menuBox } from "./parts/menu.ts";
import { PaneView } from "./parts/pane-view.tsx";
import { questionBox } from "./parts/question.ts";
import { pageBar } from "./parts/tabs.ts";
import { headerLine, tabsLine } from "./parts/top.ts";
import { treeLines, treeLinesBeside } from "./parts/tree.ts";
import { detailTabs } from "./resources/resource.ts";
import type { AppState, PagerState } from "./state.ts";
import { useStore } from "./store.ts";
import type { Theme } from "./theme.ts";
import type { Tui } from "./tui.ts";

interface FrameProps {
  tui: Tui;
  theme: Theme;
  /** Lends the host Ink's way to give the terminal away for a while. */
  onMount(suspend: SuspendTerminal): void;
}

export function Frame({ tui, theme, onMount }: FrameProps) {
  const state = useStore(tui.store);
  const { suspendTerminal } = useApp();
  useEffect(() => onMount(suspendTerminal), [onMount, suspendTerminal]);
  const { setCursorPosition } = useCursor();
  useKeys(
    (keys) => tui.keys(keys),
    (text) => tui.paste(text),
  );
  useEffect(() => tui.questions.drawn(state.confirm), [tui, state.confirm]);
  const layout = layoutOf(state);
  setCursorPosition(layout.tooSmall ? undefined : cursorPlace(state, layout, theme));
  if (layout.tooSmall) return <TooSmall state={state} />;
  const box = boxOver(state, theme);
  const candidates = candidatesLine(state, theme);
  const inPanes = state.view === "panes" && !state.help;
  const prompt = promptLine(state, theme);
  return (
    <Drawn value={theme.drawn}>
      <Box flexDirection="column" width={state.columns} height={state.rows} overflow="hidden">
        <Line text={headerLine(state, theme)} />
        {inPanes ? <PaneView state={state} theme={theme} /> : <Body tui={tui} state={state} layout={layout} theme={theme} />}
        <Lines lines={notesLines(state, theme)} />
        {candidates && <Line text={candidates} />}
        {prompt ? <Line text={prompt.text} /> : !inPanes && <Line text={commandLine(state, theme)} />}
        <Line text={footerLine(tui, theme)} />
        {box && (
          <Box position="absolute" left={box.left} top={box.top} flexDirection="column">
            <Lines lines={box.lines} />
          </Box>
        )}
      </Box>
    </Drawn>
  );
}

/** What lies over the screen. */
function boxOver({ confirm, menu, form, columns, rows }: AppState, theme: Theme): BoxPlace | undefined {
  if (confirm) return questionBox(confirm, columns, rows, theme);
  if (menu) return menuBox(menu, columns, rows, theme);
  return form && formBox(form, columns, rows, theme);
}

function TooSmall({ state }: { state: AppState }) {
  const text = `too small: ${state.columns}x${state.rows}, berth needs ${smallest.columns}x${smallest.rows}`;
  return (
    <Box width={state.columns} height={state.rows} overflow="hidden">
      <Line text={fill(text, state.columns)} />
    </Box>
  );
}

/** Everything between header and notes: second line and body. */
function Body({ tui, state, layout, theme }: { tui: Tui; state: AppState; layout: Layout; theme: Theme }) {
  const height = layout.bodyRows + 1;
  if (state.help) {
    const lines = helpLines(state.columns, tui, theme);
    const top = Math.min(state.helpTop, Math.max(0, lines.length - layout.bodyRows));
    return <Full height={height} lines={[titleLine("help", state.columns, theme), ...lines.slice(top, top + layout.bodyRows)]} />;
  }
  if (state.view === "pager" && state.pager) return <Full height={height} lines={pagerLines(state, theme)} />;
  const isBeside = state.view === "tree" && layout.tree.x > 0;
  if (state.view === "tree" && !isBeside) return <Full height={height} lines={treeLines(state, theme)} />;
  const tabs = detailTabs(tui.lists.resource);
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      <Line text={tabsLine(state, theme)} />
      <Box height={layout.bodyRows} flexShrink={0}>
        <Box flexDirection="column" width={layout.listWidth} flexShrink={0}>
          <Lines lines={listLines(state, layout, theme, tui.keymap)} />
        </Box>
        {layout.detailWidth > 0 && (
          <>
            <Box flexDirection="column" width={1} flexShrink={0}>
              <Line text={theme.paint("dim", Array(layout.bodyRows).fill("│").join("\n"))} />
            </Box>
            <Detail
              detail={state.detail}
              tree={isBeside ? treeLinesBeside(state, theme) : undefined}
              tabs={tabs}
              tab={(isBeside && tabs.find(({ title }) => title === state.tree?.page)) || tui.lists.detailTab}
              top={state.detailTop}
              width={layout.detailWidth}
              height={layout.bodyRows}
              theme={theme}
              revision={state.revision}
              logTitle={withKeys("Log (<container.logs> follows it)", tui.keymap)}
              usage={state.detail && state.usage.get(state.detail.id)}
            />
          </>
        )}
      </Box>
    </Box>
  );
}

function Full({ lines, height }: { lines: readonly string[]; height: number }) {
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      <Lines lines={lines} />
    </Box>
  );
}

function pagerLines(state: AppState, theme: Theme): string[] {
  const pager = state.pager!;
  const layout = pagerLayout(state, pager, theme.colour);
  const top = pager.follow ? endPosition(pager.buffer, layout) : pager.top;
  const notes = [
    pager.gone && "removed",
    pager.running && (pager.follow ? "following" : "running"),
    pager.pausedAt !== undefined && `paused, ${heldBack(pager.buffer, pager.pausedAt)} more`,
    pager.busy && `${pager.busy} … (^C ends it)`,
    pager.selected && `selecting${pager.selected.columns ? " a rectangle" : ""}: y copies`,
    pager.search && `/${pager.search}`,
    pager.filter && `&${pager.filter.inverse ? "!" : ""}${pager.filter.text}`,
    pager.since !== undefined && `since ${pager.since}`,
    pager.until !== undefined && `until ${pager.until}`,
    pager.json !== "raw" &&
      `JSON as ${pager.json}${pager.json === "columns" ? `: ${pager.fields.map(({ name }) => name).join(", ")}` : ""}`,
    !pager.wrap && "cut",
  ];
  const selected = pager.selected && {
    ...inOrder(pager.selected),
    columns: pager.selected.columns && inOrder(pager.selected.columns),
  };
  const rows = visibleRows(pager.buffer, top, layout, { search: patternOf(pager.search), selected });
  const place = pager.buffer.whereabouts(top.line, rows.at(-1)?.line ?? top.line, layout.end);
  const title = [pager.title, place, ...notes.filter(Boolean)].map((each) => neutraliseLine(String(each))).join("  ");
  const pages = layoutOf(state).pageRows > 0 ? [pageBar(state, theme)] : [];
  const nothing = rows.length === 0 && pager.kind === "logs" ? [theme.paint("dim", whyEmpty(pager))] : [];
  return [titleLine(title, state.columns, theme), ...pages, ...rows.map(({ text }) => text), ...nothing];
}

function whyEmpty({ filter, since, until, running }: PagerState): string {
  if (filter) return "no line is let through: Esc ends the filter";
  if (since !== undefined || until !== undefined) return "nothing was written in that time";
  return running ? "nothing written yet" : "nothing was written";
}

/** Lines that are counted; more are only said to be more. */
const mostCounted = 1000;

/** How many lines have come since. */
function heldBack(source: LineSource, pausedAt: number): string {
  let count = 0;
  for (let at = pausedAt; at < source.end && count < mostCounted; at = source.next(at)) count++;
  return count < mostCounted ? String(count) : `${mostCounted} and`;
}

/** Where the terminal's own cursor stands: in the prompt, or in the pane that has the keyboard. */
function cursorPlace(state: AppState, layout: Layout, theme: Theme): { x: number; y: number } | undefined {
  if (state.confirm || state.menu) return undefined;
  if (state.form) return formBox(state.form, state.columns, state.rows, theme).cursor;
  const prompt = promptLine(state, theme);
  if (prompt) return { x: prompt.cursor, y: state.rows - 2 };
  const pane = state.view === "panes" && !state.help ? state.panes[state.pane] : undefined;
  const rect = pane && paneRects(state)[state.pane];
  const cursor = pane?.draw().cursor;
  if (!rect || !cursor) return undefined;
  const y = rect.y + 1 + cursor.y - firstRow(pane, rect);
  return { x: rect.x + cursor.x, y: Math.min(y, layout.paneArea.y + layout.paneArea.height - 1) };
}
