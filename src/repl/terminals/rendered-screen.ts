/** The screen behind a spawned command's terminal, for expectations on what a person would see. Loaded when one is asked for. */

export interface RenderedScreen {
  write(chunk: Uint8Array): void;
  resize(columns: number, rows: number): void;
  /** Its rows, without blanks at their ends, when all that was written is on it. */
  lines(): Promise<string[]>;
}

/** A screen of a size, on which some output is already. */
export async function openScreen({ columns, rows }: { columns: number; rows: number }, written: Uint8Array): Promise<RenderedScreen> {
  const { default: xterm } = await import("@xterm/headless");
  const emulator = new xterm.Terminal({ cols: columns, rows, scrollback: 0, allowProposedApi: true });
  const screen: RenderedScreen = {
    write: (chunk) => emulator.write(chunk),
    resize: (width, height) => emulator.resize(width, height),
    async lines() {
      await new Promise<void>((shown) => emulator.write("", shown));
      const { active } = emulator.buffer;
      return Array.from({ length: emulator.rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "");
    },
  };
  screen.write(written);
  return screen;
}
