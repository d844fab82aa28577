/**
 * C functions by calls.node (scripts/native/calls.c), an addon of the quick executable's: koffi takes 6 ms to load there, of the 50 that
 * an `exec` has, this 1.
 */
import { dirname } from "node:path";

type Word = number | bigint | NodeJS.TypedArray | null;

/** What calls.node exports. */
interface Addon {
  open(path: Uint8Array): number;
  find(handle: number, name: Uint8Array): number;
  call(address: number, result: number, ...words: Word[]): number | string | null;
  errno(): number;
  memory(array: NodeJS.TypedArray): number;
}

export type Declare = (prototype: string) => ((...args: never[]) => unknown) | undefined;

export interface Calls {
  /** Loads a library. @returns its functions by their prototypes: undefined where that asks for more than integers, texts and pointers */
  load(path: string): Declare;
  errno(): number;
  address(memory: NodeJS.TypedArray): number;
}

/** undefined where there is none: only the quick executable's directory has one. */
export function loadCalls(): Calls | undefined {
  if (!process.versions["bun"]) return undefined;
  const module = { exports: {} as Addon };
  try {
    process.dlopen(module, `${dirname(process.execPath)}/calls.node`);
  } catch {
    return undefined;
  }
  const addon = module.exports;
  return {
    load(path) {
      const handle = addon.open(text(path));
      if (handle === 0) throw new Error(`cannot load ${path}`);
      return (prototype) => declare(addon, handle, path, prototype);
    },
    errno: addon.errno,
    address: addon.memory,
  };
}

/** calls.c, enum result */
const RESULT = { LONG: 0, INT: 1, UNSIGNED: 2, TEXT: 3 };
const results: Readonly<Record<string, number>> = {
  void: RESULT.LONG,
  long: RESULT.LONG,
  size_t: RESULT.LONG,
  "void *": RESULT.LONG,
  int: RESULT.INT,
  "unsigned int": RESULT.UNSIGNED,
  uint32_t: RESULT.UNSIGNED,
  "const char *": RESULT.TEXT,
};

function declare(addon: Addon, handle: number, path: string, prototype: string): ReturnType<Declare> {
  const [, type = "", name = "", parameters = ""] = /^(.*?\W)(\w+)\((.*)\)$/.exec(prototype) ?? [];
  const result = results[type.trim()];
  if (result === undefined || parameters.split(",").length > 8 || /\*\*|float|double/.test(parameters)) return undefined;
  const address = addon.find(handle, text(name));
  if (address === 0) throw new Error(`cannot find ${name} in ${path}`);
  return (...args: (Word | string)[]) => addon.call(address, result, ...args.map((arg) => (typeof arg === "string" ? text(arg) : arg)));
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);
