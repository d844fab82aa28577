/** printf in templates: the verbs of Go's fmt that make sense for plain data. Pure. */
import { goQuote } from "../../../engine/go-quote.ts";
import { isMap, keysOf, kindOf, text } from "./values.ts";

const verb = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([%a-zA-Z])/g;

/** fmt.Sprintf. What does not fit is said in place, as Go does: `%!d(string=x)`. */
export function formatVerbs(format: string, args: readonly unknown[]): string {
  let next = 0;
  const take = () => (next < args.length ? { value: args[next++] } : undefined);
  const result = format.replace(verb, (whole, flags: string, width: string | undefined, precision: string | undefined, letter: string) => {
    if (letter === "%") return "%";
    const wide = width === "*" ? Number(take()?.value) : Number(width ?? 0);
    const precise =
      precision === "*" ? Number(take()?.value) : precision === undefined ? (whole.includes(".") ? 0 : undefined) : Number(precision);
    const arg = take();
    if (!arg) return `%!${letter}(MISSING)`;
    return padded(one(letter, arg.value, flags, precise), wide, flags);
  });
  if (next >= args.length) return result;
  return `${result}%!(EXTRA ${args
    .slice(next)
    .map((arg) => `${kindOf(arg)}=${text(arg)}`)
    .join(", ")})`;
}

function padded(value: string, width: number, flags: string): string {
  const missing = width - [...value].length;
  if (missing <= 0) return value;
  if (flags.includes("-")) return value + " ".repeat(missing);
  if (!flags.includes("0")) return " ".repeat(missing) + value;
  const sign = /^[+-]/.exec(value)?.[0] ?? "";
  return sign + "0".repeat(missing) + value.slice(sign.length);
}

function one(letter: string, value: unknown, flags: string, precision: number | undefined): string {
  const wrong = `%!${letter}(${kindOf(value)}=${text(value)})`;
  const sign = (shown: string) =>
    flags.includes("+") && !shown.startsWith("-") ? `+${shown}` : flags.includes(" ") && !shown.startsWith("-") ? ` ${shown}` : shown;
  const integer = typeof value === "number" && Number.isInteger(value) ? value : undefined;
  const number = typeof value === "number" ? value : undefined;
  switch (letter) {
    case "v":
      return flags.includes("#") ? goSyntax(value) : text(value);
    case "s":
      return typeof value === "number" || typeof value === "boolean" ? wrong : cut(text(value), precision);
    case "q":
      return Array.isArray(value)
        ? `[${value.map((item) => goQuote(text(item))).join(" ")}]`
        : integer === undefined
          ? goQuote(cut(text(value), precision))
          : `'${String.fromCodePoint(integer)}'`;
    case "t":
      return typeof value === "boolean" ? String(value) : wrong;
    case "d":
      return integer === undefined ? wrong : sign(String(integer));
    case "x":
    case "X": {
      const hex =
        integer === undefined ? (typeof value === "string" ? Buffer.from(value).toString("hex") : undefined) : integer.toString(16);
      return hex === undefined ? wrong : letter === "X" ? hex.toUpperCase() : hex;
    }
    case "o":
      return integer === undefined ? wrong : integer.toString(8);
    case "b":
      return integer === undefined ? wrong : integer.toString(2);
    case "c":
      return integer === undefined ? wrong : String.fromCodePoint(integer);
    case "f":
    case "F":
      return number === undefined ? wrong : sign(number.toFixed(precision ?? 6));
    case "e":
      return number === undefined ? wrong : sign(number.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, "e$10$2"));
    case "g":
      return number === undefined
        ? wrong
        : sign(precision === undefined ? String(number) : String(Number(number.toPrecision(precision || 1))));
    case "T":
      return kindOf(value);
    default:
      return wrong;
  }
}

function cut(value: string, precision: number | undefined): string {
  return precision === undefined ? value : [...value].slice(0, precision).join("");
}

/** %#v, near enough to read. */
function goSyntax(value: unknown): string {
  if (isMap(value))
    return `map[string]interface {}{${keysOf(value)
      .map((key) => `${JSON.stringify(key)}:${goSyntax(value[key])}`)
      .join(", ")}}`;
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  return typeof value === "string" ? JSON.stringify(value) : text(value);
}
