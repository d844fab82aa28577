/**
 * libseccomp in process (seccomp_rule_add(3)): compiles rules to the program of classic BPF that the kernel runs for each
 * system call of a process.
 */
import { closeSync, readFileSync } from "node:fs";
import { bind, check, systemError } from "./libc.ts";

const library = "libseccomp.so.2";

/** <seccomp.h> `enum scmp_compare` */
export const SCMP_CMP = { NE: 1, LT: 2, LE: 3, EQ: 4, GE: 5, GT: 6, MASKED_EQ: 7 };
/** `__NR_SCMP_ERROR`: no such system call */
const UNKNOWN = -1;

/** One of a system call's arguments, 0 to 5, compared: `value` is the mask of MASKED_EQ, whose datum is `valueTwo`. */
export interface ArgumentTest {
  index: number;
  operator: number;
  value: bigint;
  valueTwo: bigint;
}

export interface FilterRule {
  /** Of any architecture; those that this one does not have are left out. */
  names: readonly string[];
  /** SCMP_ACT_*, with its errno */
  action: number;
  /** All must hold. */
  tests: readonly ArgumentTest[];
}

/**
 * A program that answers system calls beyond every one that the rules name, and leaves all others to the program that
 * follows: a profile cannot know what comes after it, and C libraries try new calls first (as runc does it).
 * @param action SCMP_ACT_*, with its errno
 */
export function filterNewer(action: number, architectures: readonly string[], rules: readonly FilterRule[]): Buffer {
  const tokens = [call<number>("uint32_t seccomp_arch_native(void)"), ...architectures.map(tokenOf)];
  const names = rules.flatMap((rule) => rule.names);
  const resolve = (token: number) => (name: string) =>
    call<number>("int seccomp_syscall_resolve_name_arch(uint32_t token, const char *name)", token, name);
  const greatest = (token: number) => names.map(resolve(token)).reduce((most, number) => Math.max(most, number), 0);
  const parts = [...new Set(tokens)].map((token) => {
    const isX32 = token === x32;
    const own = (isX32 ? x86_64 : token) >>> 0;
    return newer(own, isX32 ? x32Bit : 0, token === x86_64 ? x32Bit : undefined, greatest(token), action);
  });
  return Buffer.concat(parts);
}

/** `__X32_SYSCALL_BIT`: the kernel gives both kinds of calls the same architecture, <linux/audit.h>. */
const x32Bit = 0x40000000;
const x86_64 = 0xc000003e;
const x32 = 0x4000003e;

/** For one architecture, from call `least` to below `end`. Falls through to what follows. */
function newer(architecture: number, least: number, end: number | undefined, greatest: number, action: number): Buffer {
  if (greatest === 0) return Buffer.alloc(0); // the rules are not for this one
  const [load, equal, atLeast, above, answer] = [0x20, 0x15, 0x35, 0x25, 0x06]; // <linux/bpf_common.h>
  const bounded = end === undefined ? 0 : 1;
  return Buffer.concat([
    instruction(load, 0, 0, 4), // seccomp_data.arch
    instruction(equal, 0, 4 + bounded, architecture),
    instruction(load, 0, 0, 0), // seccomp_data.nr
    instruction(atLeast, 0, 2 + bounded, least),
    ...(end === undefined ? [] : [instruction(atLeast, 2, 0, end)]),
    instruction(above, 0, 1, greatest),
    instruction(answer, 0, 0, action),
  ]);
}

/** struct sock_filter */
function instruction(code: number, ifTrue: number, ifFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}

function tokenOf(name: string): number {
  const token = call<number>("uint32_t seccomp_arch_resolve_name(const char *name)", name);
  if (token === 0) throw new Error(`unknown architecture "${name}"`);
  return token;
}

/**
 * @param architectures in libseccomp's spelling ("x86_64") beside the native one
 * @returns an array of `struct sock_filter`, in the host's byte order
 * @throws what the library refuses; an Error when there is no library
 */
export function compileFilter(defaultAction: number, architectures: readonly string[], rules: readonly FilterRule[]): Buffer {
  const context = call<unknown>("void *seccomp_init(uint32_t action)", defaultAction);
  if (!context) throw new Error("seccomp_init: invalid action");
  try {
    for (const name of architectures) {
      const result = call<number>("int seccomp_arch_add(void *context, uint32_t token)", context, tokenOf(name));
      if (result !== -17) succeed(result, "seccomp_arch_add"); // EEXIST
    }
    for (const rule of rules) if (rule.action !== defaultAction) addRule(context, rule);
    return exportFilter(context);
  } finally {
    call("void seccomp_release(void *context)", context);
  }
}

function addRule(context: unknown, { names, action, tests }: FilterRule): void {
  // struct scmp_arg_cmp { unsigned int arg; enum scmp_compare op; uint64_t datum_a, datum_b; }
  const comparisons = Buffer.alloc(24 * tests.length);
  tests.forEach(({ index, operator, value, valueTwo }, at) => {
    comparisons.writeUInt32LE(index, 24 * at);
    comparisons.writeUInt32LE(operator, 24 * at + 4);
    comparisons.writeBigUInt64LE(value, 24 * at + 8);
    comparisons.writeBigUInt64LE(valueTwo, 24 * at + 16);
  });
  for (const name of names) {
    const number = call<number>("int seccomp_syscall_resolve_name(const char *name)", name);
    if (number === UNKNOWN) continue;
    const prototype = "int seccomp_rule_add_array(void *context, uint32_t action, int syscall, unsigned int count, const void *tests)";
    succeed(call<number>(prototype, context, action, number, tests.length, comparisons), "seccomp_rule_add_array");
  }
}

function exportFilter(context: unknown): Buffer {
  const fd = check(
    bind<(name: string, flags: number) => number>("int memfd_create(const char *name, unsigned int flags)")("filter", 1),
    "memfd_create",
  );
  try {
    succeed(call<number>("int seccomp_export_bpf(void *context, int fd)", context, fd), "seccomp_export_bpf");
    return readFileSync(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

/** The file that the library was loaded from, once it was. */
export function libraryFile(): string | undefined {
  return /\S*\/libseccomp\.so\S*/.exec(readFileSync("/proc/self/maps", "utf8"))?.[0];
}

function call<Result = void>(prototype: string, ...args: unknown[]): Result {
  return bind<(...args: unknown[]) => Result>(prototype, library)(...args);
}

/** @throws the system error that a negative result names */
function succeed(result: number, what: string): void {
  if (result < 0) throw systemError(-result, what);
}
