/** The `key=value` arguments that ENV and LABEL share. */
import type { Statement } from "../statement.ts";
import type { KeyValue } from "../types.ts";
import { atLeastOne, type Expander } from "./instruction.ts";

export function parsePairs(statement: Statement): KeyValue[] {
  const args = atLeastOne(statement);
  const pairs: KeyValue[] = [];
  for (let at = 0; at < args.length; at += 2) {
    if (args[at] === "") statement.fail(`${statement.keyword.text.toUpperCase()} names can not be blank`, statement.args[at]);
    pairs.push({ key: args[at]!, value: args[at + 1]!, legacy: statement.legacy });
  }
  return pairs;
}

/** Every pair sees the variables as they were before the instruction. */
export function expandPairs(pairs: KeyValue[], expander: Expander): KeyValue[] {
  return pairs.map(({ key, value, legacy }) => ({ key: expander.word(key), value: expander.word(value), legacy }));
}
