// Rows of Ink's output, remembered: between two frames most rows of the screen are the same, and putting one together cell by cell
// is most of what a frame costs. Goes into the bundle by ink-memo.mjs.
import { styledCharsToString } from "@alcalzone/ansi-tokenize";

/** Rows remembered; a screen has a hundred. */
const bound = 500;
const rows = new Map();
/** Cells are never changed in place, so that all of these may be one. */
const blank = Object.freeze({ type: "char", value: " ", fullWidth: false, styles: [] });
/** A transformer that is another one may do something else. */
const numbers = new WeakMap();
let last = 0;

function numberOf(transformer) {
  if (!numbers.has(transformer)) numbers.set(transformer, ++last);
  return numbers.get(transformer);
}

/** The rows of a text, each with the styles that it begins in. */
function linesOf(text, caches) {
  if (!text.includes("\n")) return [text];
  const lines = [[]];
  for (const character of caches.getStyledChars(text))
    if (character.value === "\n") lines.push([]);
    else lines.at(-1).push(character);
  return lines.map((line) => styledCharsToString(line));
}

/**
 * The rows of a frame. Transformers must not depend on the row, as those of <Text> do not.
 * @param output Ink's, with its operations @param intersect of two clips
 */
export function rowsOf(output, intersect) {
  const written = Array.from({ length: output.height }, () => ({ key: "", operations: [] }));
  const clips = [];
  for (const operation of output.operations) {
    if (operation.type === "clip") clips.push(intersect(clips.at(-1), operation.clip));
    else if (operation.type === "unclip") clips.pop();
    else
      for (const [at, text] of linesOf(operation.text, output.caches).entries()) {
        const y = operation.y + at;
        note(written[y], { ...operation, y, text }, clips.at(-1));
      }
  }
  return written.map((row) => textOf(row, output)).join("\n");
}

/** Nothing of it where the row is outside. */
function note(row, operation, clip) {
  const { x, y, text, transformers } = operation;
  if (!row || y < (clip?.y1 ?? y) || y >= (clip?.y2 ?? y + 1)) return;
  row.key += `${x} ${clip?.x1} ${clip?.x2} ${transformers.map(numberOf)} ${text}\0`;
  row.operations.push({ operation, clip });
}

function textOf({ key, operations }, output) {
  const known = rows.get(key);
  if (known !== undefined) return known;
  const cells = Array(output.width).fill(blank);
  for (const { operation, clip } of operations) output.applyWriteOperation({ [operation.y]: cells }, operation, clip);
  const text = styledCharsToString(cells.filter((cell) => cell !== undefined)).trimEnd();
  if (rows.size >= bound) rows.clear();
  rows.set(key, text);
  return text;
}
