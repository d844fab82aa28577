/**
 * A seccomp profile that an image brings: it may take away from docker's, and never give. What a container may call is what both
 * allow. Pure.
 */
import { EngineError } from "../../errors.ts";
import { defaultSeccomp, parseSeccomp, type Seccomp, type SeccompArgument, type SeccompFacts, type SeccompRule } from "./seccomp.ts";

const allow = "SCMP_ACT_ALLOW";
const denials = new Set(["ERRNO", "KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP"].map((name) => `SCMP_ACT_${name}`));

/**
 * Docker's default profile, narrowed by an image's.
 * @param text JSON, as `--security-opt seccomp=FILE` has it: a list of what is allowed
 * @throws EngineError `invalid` for a profile of another kind
 */
export function narrowedSeccomp(text: string, facts: SeccompFacts): Seccomp {
  const own = ownRules(text, facts);
  const base = defaultSeccomp(facts);
  const allowed = new Map<string, SeccompRule[]>();
  for (const rule of own.syscalls)
    if (rule.action === allow) for (const name of rule.names) allowed.set(name, [...(allowed.get(name) ?? []), rule]);
  return {
    defaultAction: own.defaultAction,
    ...(own.defaultErrnoRet !== undefined && { defaultErrnoRet: own.defaultErrnoRet }),
    architectures: base.architectures ?? [],
    syscalls: [
      ...base.syscalls.flatMap((rule) => (rule.action === allow ? narrowed(rule, allowed) : [rule])),
      ...own.syscalls.filter(({ action }) => action !== allow),
    ],
  };
}

function refuse(why: string, cause?: unknown): never {
  throw new EngineError("invalid", `cannot use the seccomp profile of an image: ${why}`, {
    cause,
    hint: "write a list of what is allowed, with SCMP_ACT_ERRNO as its defaultAction, as docker's own profile is",
  });
}

function ownRules(text: string, facts: SeccompFacts): Seccomp {
  try {
    const own = parseSeccomp(text, facts);
    checkKind(own);
    return own;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    return refuse("it has another shape", error); // it is anybody's JSON
  }
}

/** @throws EngineError `invalid` for what does not say what is allowed, call by call, and nothing else */
function checkKind({ defaultAction, syscalls }: Seccomp): void {
  if (!denials.has(defaultAction)) refuse(`its defaultAction ${defaultAction} denies nothing`);
  const isAllowed = new Set(syscalls.filter(({ action }) => action === allow).flatMap(({ names }) => names));
  for (const { action, args = [], names } of syscalls) {
    const isShape = names.every((name) => typeof name === "string") && args.every(isCondition);
    if (!isShape) refuse("it has another shape");
    if (action !== allow && !denials.has(action)) refuse(`it has the action ${action}`);
    const both = action === allow ? undefined : names.find((name) => isAllowed.has(name));
    if (both !== undefined) refuse(`it allows ${both} and denies it`);
    if (new Set(args.map(({ index }) => index)).size < args.length) refuse(`a rule for ${names[0]} has two conditions for one argument`);
  }
}

const isCondition = ({ index, op, value, valueTwo = 0 }: SeccompArgument) =>
  [index, value, valueTwo].every((number) => Number.isSafeInteger(number) && number >= 0) && index < 6 && /^SCMP_CMP_[A-Z_]+$/.test(op);

/** A rule of docker's as far as the image's rules for its calls go: with the conditions of both. */
function narrowed({ names, args }: SeccompRule, allowed: ReadonlyMap<string, SeccompRule[]>): SeccompRule[] {
  const byConditions = new Map<string, SeccompRule>();
  for (const name of names) {
    for (const rule of allowed.get(name) ?? []) {
      const both = conditionsOf(args, rule.args);
      if (!both) continue;
      const key = JSON.stringify(both);
      const known = byConditions.get(key);
      if (!known) byConditions.set(key, { names: [name], action: allow, ...(both.length > 0 && { args: both }) });
      else if (!known.names.includes(name)) known.names.push(name);
    }
  }
  return [...byConditions.values()];
}

/** Undefined where two conditions on one argument would have to hold, which a rule cannot say. */
function conditionsOf(one: readonly SeccompArgument[] = [], other: readonly SeccompArgument[] = []): SeccompArgument[] | undefined {
  const same = (a: SeccompArgument, b: SeccompArgument) =>
    a.index === b.index && a.op === b.op && a.value === b.value && (a.valueTwo ?? 0) === (b.valueTwo ?? 0);
  const more = other.filter((each) => !one.some((known) => same(known, each)));
  return more.some(({ index }) => one.some((known) => known.index === index)) ? undefined : [...one, ...more];
}
