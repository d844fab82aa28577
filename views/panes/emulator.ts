/**
 * The emulated terminal (xterm.js without a browser), and the little of its inside that its interface does not offer: which lines
 * it drops, how a cell is underlined, where a link leads. All knowledge of that inside is here.
 */
import type { Terminal as Emulator, IBufferCell } from "@xterm/headless";
import { loadCellWidths } from "./cell-widths.ts";

export type { IBufferCell, IMarker, Terminal as Emulator } from "@xterm/headless";

interface Inside {
  _core: {
    _bufferService: { buffers: { normal: { lines: { onTrim(listener: (count: number) => void): void } } } };
    _oscLinkService: { getLinkData(id: number): { uri: string } | undefined };
  };
}

interface InsideOfCell extends IBufferCell {
  /** Asked for its style, a link says that of links; the program's own is in the bits. */
  extended: { _ext: number; urlId: number };
  getUnderlineColor(): number;
  isUnderlineColorDefault(): boolean;
  isUnderlineColorRGB(): boolean;
}

/** Loads it (a megabyte of code) when the first terminal opens. */
export async function createEmulator(size: { columns: number; rows: number; scrollback: number; answers: boolean }): Promise<Emulator> {
  const [{ default: xterm }, setWidths] = await Promise.all([import("@xterm/headless"), loadCellWidths()]);
  const emulator = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    scrollback: size.scrollback,
    allowProposedApi: true,
    logLevel: "off",
    windowOptions: { getWinSizeChars: size.answers },
  });
  setWidths(emulator);
  return emulator;
}

/** Tells of lines that leave the top of what is kept. */
export function onDropped(emulator: Emulator, listener: (count: number) => void): void {
  (emulator as unknown as Inside)._core._bufferService.buffers.normal.lines.onTrim(listener);
}

/** The link that a cell is part of: a number for all its pieces, and its address. */
export function linkOf(emulator: Emulator, cell: IBufferCell): { id: number; address: string } | undefined {
  const id = (cell as InsideOfCell).extended.urlId;
  const link = id > 0 ? (emulator as unknown as Inside)._core._oscLinkService.getLinkData(id) : undefined;
  return link && { id, address: link.uri };
}

/** As SGR 4:n counts, 0 for none; `colour` is a number as of the cell's colours, undefined for that of the text. */
export function underlineOf(cell: IBufferCell): { kind: number; colour: number | undefined; rgb: boolean } {
  const inside = cell as InsideOfCell;
  const kind = cell.isUnderline() ? (inside.extended._ext >> 26) & 7 : 0;
  const isDefault = kind === 0 || inside.isUnderlineColorDefault();
  return { kind, colour: isDefault ? undefined : inside.getUnderlineColor(), rgb: inside.isUnderlineColorRGB() };
}
