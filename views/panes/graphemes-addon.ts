/** xterm's table of character widths, loaded in the one way that gives the right one. */
import type { ITerminalAddon } from "@xterm/headless";

/**
 * The addon unpacks its table from a Buffer and reads the head of it from the start of the memory behind it. That is another
 * Buffer's when Node cuts small ones from a common pool: "Data error", or widths that are wrong. Without a pool it is its own.
 */
export async function loadGraphemesAddon(): Promise<new () => ITerminalAddon> {
  const { poolSize } = Buffer;
  Buffer.poolSize = 0;
  try {
    const { default: graphemes } = await import("@xterm/addon-unicode-graphemes");
    return graphemes.UnicodeGraphemesAddon as unknown as new () => ITerminalAddon;
  } finally {
    Buffer.poolSize = poolSize;
  }
}
