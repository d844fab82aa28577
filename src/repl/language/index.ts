/** The language: words, statements and what stands in them, all of it pure. */
export { type Amount, amountOf } from "./amount.ts";
export { calculate, variablesOf } from "./arithmetic.ts";
export { groupsOf, namesBoundBy, terminalsOf } from "./bound-names.ts";
export { joinWords } from "./command-line.ts";
export { holds, waitConditions } from "./condition.ts";
export { applyFilter, type Filter, fieldOf, filterNames, wordsOf } from "./filters.ts";
export { isAddress, type methods, type Request, readRequest } from "./http-request.ts";
export { insteadOf } from "./instead.ts";
export { parse } from "./parse.ts";
export { isValue } from "./parse-check.ts";
export { type Plumbing, plumbed, type Stage } from "./plumbing.ts";
export { isProgramName } from "./program-name.ts";
export { hiddenWords, secretName, secretTexts, withoutSecrets } from "./secrets.ts";
export {
  bare,
  type Case,
  type Expect,
  type ExpectCases,
  type ExpectScreen,
  type ExpectSession,
  type Items,
  type Kind,
  keywords,
  type Line,
  type Located,
  type Of,
  type Option,
  options,
  type Parsed,
  type Test,
} from "./statement.ts";
export { Foreseen, follow, idOf, itemsOf, Phrase, pathSteps, textOf } from "./value.ts";
export { isLiteral, lex, literal, locate, type Statement, syntaxError, type Word, type WordPart } from "./words.ts";
