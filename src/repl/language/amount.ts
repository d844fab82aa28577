/** Numbers of the language: decimal, and whole ones exact whatever their size (nanoseconds since 1970 need it). Pure. */

/** A bigint only where a number would lose digits. */
export type Amount = number | bigint;

const decimal = /^[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]\d+)?$/;
const largest = 10n ** 100n;

/** The number that a text is; undefined for any other text, as 0x10 or 1e5 may be part of an id. */
export function amountOf(text: string): Amount | undefined {
  const plain = text.trim();
  if (!decimal.test(plain)) return undefined;
  const number = Number(plain);
  return Number.isInteger(number) && !Number.isSafeInteger(number) && /^[+-]?\d+$/.test(plain) ? BigInt(plain) : number;
}

/** Negative, 0 or positive, as for sorting. */
export function compareAmounts(one: Amount, other: Amount): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** One operation. @returns undefined when it is too large for anything */
export function combine(left: Amount, operator: string, right: Amount): Amount | undefined {
  const result = operations[operator]!(Number(left), Number(right));
  const isWhole = operator !== "/" && [left, right].every((each) => typeof each === "bigint" || Number.isInteger(each));
  if (isWhole && ![left, right, result].every(Number.isSafeInteger)) return wholly(left, operator, right);
  return Number.isFinite(result) ? result : undefined;
}

const operations: Record<string, (left: number, right: number) => number> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "//": (left, right) => Math.trunc(left / right),
  "%": (left, right) => left % right,
};

function wholly(left: Amount, operator: string, right: Amount): Amount | undefined {
  const [one, other] = [BigInt(left), BigInt(right)];
  const exact = { "+": () => one + other, "-": () => one - other, "*": () => one * other, "//": () => one / other, "%": () => one % other };
  const result = exact[operator as keyof typeof exact]();
  if (result > largest || result < -largest) return undefined;
  return Number.isSafeInteger(Number(result)) ? Number(result) : result;
}
