/**
 * Function keys on their way through Ink, which knows them and tells nobody: each goes as a private character, which keys.ts
 * names. Pure.
 */

/** What terminals send for them: xterm's, the older VT220 form of the first four, the Linux console's of the first five. */
const sequence = /\x1bO([PQRS])|\x1b\[(1[1-5]|1[7-9]|2[0134])~|\x1b\[\[([A-E])/g;
const codes = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24];

/** The character of F1; the others follow. */
const first = 0xe0d1;

/** Of bytes as latin1. */
export function withFunctionKeys(bytes: string): string {
  return bytes.replace(sequence, (_, xterm?: string, code?: string, linux?: string) => {
    const number = xterm ? "PQRS".indexOf(xterm) : code ? codes.indexOf(Number(code)) : "ABCDE".indexOf(linux!);
    return Buffer.from(String.fromCharCode(first + number)).toString("latin1");
  });
}

/** "f1" for its character; undefined for any other. */
export function functionKey(character: string): string | undefined {
  const number = character.charCodeAt(0) - first;
  return number >= 0 && number < codes.length ? `f${number + 1}` : undefined;
}
