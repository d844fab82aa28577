/**
 * What differs from one run to the next without meaning anything (ids, times, ports, addresses, names that nobody chose), and
 * what must not be kept (secrets): a recording holds neither. Pure.
 */
import { generatedName } from "../../../engine/generated-names.ts";
import { secretName } from "../language/index.ts";

const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[ -/]*[0-Z\\^-~])/g;

/** In this order: what a later one looks for may stand within what an earlier one has replaced. */
const substitutes: readonly [RegExp, string][] = [
  [/\bsha256:[0-9a-f]{12,64}\b/g, "<digest>"],
  [/\b[0-9a-f]{64}\b/g, "<id>"],
  [/\b(?=\d*[a-f])[0-9a-f]{12}\b/g, "<id>"],
  [generatedName, "<name>"],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "<mac>"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?(?: [A-Z]{3,4}\b)?/g, "<time>"],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d (?:[A-Z]{3,4} )?\d{4}\b/g, "<time>"],
  [/\b(?:Less than a second|About an? (?:minute|hour)|\d+ (?:second|minute|hour|day|week|month|year)s?)( ago)?\b/g, "<time>$1"],
  [/\b\d\d:\d\d:\d\d(?:\.\d+)?\b/g, "<time>"],
  [/\b\d+(?:\.\d+)?(?:ms|µs|us|ns)\b|\b\d+\.\d+s\b/g, "<time>"],
  // Where the kernel or berth chooses a port: ip(7), net.ipv4.ip_local_port_range.
  [/(?<=[\d\]a-z]:)(?:3[3-9]\d{3}|32[89]\d\d|327[7-9]\d|3276[89]|[4-6]\d{4})(?!\d)/g, "<port>"],
  [/\b(?:10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}\b/g, "<address>"],
];

/** A text as it is compared: without escape sequences, what is volatile by its kind, and columns two blanks apart. */
export function normalised(text: string): string[] {
  let plain = text.replace(escapes, "").replace(/\r+\n/g, "\n");
  for (const [pattern, kind] of substitutes) plain = plain.replace(pattern, kind);
  const lines = plain.split("\n").map((line) => line.replace(/(?<=\S) {2,}/g, "  ").trimEnd());
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The parts of a line that are the same every time. */
export function stableParts(line: string): string[] {
  const [normal = ""] = normalised(line);
  return normal.split(/<(?:digest|id|name|time|mac|port|address)>/);
}

/** NAME=value, "NAME": "value", NAME: value; in the JSON of an environment, too. */
const assignment = /(["']?)([A-Za-z_][\w.-]*)\1(\s*[=:]\s*)(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^\s"',;\\]+))/g;
const pair = /\b([A-Za-z_][\w.-]*)=(?!=|['"]?\$)[^\s"';|&)]+/g;
/** One in quotes, with what blanks are in it. */
const quotedPair = /(["'])([A-Za-z_][\w.-]*)=(?:\\.|(?!\1).)*\1/g;
const urlPassword = /\b([a-z][\w+.-]*:\/\/[^/\s:@"']*:)(?!\$)[^/\s@"']+(?=@)/gi;
const bearer = /\b(Bearer|Basic) [\w.~+/=-]{8,}/g;

/** A text without secrets: those known, and those that their names give away. */
export function scrubbed(text: string, known: Iterable<string> = []): string {
  let safe = text;
  for (const secret of known) safe = safe.replaceAll(secret, "***");
  return safe
    .replace(quotedPair, (whole, quote: string, name: string) => (secretName.test(name) ? `${quote}${name}=***${quote}` : whole))
    .replace(assignment, (whole, quote: string, name: string, sign: string) =>
      secretName.test(name) ? `${quote}${name}${quote}${sign}***` : whole,
    )
    .replace(urlPassword, "$1***")
    .replace(bearer, "$1 ***");
}

/** A line of a script without secrets that stand in its texts; what it reads from variables is none. */
export function scrubbedSource(source: string, known: Iterable<string> = []): string {
  let safe = source;
  for (const secret of known) safe = safe.replaceAll(secret, "***");
  return safe.replace(pair, (whole, name: string) => (secretName.test(name) ? `${name}=***` : whole)).replace(urlPassword, "$1***");
}

/** Is a text long enough to be known again, and no word like others? */
export function isSecretText(text: string): boolean {
  return text.length >= 4 && !/^(true|false|none|null|enabled|disabled|default|basic|bearer)$/i.test(text);
}

/** Secrets that the environment holds. */
export function secretsOfEnv(env: Record<string, string | undefined>): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => (secretName.test(name) && isSecretText(value) ? [value] : []));
}
