/** What may stand behind the name of one of berth's directives: texts as values, and what is wrong with them. Pure. */
import { compilePattern } from "./ignore-pattern.ts";

/** Says why a value is none: what is wrong with it, and what was likely meant. */
export type Refuse = (why: string, suggestion?: string) => never;

const units: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 };

/** "120MB" is decimal, as image lists show sizes; "120MiB" is binary. Bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text);
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * units[(match[2] ?? "").toLowerCase()]!);
}

/** A positive whole number. */
export function parseCount(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

/** "0.9" or "90%". */
export function parseShare(text: string): number | undefined {
  if (/^(0(\.\d+)?|1(\.0+)?|\.\d+)$/.test(text)) return Number(text);
  return /^(\d{1,2}(\.\d+)?|100)%$/.test(text) ? Number(text.slice(0, -1)) / 100 : undefined;
}

/** Nothing, or "true". */
export function parseSwitch(text: string): true | undefined {
  return text === "" || text === "true" ? true : undefined;
}

const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** Paths that a check passes over, as patterns of absolute paths. */
export interface Exceptions {
  except: string[];
}

/** Nothing, or `except=PATH[,PATH…]`, as often as it takes. */
export function parseExceptions(text: string, refuse: Refuse): Exceptions | undefined {
  const except: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (word === "true" && text === "true") continue;
    if (!word.startsWith("except=")) return undefined;
    except.push(...wordsOf(word.slice("except=".length)));
  }
  for (const pattern of except) {
    if (!pattern.startsWith("/")) refuse(`"${pattern}" is no absolute path`, `except=/${pattern.replace(/^\.?\//, "")}`);
    if (!compilePattern(pattern.slice(1))) refuse(`"${pattern}" is a malformed pattern`);
  }
  return { except };
}

/** True for an absolute path that a check passes over. */
export function isExcepted({ except }: Exceptions, path: string): boolean {
  return except.some((pattern) => compilePattern(pattern.slice(1))?.(path.slice(1)));
}
