/** YAML as docker compose writes it: blocks indented by two, quotes only where a text could be read as something else. Pure. */
import { isAmbiguous } from "../source/scalars.ts";
import type { Ordered } from "./ordered.ts";

export function printYaml(value: Ordered): string {
  written.clear();
  return `${block(value, 0).replace(/^\n/, "").replace(/^ /, "")}\n`;
}

/** What stands behind "name:" or "-", with the space or the line end before it. */
function block(value: Ordered, depth: number): string {
  if (value === null || typeof value !== "object") return ` ${scalar(value, depth)}`;
  const margin = "  ".repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return " []";
    return value.map((each) => `\n${margin}-${item(each, depth)}`).join("");
  }
  if (value.size === 0) return " {}";
  return [...value].map(([name, each]) => `\n${margin}${key(name)}:${block(each, depth + 1)}`).join("");
}

/** A mapping or a list in a list begins on its item's line. */
function item(value: Ordered, depth: number): string {
  const text = block(value, depth + 1);
  return text.startsWith("\n") ? ` ${text.slice(1).trimStart()}` : text;
}

function scalar(value: string | number | boolean | null, depth: number): string {
  if (typeof value === "number") return number(value);
  if (typeof value !== "string") return String(value);
  if (value.includes("\n")) return literal(value, depth) ?? doubleQuoted(value);
  return inLine(value);
}

function key(name: string): string {
  return name.includes("\n") || name === "<<" ? doubleQuoted(name) : inLine(name);
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return ".inf";
  if (value === Number.NEGATIVE_INFINITY) return "-.inf";
  return Number.isNaN(value) ? ".nan" : String(value);
}

/** YAML 1.1's booleans, numbers to the base of 60 and dates: other readers would take them for such. */
const ambiguous = /^([yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?|\d{4}-\d\d?-\d\d?([Tt\s].*)?)$/;

/** Texts of this document and how they stand in a line: names and values of services are the same again and again. */
const written = new Map<string, string>();

function inLine(text: string): string {
  const known = written.get(text);
  if (known !== undefined) return known;
  const shown = quotedAsNeeded(text);
  written.set(text, shown);
  return shown;
}

/** What would not be read as a text: it begins like something else, or holds the end of a name or the beginning of a comment. */
const indicator = /^(?:[#,[\]{}&*!|>'"%@`]|[?:-](?: |$)|---|\.\.\.)|:(?: |$)| #/;

function quotedAsNeeded(text: string): string {
  if (ambiguous.test(text) || isAmbiguous(text) || needsEscapes(text)) return doubleQuoted(text);
  return !indicator.test(text) && text.trim() === text ? text : `'${text.replaceAll("'", "''")}'`;
}

/** Control characters, what is no character at all, and what would reorder text on a terminal. */
const unprintable =
  /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

function needsEscapes(text: string): boolean {
  return unprintable.test(text);
}

const escapeNames: Record<string, string> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
};
const escapable = new RegExp(`["\\\\\n]|${unprintable.source}`, "gu");

function doubleQuoted(text: string): string {
  const escaped = text.replace(escapable, (letter) => {
    const name = escapeNames[letter];
    if (name !== undefined) return `\\${name}`;
    const code = letter.codePointAt(0)!.toString(16).toUpperCase();
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}

/** Lines as they are; undefined where spaces at their ends, or signs that need escapes, would not survive. */
function literal(text: string, depth: number): string | undefined {
  if (/ (\n|$)/.test(text) || needsEscapes(text.replaceAll("\t", ""))) return undefined;
  const indent = /^[ \n]/.test(text) ? "2" : "";
  const chomp = text.endsWith("\n") ? (/(^|\n)\n$/.test(text) ? "+" : "") : "-";
  const margin = "  ".repeat(Math.max(depth, 1));
  const lines = text.replace(/\n$/, "").split("\n");
  return `|${indent}${chomp}${lines.map((line) => (line === "" ? "\n" : `\n${margin}${line}`)).join("")}`;
}
