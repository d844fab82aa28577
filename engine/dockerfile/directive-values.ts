/** What may stand behind the name of one of berth's directives: texts as values, and what is wrong with them. Pure. */
import { defaultCapabilities, parseCapability } from "../linux-capabilities.ts";
import { nearest } from "../suggest.ts";
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

export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

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

export const leavesOutMore = (value: Exceptions, than: Exceptions): boolean => value.except.some((path) => !than.except.includes(path));

/** True for an absolute path that a check passes over. */
export function isExcepted({ except }: Exceptions, path: string): boolean {
  return except.some((pattern) => compilePattern(pattern.slice(1))?.(path.slice(1)));
}

const binary: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
/** docker's least. */
const leastMemory = 6 << 20;

/** "256m" and "256MiB" are the same, as for `run --memory`. Bytes. */
export function parseMemory(text: string, refuse: Refuse): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)([kmgt]?)(?:i?b)?$/i.exec(text);
  if (!match) return undefined;
  const bytes = Math.floor(Number(match[1]) * binary[match[2]!.toLowerCase()]!);
  return bytes < leastMemory ? refuse("the least is 6m") : bytes;
}

/** Capabilities by bare names, "NET_RAW"; "ALL" alone stands for all of docker's. */
export interface CapabilityDrop {
  drop: string[];
  /** Of docker's, what is left when all are dropped. */
  add: string[];
}

const bare = (name: string) => name.replace(/^CAP_/, "");
const grantable = defaultCapabilities.map(bare);

/** "ALL add=CHOWN,KILL" or "NET_RAW MKNOD". An image can take away what docker gives, and never ask for more. */
export function parseCapabilityDrop(text: string, refuse: Refuse): CapabilityDrop | undefined {
  const words = text.split(/\s+/).filter(Boolean);
  const named = (words: readonly string[]) => [...new Set(words.flatMap(wordsOf).map((word) => capabilityOf(word, refuse)))];
  const drop = named(words.filter((word) => !word.startsWith("add=")));
  const add = named(words.filter((word) => word.startsWith("add=")).map((word) => word.slice("add=".length)));
  if (drop.length === 0) return undefined;
  const isAll = drop.includes("ALL");
  if (isAll && drop.length > 1) refuse("ALL stands alone");
  const stranger = add.find((name) => !grantable.includes(name));
  if (stranger) refuse(`docker gives no container ${stranger}, and an image cannot ask for more`);
  if (add.length > 0 && !isAll) refuse("add= is for what is left of ALL");
  return { drop, add };
}

function capabilityOf(word: string, refuse: Refuse): string {
  const name = parseCapability(word);
  return name === undefined ? refuse(`"${word}" is no capability`, nearest(word.toUpperCase(), [...grantable, "ALL"])) : bare(name);
}

/** What is left to a container of docker's capabilities. */
export function leftOf({ drop, add }: CapabilityDrop): string[] {
  const left = drop.includes("ALL") ? [] : grantable.filter((name) => !drop.includes(name));
  return [...left, ...add];
}
