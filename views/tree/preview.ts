/** A piece of a file as lines: its text, or its bytes in hexadecimal as xxd(1) has them. Pure. */

/** Bytes of a line in hexadecimal: as many of these as have room, with their text behind them. */
const perLine = [16, 8, 4] as const;

/** No text has NUL bytes; a piece may begin and end in the middle of a character. */
export function looksBinary(data: Uint8Array): boolean {
  return data.subarray(0, 8192).includes(0);
}

/** @param offset of the first byte in the file */
function hexLine(bytes: readonly number[], offset: number, count: number): string {
  const hex = Array.from({ length: count }, (_, place) => bytes[place]?.toString(16).padStart(2, "0") ?? "  ");
  const halves = [hex.slice(0, 8), hex.slice(8)].filter((half) => half.length > 0).map((half) => half.join(" "));
  const text = bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
  return [offset.toString(16).padStart(8, "0"), ...halves, text].join("  ");
}

/** Cells of a line of so many bytes. */
const cells = (count: number): number => hexLine(Array<number>(count).fill(0), 0, count).length;

function hexLines(data: Uint8Array, offset: number, width: number): string[] {
  const count = perLine.find((each) => cells(each) <= width) ?? perLine.at(-1)!;
  const lines = Math.ceil(data.length / count);
  return Array.from({ length: lines }, (_, at) => hexLine([...data.subarray(at * count, (at + 1) * count)], offset + at * count, count));
}

/** @param width cells that there are for a line of bytes */
export function previewText(data: Uint8Array, offset: number, hex: boolean, width: number): string {
  return hex ? hexLines(data, offset, width).join("\n") : Buffer.from(data).toString("utf8");
}
