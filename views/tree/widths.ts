/** How a tree that has the screen shares it with an image's layers and with the file under its cursor. Pure. */
import type { AppState, TreeState } from "../state.ts";

/** Screens that have room for the layers of an image, and for what a file holds. */
const layersFrom = 100;
const previewFrom = 100;

/** The widths of what stands side by side; 0 for what has no room. */
export function widthsOf({ columns }: AppState, tree: TreeState): { layers: number; tree: number; preview: number } {
  const layers = tree.layers && columns >= layersFrom ? Math.min(50, Math.floor(columns * 0.3)) : 0;
  const rest = columns - layers - (layers > 0 ? 1 : 0);
  const preview = tree.kind === "files" && rest >= previewFrom ? Math.floor(rest * 0.45) : 0;
  return { layers, tree: rest - preview - (preview > 0 ? 1 : 0), preview };
}

/** Cells of a line of the file that shows beside a tree. */
export const previewWidth = (state: AppState): number => (state.tree ? widthsOf(state, state.tree).preview - 1 : 0);
