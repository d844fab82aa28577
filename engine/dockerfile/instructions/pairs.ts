/** The `key=value` arguments that ENV and LABEL share. */
import type { Statement } from "../statement.ts";
import { splitKeyword, splitQuoted } from "../words.ts";
import { atLeastOne, type Expander } from "./instruction.ts";

export interface KeyValue {
  key: string;
  value: string;
  /** The legacy `ENV key value` form without "=". */
  legacy: boolean;
}

/** The shape: quoted words of the form name=value, or the legacy `name value`. Arguments are key, value, key, value, … */
export function pairs(statement: Statement, escapeToken: string): void {
  const words = splitQuoted(statement.rest, escapeToken);
  if (words.length === 0) return;
  if (!words[0]!.text.includes("=")) {
    const { keyword: key, rest: value } = splitKeyword(statement.rest);
    if (value.text === "")
      statement.fail(`${statement.keyword.text.toUpperCase()} must have two arguments`, key, { hint: `write ${key.text}=VALUE` });
    statement.legacy = true;
    statement.args = [key, value];
    return;
  }
  for (const word of words) {
    const at = word.text.indexOf("=");
    if (at === -1) {
      const hint = "quote a value that has blanks in it";
      statement.fail(`Syntax error - can't find = in ${JSON.stringify(word.text)}. Must be of the form: name=value`, word, { hint });
    }
    statement.args.push(
      { text: word.text.slice(0, at), offset: word.offset },
      { text: word.text.slice(at + 1), offset: word.offset + at + 1 },
    );
  }
}

export function parsePairs(statement: Statement): KeyValue[] {
  const args = atLeastOne(statement);
  const found: KeyValue[] = [];
  for (let at = 0; at < args.length; at += 2) {
    if (args[at] === "") statement.fail(`${statement.keyword.text.toUpperCase()} names can not be blank`, statement.args[at]);
    found.push({ key: args[at]!, value: args[at + 1]!, legacy: statement.legacy });
  }
  return found;
}

/** Every pair sees the variables as they were before the instruction. */
export function expandPairs(pairs: KeyValue[], expander: Expander): KeyValue[] {
  return pairs.map(({ key, value, legacy }) => ({ key: expander.word(key), value: expander.word(value), legacy }));
}

/** As the image's history shows them. */
export const historyOf = (pairs: readonly KeyValue[]) => pairs.map(({ key, value }) => `${key}=${value}`).join(" ");
