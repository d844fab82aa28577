/**
 * Graphemes. Making the first Intl.Segmenter takes 10 ms, the pattern of emoji sequences 15 ms and as much again when it is
 * first used: the first frame, of box drawing and plain text, does without. The bundle gives this to Ink and its libraries too.
 */

/** Beside ASCII: characters that are graphemes of one cell each, beside whichever others of these. */
const single = "\\xa1-\\xac\\xae-\\u02ff\\u2010-\\u2027\\u2190-\\u22ff\\u23ce\\u2500-\\u25fc\\u2713\\u2715\\u2717\\u2800-\\u28ff";
/** Text of such characters: as many cells as it is long. */
export const plain = new RegExp(`^[\\x20-\\x7e${single}]*$`);
/** And control characters, which are graphemes too, but for CR LF. */
const separate = new RegExp(`^[\\x00-\\x0c\\x0e-\\x7e${single}]*$`);

const presented = /^(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}$/u;
let sequences: RegExp | undefined;

/** Is the grapheme an emoji of two cells (RGI_Emoji of UTS #51)? */
export function isEmoji(grapheme: string): boolean {
  const isOne = grapheme.length === 1 || (grapheme.length === 2 && grapheme.codePointAt(0)! > 0xffff);
  return isOne ? presented.test(grapheme) : (sequences ??= /^\p{RGI_Emoji}$/v).test(grapheme);
}

/** What Intl.Segmenter does for graphemes. */
export class Segmenter {
  #locale: string | undefined;
  #full: Intl.Segmenter | undefined;

  constructor(locale?: string) {
    this.#locale = locale;
  }

  segment(text: string): Intl.Segments {
    if (separate.test(text)) return new Separate(text);
    // Not by its short name, which the bundle replaces.
    this.#full ??= new globalThis.Intl.Segmenter(this.#locale, { granularity: "grapheme" });
    return this.#full.segment(text);
  }
}

class Separate implements Intl.Segments {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  containing(index = 0): Intl.SegmentData | undefined {
    return index < 0 || index >= this.#text.length ? undefined : this.#at(Math.trunc(index));
  }

  *[Symbol.iterator](): Generator<Intl.SegmentData, undefined> {
    for (let index = 0; index < this.#text.length; index++) yield this.#at(index);
  }

  #at(index: number): Intl.SegmentData {
    return { segment: this.#text[index]!, index, input: this.#text };
  }
}
