/** JSON as docker compose's Go writes it: signs that HTML could mistake are escaped. Pure. */
import type { Ordered } from "./ordered.ts";

/** @param indent spaces of one level; 0 puts all on one line */
export function printJson(value: Ordered, indent: number): string {
  return print(value, indent, "");
}

const escapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

function jsonText(text: string): string {
  return JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (letter) => escapes[letter]!);
}

function print(value: Ordered, indent: number, margin: string): string {
  if (typeof value === "string") return jsonText(value);
  if (value === null || typeof value !== "object") return String(value);
  const inner = margin + " ".repeat(indent);
  const colon = indent ? ": " : ":";
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((each) => print(each, indent, inner))
    : [...value].map(([name, each]) => `${jsonText(name)}${colon}${print(each, indent, inner)}`);
  const [open, close] = isList ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  return indent ? `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}` : `${open}${parts.join(",")}${close}`;
}
