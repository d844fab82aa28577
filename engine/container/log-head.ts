/**
 * What stands before the text of log lines, and is the same for many that follow each other: as numbers of 8 bytes, it is
 * written or compared in a few steps instead of one for each of its 40 bytes. They are floating point, which V8 and
 * JavaScriptCore store without a call; text is never a NaN, and stays what it is.
 */

const wordSize = 8;

export class Head {
  length = 0;
  readonly #words: number[] = [];

  /** The head at a place becomes this one. @param length at least 8 bytes */
  take(view: DataView, at: number, length: number): void {
    this.length = length;
    this.#words.length = 0;
    // The last word overlaps the one before, so that none reaches into the text.
    for (let from = 0; from + wordSize < length; from += wordSize) this.#words.push(view.getFloat64(at + from));
    this.#words.push(view.getFloat64(at + length - wordSize));
  }

  /** Is it the one at a place? */
  isAt(view: DataView, at: number): boolean {
    if (this.length === 0 || at + this.length > view.byteLength) return false;
    const last = this.#words.length - 1;
    for (let word = 0; word < last; word++) if (view.getFloat64(at + word * wordSize) !== this.#words[word]) return false;
    return view.getFloat64(at + this.length - wordSize) === this.#words[last];
  }

  write(view: DataView, at: number): void {
    const last = this.#words.length - 1;
    for (let word = 0; word < last; word++) view.setFloat64(at + word * wordSize, this.#words[word]!);
    view.setFloat64(at + this.length - wordSize, this.#words[last]!);
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
