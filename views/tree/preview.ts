/** A piece of a file as lines: its text, or its bytes in hexadecimal as xxd(1) has them. Pure. */

/** Bytes of a line in hexadecimal. */
const perLine = 16;

/** No text has NUL bytes; a piece may begin and end in the middle of a character. */
export function looksBinary(data: Uint8Array): boolean {
  return data.subarray(0, 8192).includes(0);
}

/** @param offset of the first byte in the file */
function hexLines(data: Uint8Array, offset: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += perLine) {
    const bytes = [...data.subarray(at, at + perLine)];
    const hex = Array.from({ length: perLine }, (_, place) => bytes[place]?.toString(16).padStart(2, "0") ?? "  ");
    const text = bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${(offset + at).toString(16).padStart(8, "0")}  ${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}  ${text}`);
  }
  return lines;
}

export function previewText(data: Uint8Array, offset: number, hex: boolean): string {
  return hex ? hexLines(data, offset).join("\n") : Buffer.from(data).toString("utf8");
}
