/** Levels of log lines: their words, and how those look. Pure. */

export const levels: readonly [RegExp, string][] = [
  [/\b(?:fatal|panic|emerg(?:ency)?|alert|crit(?:ical)?|severe|error|err|fail(?:ed|ure)?)\b/i, "1;31"],
  [/\bwarn(?:ing)?\b/i, "33"],
  [/\b(?:info|notice)\b/i, "32"],
  [/\b(?:debug|trace|verbose)\b/i, "34"],
];
/** Pino's and bunyan's numbers. */
const numbered: Record<number, string> = { 10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };

/** The style of a level's word. */
export function levelStyle(word: string): string | undefined {
  return levels.find(([pattern]) => pattern.test(word))?.[1];
}

/** "WARN", whatever a program calls it. */
export const levelWord = (level: unknown): string => String(numbered[Number(level)] ?? level).toUpperCase();
