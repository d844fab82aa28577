/**
 * What stands before the text of log lines, and is the same for many that follow each other: as numbers of 8 bytes, it is
 * written or compared in a few steps instead of one for each of its 40 bytes. They are floating point, which V8 and
 * JavaScriptCore store without a call; text is never a NaN, and stays what it is.
 */

const wordSize = 8;

export class Head {
  length = 0;
  #words = new Float64Array(0);

  /** The head at a place becomes this one. @param length at least 8 bytes */
  take(view: DataView, at: number, length: number): void {
    const count = Math.ceil(length / wordSize);
    if (this.#words.length !== count) this.#words = new Float64Array(count);
    this.length = length;
    for (let word = 0; word < count - 1; word++) this.#words[word] = view.getFloat64(at + word * wordSize, true);
    // The last word overlaps the one before, so that it does not reach into the text.
    this.#words[count - 1] = view.getFloat64(at + length - wordSize, true);
  }

  /** Is it the one at a place? */
  isAt(view: DataView, at: number): boolean {
    const words = this.#words;
    const last = words.length - 1;
    if (this.length === 0 || at + this.length > view.byteLength) return false;
    for (let word = 0; word < last; word++) if (view.getFloat64(at + word * wordSize, true) !== words[word]) return false;
    return view.getFloat64(at + this.length - wordSize, true) === words[last];
  }

  write(view: DataView, at: number): void {
    const words = this.#words;
    const last = words.length - 1;
    for (let word = 0; word < last; word++) view.setFloat64(at + word * wordSize, words[word]!, true);
    view.setFloat64(at + this.length - wordSize, words[last]!, true);
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
