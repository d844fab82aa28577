/**
 * Seccomp profiles compiled once, and kept: crun, which would compile one at each start for a third of its time, takes
 * the program by an annotation. (crun's own cache is not in every build of it.)
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ground } from "../../state/ground.ts";
import { type ArgumentTest, compileFilter, type FilterRule, filterNewer, libraryFile, SCMP_CMP } from "../../sys/libseccomp.ts";
import type { Seccomp, SeccompArgument, SeccompRule } from "./seccomp.ts";

const EPERM = 1;
const ENOSYS = 38;

/** <seccomp.h>; SCMP_ACT_NOTIFY needs a listener, and is left to the runtime. */
const actions: Record<string, number> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};
const actionsWithErrno: Record<string, number> = { SCMP_ACT_ERRNO: 0x00050000, SCMP_ACT_TRACE: 0x7ff00000 };

/** Default actions that would keep those system calls from working which came after a profile. */
const refuses = new Set(["SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP"]);

/**
 * A profile's program in base64, as runc would make it: crun's own answers a system call that is newer than the profile
 * with EPERM, which makes programs give up that would do without it.
 * @returns undefined for a profile that only the runtime can carry out, or that it should refuse in its own words
 */
export function filterOf(ground: Ground, profile: Seccomp): string | undefined {
  if (profile.flags) return undefined;
  const text = `${form} ${JSON.stringify(profile)}`;
  const directory = join(ground.paths.run, "seccomp");
  const file = join(directory, `${text.length.toString(36)}-${fingerprint(text)}`);
  const kept = readKept(file, text);
  if (kept) return kept;
  try {
    const filter = compile(profile)?.toString("base64");
    const library = libraryFile();
    if (!filter || !library) return filter;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // A reader that finds half a file takes it for none, and compiles the profile itself.
    writeFileSync(file, [text, `${library} ${statSync(library).mtimeMs}`, filter, ""].join("\n"), { mode: 0o600 });
    return filter;
  } catch {
    return undefined;
  }
}

/** A filter made of the same profile by the same library: a newer one may know more system calls. */
function readKept(file: string, text: string): string | undefined {
  try {
    const [profile, origin = "", filter = "", end] = readFileSync(file, "latin1").split("\n");
    if (profile !== text || end !== "" || !/^[A-Za-z0-9+/]+=*$/.test(filter)) return undefined;
    const [library = "", time] = origin.split(" ");
    return statSync(library).mtimeMs === Number(time) ? filter : undefined;
  } catch {
    return undefined;
  }
}

/** Version of the files: raised when the way in which they are made changes. */
const form = 2;

/** FNV-1a, by words: by bytes it takes 1 ms. It only names the file, whose contents tell whether it is the right one. */
function fingerprint(text: string): string {
  const bytes = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 4) * 4); // not of Node's pool: aligned
  bytes.write(text);
  let hash = 0x811c9dc5;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let at = 0; at < words.length; at++) hash = Math.imul(hash ^ words[at]!, 0x01000193);
  return (hash >>> 0).toString(36);
}

function compile({ defaultAction, defaultErrnoRet, architectures = [], syscalls }: Seccomp): Buffer | undefined {
  const fallback = actionOf(defaultAction, defaultErrnoRet);
  const rules = syscalls.map(rulesOf);
  if (fallback === undefined || rules.includes(undefined)) return undefined;
  const names = architectures.map((name) => name.replace(/^SCMP_ARCH_/, "").toLowerCase());
  const all = (rules as FilterRule[][]).flat();
  const program = compileFilter(fallback, names, all);
  if (!refuses.has(defaultAction)) return program;
  return Buffer.concat([filterNewer(actionsWithErrno["SCMP_ACT_ERRNO"]! + ENOSYS, names, all), program]);
}

function rulesOf({ names, action: name, errnoRet, args = [] }: SeccompRule): FilterRule[] | undefined {
  const action = actionOf(name, errnoRet);
  const tests = args.map(testOf);
  if (action === undefined || tests.includes(undefined)) return undefined;
  const all = tests as ArgumentTest[];
  // runtime-spec leaves open what several tests of one argument mean: for runc and crun, that one of all must hold.
  const alternatives = new Set(all.map(({ index }) => index)).size < all.length ? all.map((test) => [test]) : [all];
  return alternatives.map((each) => ({ names, action, tests: each }));
}

function actionOf(name: string, errno: number | undefined): number | undefined {
  const base = actionsWithErrno[name];
  if (base !== undefined) return base + ((errno ?? EPERM) & 0xffff);
  return errno === undefined ? actions[name] : undefined;
}

function testOf({ index, op, value, valueTwo = 0 }: SeccompArgument): ArgumentTest | undefined {
  const operator = SCMP_CMP[op.replace(/^SCMP_CMP_/, "") as keyof typeof SCMP_CMP];
  if (operator === undefined || ![index, value, valueTwo].every(Number.isSafeInteger) || index < 0 || index > 5) return undefined;
  return { index, operator, value: BigInt.asUintN(64, BigInt(value)), valueTwo: BigInt.asUintN(64, BigInt(valueTwo)) };
}
