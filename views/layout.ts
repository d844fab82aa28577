/** Where things are on the screen, in cells. Pure arithmetic, so that drawing, scrolling and the mouse agree. */
import type { AppState } from "./state.ts";

export const smallest = { columns: 40, rows: 10 };
/** From this width on, a detail pane stands beside the list. */
const wide = 110;
const maxDetail = 76;
/** Of the screen: a list has three fifths of it, which shows what matters of containers on 120 columns. */
const share = 0.392;

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  tooSmall: boolean;
  /** Rows between the two top lines and the bottom lines. */
  bodyRows: number;
  listWidth: number;
  /** Rows of the list without its header. */
  listRows: number;
  /** 0 when there is no room for it. */
  detailWidth: number;
  /** Rows of the titles of an object's pages, above the one that has the screen. */
  pageRows: number;
  pagerRows: number;
  /** The rows of a tree, below its heading: on all of the screen, or in the place of the details. */
  tree: Rect;
  /** Rows of notes and candidates above the bottom lines. */
  noteRows: number;
  paneArea: Rect;
}

type Shape = Pick<AppState, "columns" | "rows" | "toasts" | "prompt" | "view" | "pager" | "tree">;

/** Has an object's page the screen, which has others beside it? */
const isPage = ({ view, pager, tree }: Shape): boolean =>
  view === "tree" ? tree !== undefined : view === "pager" && pager?.kind === "details" && pager.page !== undefined;

/** Lines of the notes (the newest last) that fit. */
export function noteLines(
  state: Pick<AppState, "toasts" | "rows">,
): { tone: AppState["toasts"][number]["tone"]; text: string; first: boolean }[] {
  const lines = state.toasts.flatMap((toast) => toast.lines.map((text, index) => ({ tone: toast.tone, text, first: index === 0 })));
  return lines.slice(-Math.max(1, Math.floor(state.rows / 4)));
}

export function layoutOf(state: Shape): Layout {
  const { columns, rows } = state;
  const candidates = state.prompt && state.prompt.candidates.length > 0 ? 1 : 0;
  const noteRows = noteLines(state).length + candidates;
  const bodyRows = Math.max(1, rows - 4 - noteRows);
  const detailWidth = columns >= wide ? Math.min(maxDetail, Math.floor(columns * share)) : 0;
  const listWidth = detailWidth > 0 ? columns - detailWidth - 1 : columns;
  const pageRows = isPage(state) ? 1 : 0;
  const isBeside = state.tree?.isBeside === true && detailWidth > 0;
  const paneRows = rows - 2 - noteRows - (state.prompt ? 1 : 0);
  return {
    tooSmall: columns < smallest.columns || rows < smallest.rows,
    bodyRows,
    listWidth,
    listRows: Math.max(1, bodyRows - 1),
    detailWidth,
    pageRows,
    pagerRows: Math.max(1, bodyRows - pageRows),
    tree: {
      x: isBeside ? listWidth + 2 : 0,
      y: isBeside ? 4 : 3 + pageRows,
      width: isBeside ? detailWidth - 2 : columns,
      height: Math.max(1, bodyRows - (isBeside ? 2 : 1 + pageRows)),
    },
    noteRows,
    paneArea: { x: 0, y: 1, width: columns, height: Math.max(2, paneRows) },
  };
}

/**
 * Splits the area among panes, or gives it to the one that has the keyboard. Side by side when both stay at least 80
 * wide, else one above the other; more than two make a grid.
 */
export function tile(count: number, area: Rect, focused: number, zoomed: boolean): (Rect | undefined)[] {
  if (count === 0) return [];
  if (zoomed || count === 1 || area.height < 4 * count)
    return Array.from({ length: count }, (_, index) => (index === focused ? area : undefined));
  const across = area.width >= 161 ? 2 : 1;
  const down = Math.ceil(count / across);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / across);
    const alone = across === 1 || (row === down - 1 && count % across === 1);
    const half = Math.floor((area.width - 1) / 2);
    const left = !alone && index % across === 1;
    const y = Math.floor((row * area.height) / down);
    const bottom = Math.floor(((row + 1) * area.height) / down);
    const width = alone ? area.width : left ? area.width - half - 1 : half;
    return { x: area.x + (left ? half + 1 : 0), y: area.y + y, width, height: bottom - y };
  });
}
