/** The seccomp section of the OCI configuration (runtime-spec, "Seccomp"): docker's default profile, or a file's. */
import { EngineError } from "../../errors.ts";
import { AF_VSOCK, always, byArchitecture, byCapability, ENOSYS, EPERM, namespaceFlags, personalities } from "./seccomp-syscalls.ts";

export interface SeccompArgument {
  index: number;
  value: number;
  valueTwo?: number;
  op: string;
}

export interface SeccompRule {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: SeccompArgument[];
}

/** OCI runtime-spec, linux.seccomp. */
export interface Seccomp {
  defaultAction: string;
  defaultErrnoRet?: number;
  architectures?: string[];
  flags?: string[];
  syscalls: SeccompRule[];
}

/** What decides about conditional rules. */
export interface SeccompFacts {
  capabilities: readonly string[];
  /** Go's name: "amd64". */
  architecture: string;
  kernel: readonly [number, number];
  /** The kernel runs x32 programs: seldom, and the filter is a third smaller without. */
  x32?: boolean;
}

const architectures: Record<string, string[]> = {
  amd64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  "386": ["SCMP_ARCH_X86"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
  arm: ["SCMP_ARCH_ARM"],
  riscv64: ["SCMP_ARCH_RISCV64"],
  ppc64le: ["SCMP_ARCH_PPC64LE"],
  s390x: ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"],
};

const allow = "SCMP_ACT_ALLOW";

/** docker's default profile for a container with these capabilities. Pure. */
export function defaultSeccomp({ capabilities, architecture, x32 = true }: SeccompFacts): Seccomp {
  const held = new Set(capabilities);
  const names = new Set([...always, ...(byArchitecture[architecture] ?? [])]);
  for (const [capability, more] of Object.entries(byCapability)) if (held.has(capability)) for (const name of more) names.add(name);
  const syscalls: SeccompRule[] = [
    { names: [...names], action: allow },
    { names: ["socket"], action: allow, args: [{ index: 0, value: AF_VSOCK, op: "SCMP_CMP_NE" }] },
    ...personalities.map((value) => ({ names: ["personality"], action: allow, args: [{ index: 0, value, op: "SCMP_CMP_EQ" }] })),
  ];
  if (!held.has("CAP_SYS_ADMIN")) {
    const index = architecture === "s390x" ? 1 : 0; // s390 swaps clone's first two arguments
    syscalls.push({ names: ["clone"], action: allow, args: [{ index, value: namespaceFlags, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }] });
    // ENOSYS, as a filter cannot look into clone3's argument: C libraries then fall back to clone.
    syscalls.push({ names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS });
  }
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: EPERM,
    architectures: (architectures[architecture] ?? []).filter((name) => x32 || name !== "SCMP_ARCH_X32"),
    syscalls,
  };
}

interface ProfileCondition {
  caps?: string[];
  arches?: string[];
  minKernel?: string;
}

interface ProfileRule extends SeccompRule {
  name?: string;
  includes?: ProfileCondition;
  excludes?: ProfileCondition;
}

interface Profile extends Omit<Seccomp, "syscalls"> {
  archMap?: { architecture: string; subArchitectures?: string[] | null }[];
  syscalls?: ProfileRule[];
}

/**
 * A profile in docker's file format (archMap, includes, excludes) for a container. Pure.
 * @param text JSON, as `--security-opt seccomp=FILE` gives it
 * @throws EngineError `invalid`
 */
export function parseSeccomp(text: string, facts: SeccompFacts): Seccomp {
  let profile: Profile;
  try {
    profile = JSON.parse(text) as Profile;
  } catch (cause) {
    throw new EngineError("invalid", `cannot decode the seccomp profile: ${(cause as Error).message}`, { cause });
  }
  if (typeof profile.defaultAction !== "string")
    throw new EngineError("invalid", "cannot decode the seccomp profile: it has no defaultAction");
  if (profile.archMap?.length && profile.architectures?.length) {
    throw new EngineError("invalid", "both 'architectures' and 'archMap' are specified in the seccomp profile, use either of them");
  }
  const native = architectures[facts.architecture]?.[0];
  const mapped = profile.archMap?.find(({ architecture }) => architecture === native);
  const syscalls = (profile.syscalls ?? []).filter((rule) => applies(rule, facts)).map(plainRule);
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: mapped ? [mapped.architecture, ...(mapped.subArchitectures ?? [])] : (profile.architectures ?? []),
    ...(profile.flags && { flags: profile.flags }),
    syscalls,
  };
}

function applies({ includes = {}, excludes = {} }: ProfileRule, facts: SeccompFacts): boolean {
  const { capabilities, architecture, kernel } = facts;
  if (excludes.arches?.includes(architecture)) return false;
  if (excludes.caps?.some((name) => capabilities.includes(name))) return false;
  if (excludes.minKernel && isAtLeast(kernel, excludes.minKernel)) return false;
  if (includes.arches?.length && !includes.arches.includes(architecture)) return false;
  if (includes.caps && !includes.caps.every((name) => capabilities.includes(name))) return false;
  return !includes.minKernel || isAtLeast(kernel, includes.minKernel);
}

function isAtLeast([major, minor]: readonly [number, number], wanted: string): boolean {
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function plainRule({ name, names, action, errnoRet, args }: ProfileRule): SeccompRule {
  return { names: names ?? (name ? [name] : []), action, ...(errnoRet !== undefined && { errnoRet }), ...(args?.length && { args }) };
}
