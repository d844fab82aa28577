/** The conditions of `expect`: an operator between what a command gave and what was written. Pure. */
import { amountOf, compareAmounts } from "./amount.ts";
import { textOf } from "./value.ts";

const operators = ["==", "!=", "<", "<=", ">", ">=", "contains", "matches", "in"] as const;

export type Operator = (typeof operators)[number];

export function isOperator(word: string): word is Operator {
  return (operators as readonly string[]).includes(word);
}

/** What `wait CONTAINER CONDITION` knows besides port:NUMBER. */
export const waitConditions = ["healthy", "running", "stopped", "removed"] as const;

export function isWaitCondition(word: string): boolean {
  return (waitConditions as readonly string[]).includes(word) || /^port:\d{1,5}$/.test(word);
}

/**
 * A condition on a number compares numbers when both sides are some.
 * @param choices of `in`: the items of a list
 */
export function holds(actual: unknown, operator: Operator, wanted: string, choices?: readonly string[]): boolean {
  const text = textOf(actual);
  switch (operator) {
    case "contains":
      return Array.isArray(actual) ? actual.some((item) => textOf(item) === wanted) || text.includes(wanted) : text.includes(wanted);
    case "matches":
      return new RegExp(wanted.replace(/^\/(.*)\/$/s, "$1"), "m").test(text);
    case "in":
      return (choices ?? wanted.split(",").map((each) => each.trim())).includes(text);
    default:
      return isInOrder(order(text, wanted), operator);
  }
}

function order(text: string, wanted: string): number {
  const one = amountOf(text);
  const other = one === undefined ? undefined : amountOf(wanted);
  if (one !== undefined && other !== undefined) return compareAmounts(one, other);
  return text < wanted ? -1 : text > wanted ? 1 : 0;
}

function isInOrder(order: number, operator: "==" | "!=" | "<" | "<=" | ">" | ">="): boolean {
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}
