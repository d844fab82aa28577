/** Which words are SPDX license expressions (SPDX 2.3, annex D). Pure. */
import { isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";

/** Names of licenses that are SPDX's, joined by AND, OR and WITH; exceptions are names that look like ones. */
export function isLicenseExpression(text: string): boolean {
  if (text.length > 512) return false;
  const words = text
    .replaceAll(/([()])/g, " $1 ")
    .trim()
    .split(/\s+/);
  const reader = { words, at: 0 };
  return readOr(reader) && reader.at === words.length;
}

interface Reader {
  words: readonly string[];
  at: number;
}

const readOr = (reader: Reader): boolean => readJoined(reader, "OR", (each) => readJoined(each, "AND", readOne));

function readJoined(reader: Reader, by: string, read: (reader: Reader) => boolean): boolean {
  for (;;) {
    if (!read(reader)) return false;
    if (reader.words[reader.at] !== by) return true;
    reader.at++;
  }
}

function readOne(reader: Reader): boolean {
  const word = reader.words[reader.at++] ?? "";
  if (word === "(") return readOr(reader) && reader.words[reader.at++] === ")";
  if (!isSupportedSpdxId(word.replace(/\+$/, ""))) return false;
  if (reader.words[reader.at] !== "WITH") return true;
  reader.at += 2;
  return /^[\w.-]+$/.test(reader.words[reader.at - 1] ?? "");
}
