/**
 * How wide an emulated terminal takes characters: as src/format/cells.ts measures them, which Ink does, too. A row of a pane is then as
 * wide for whoever draws it as it is for the program. What joins with what is xterm's knowledge (its addon for graphemes).
 */
import type { IUnicodeVersionProvider, Terminal } from "@xterm/headless";
import { codePointWidth } from "../../src/format/cells.ts";

interface Provider extends IUnicodeVersionProvider {
  /** @param preceding properties of what stands before @returns bit 0: joins it; bits 1, 2: width of both; above: what may follow */
  charProperties(codePoint: number, preceding: number): number;
}

const latin = 0x7f;
const emojiStyle = 0xfe0f;
const joined = 1;
const widthBits = 6;
const vowelOrTail = /^[\u1160-\u11ff\ud7b0-\ud7fb]$/;

/** What makes a terminal measure as everything else here does. */
export async function loadCellWidths(): Promise<(terminal: Terminal) => void> {
  const graphemes = await loadGraphemes();
  return (terminal) => {
    const provider = new CellWidths(graphemes);
    terminal.unicode.register(provider);
    terminal.unicode.activeVersion = provider.version;
  };
}

class CellWidths implements Provider {
  readonly version = "cells";
  readonly #graphemes: Provider;
  /** The code point before, for what depends on more than its properties. */
  #last = 0;

  constructor(graphemes: Provider) {
    this.#graphemes = graphemes;
  }

  wcwidth(codePoint: number): 0 | 1 | 2 {
    return codePointWidth(codePoint);
  }

  charProperties(codePoint: number, preceding: number): number {
    const last = this.#last;
    this.#last = codePoint;
    const together = this.#graphemes.charProperties(codePoint, preceding);
    if (codePoint < latin) return together;
    if (together & joined && joins(codePoint, last)) {
      const before = (preceding & widthBits) >> 1;
      return codePoint === emojiStyle && !/\p{Emoji}/u.test(String.fromCodePoint(last)) ? withWidth(together, before) : together;
    }
    // At the start of a line a mark stands for itself.
    return withWidth(this.#graphemes.charProperties(codePoint, 0), Math.max(1, codePointWidth(codePoint)));
  }
}

/** Letters, vowel signs and half-width marks of one grapheme take a cell each on most terminals; a cell holds what takes none. */
function joins(codePoint: number, last: number): boolean {
  if (codePointWidth(codePoint) === 0) return true;
  const text = String.fromCodePoint(codePoint);
  if (/\p{Emoji_Modifier}/u.test(text)) return /\p{Extended_Pictographic}\ufe0f?$/u.test(String.fromCodePoint(last)) || last === emojiStyle;
  return /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text) || vowelOrTail.test(text);
}

const withWidth = (properties: number, width: number) => (properties & ~(widthBits | joined)) | (width << 1) | (properties & joined);

/** The addon's own provider, which it would register. */
async function loadGraphemes(): Promise<Provider> {
  const Addon = await loadAddon();
  const providers: Provider[] = [];
  const unicode = { register: (provider: Provider) => void providers.push(provider), activeVersion: "", versions: [] };
  new Addon().activate({ unicode } as unknown as Terminal);
  return providers.at(-1)!;
}

/**
 * The addon unpacks its table from a Buffer and reads the head of it from the start of the memory behind it. That is another
 * Buffer's when Node cuts small ones from a common pool: "Data error", or widths that are wrong. Without a pool it is its own.
 */
async function loadAddon(): Promise<new () => { activate(terminal: Terminal): void }> {
  const { poolSize } = Buffer;
  Buffer.poolSize = 0;
  try {
    const { default: graphemes } = await import("@xterm/addon-unicode-graphemes");
    return graphemes.UnicodeGraphemesAddon as unknown as new () => { activate(terminal: Terminal): void };
  } finally {
    Buffer.poolSize = poolSize;
  }
}
