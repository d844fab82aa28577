/**
 * What a plain scalar of YAML means: YAML 1.2's core schema, with what docker compose takes from 1.1 (octal 0644, 0b1010, 1_000). yes,
 * no, on and off are texts, as in 1.2. Pure.
 */

const constants = new Map<string, unknown>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
]);

const integer = /^([+-]?)(0x[0-9a-f]+|0b[01]+|0o?[0-7]+|[1-9]\d*|0)$/i;
const fraction = /^[+-]?(\.\d+|\d+(\.\d*)?)(e[+-]?\d+)?$/i;

/**
 * null, a boolean, a number or the text itself. An integer too large for a number stays its digits: none of them is lost. A fraction that Go
 * writes with an exponent is that text already: as a number it could not be told from an integer any more.
 */
export function plainScalar(text: string): unknown {
  const constant = constants.get(text);
  if (constant !== undefined) return constant;
  if (!/^[+-.\d]/.test(text)) return text;
  return numberOf(text.startsWith(".") ? text : text.replaceAll("_", "")) ?? text;
}

/** Whether a plain scalar of this text means something else than the text. */
export function isAmbiguous(text: string): boolean {
  return constants.has(text) || (/^[+-.\d]/.test(text) && numberOf(text.replaceAll("_", "")) !== undefined);
}

function numberOf(text: string): number | string | undefined {
  const whole = integer.exec(text);
  if (whole) return wholeNumber(whole[1]!, whole[2]!.toLowerCase());
  return fraction.test(text) ? float(Number(text)) : undefined;
}

function wholeNumber(sign: string, digits: string): number | string {
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits) * (sign === "-" ? -1n : 1n);
  if (value >= 1n << 64n || value < -(1n << 63n)) return float(Number(value));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}

function float(value: number): number | string {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(size) || (size >= 1e-4 && size < 1e6)) return value;
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
