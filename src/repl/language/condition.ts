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
export function holds(
  actual: unknown,
  operator: Operator,
  wanted: string,
  choices = wanted.split(",").map((each) => each.trim()),
): boolean {
  const text = textOf(actual);
  const numbers = [amountOf(text), amountOf(wanted)] as const;
  const areNumbers = numbers[0] !== undefined && numbers[1] !== undefined;
  const order = areNumbers ? compareAmounts(numbers[0]!, numbers[1]!) : text < wanted ? -1 : text > wanted ? 1 : 0;
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
    case "contains":
      return Array.isArray(actual) ? actual.some((item) => textOf(item) === wanted) || text.includes(wanted) : text.includes(wanted);
    case "matches":
      return new RegExp(wanted.replace(/^\/(.*)\/$/s, "$1"), "m").test(text);
    case "in":
      return choices.includes(text);
  }
}
