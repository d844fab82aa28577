/** The open terminals on the screen, each with a title line. */
import { Box } from "ink";
import { fill, truncate } from "../../src/format/cells.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { layoutOf } from "../layout.ts";
import { firstRow, paneRects } from "../panes/panes.ts";
import type { AppState } from "../state.ts";
import type { Theme } from "../theme.ts";
import { titleLine } from "./bottom.ts";
import { Line, OwnLines } from "./line.tsx";

export function PaneView({ state, theme }: { state: AppState; theme: Theme }) {
  const rects = paneRects(state);
  const { paneArea } = layoutOf(state);
  const alive = state.panes.filter(({ ended }) => !ended).length;
  return (
    <Box width={state.columns} height={paneArea.height} flexShrink={0}>
      {state.panes.map((pane, index) => {
        const rect = rects[index];
        if (!rect) return undefined;
        const title = paneTitle(state, index);
        return (
          <Box
            key={pane.id}
            position="absolute"
            left={rect.x}
            top={rect.y - paneArea.y}
            width={rect.width}
            height={rect.height}
            flexDirection="column"
            overflow="hidden"
          >
            <Line
              text={
                state.broadcast && !pane.ended
                  ? theme.paint("match", fill(` TYPING INTO ALL ${alive}  ${title}`, rect.width))
                  : titleLine(title, rect.width, theme, index === state.pane)
              }
            />
            <OwnLines
              lines={pane
                .draw()
                .rows.slice(firstRow(pane, rect))
                .slice(0, rect.height - 1)}
            />
          </Box>
        );
      })}
    </Box>
  );
}

/** Its number, what runs in it, what the program calls it, and where one is in it. */
function paneTitle(state: AppState, index: number): string {
  const pane = state.panes[index]!;
  const { offset, fresh, dropped, selection } = pane.history;
  const isPast = state.scrolling && index === state.pane;
  const notes = [
    pane.rang && "♪",
    pane.programTitle && `· ${truncate(neutraliseLine(pane.programTitle), 40)}`,
    pane.ended && `${pane.ended}: ⏎ closes it`,
    isPast && "past",
    isPast && selection.active && `selecting${selection.isRectangle ? " a rectangle" : ""}: y copies`,
    offset > 0 && `scrolled back ${offset}`,
    fresh > 0 && `${fresh} new`,
    (isPast || offset > 0) && dropped > 0 && `${dropped} older lines dropped`,
    state.zoomed && state.panes.length > 1 && "zoomed",
  ];
  return [`${index + 1} ${pane.title}`, ...notes.filter(Boolean)].join("  ");
}
