/** The open terminals on the screen, each with a title line. */
import { Box } from "ink";
import { layoutOf } from "../layout.ts";
import { firstRow, paneRects } from "../panes/panes.ts";
import type { AppState } from "../state.ts";
import type { Theme } from "../theme.ts";
import { titleLine } from "./bottom.ts";
import { Line, Lines } from "./line.tsx";

export function PaneView({ state, theme }: { state: AppState; theme: Theme }) {
  const rects = paneRects(state);
  const { paneArea } = layoutOf(state);
  return (
    <Box width={state.columns} height={paneArea.height} flexShrink={0}>
      {state.panes.map((pane, index) => {
        const rect = rects[index];
        if (!rect) return undefined;
        const notes = [
          pane.ended && `${pane.ended}: ⏎ closes it`,
          pane.offset > 0 && `scrolled back ${pane.offset}`,
          pane.fresh > 0 && `${pane.fresh} new`,
          state.zoomed && state.panes.length > 1 && "zoomed",
        ];
        const title = [`${index + 1} ${pane.title}`, ...notes.filter(Boolean)].join("  ");
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
            <Line text={titleLine(title, rect.width, theme, index === state.pane)} />
            <Lines
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
