/**
 * The reasons for which a test may be skipped, each with a proof that it holds on this machine. A test says
 * `context.skip("cannot …: reason")`; a reason that is not here, or does not hold, fails the run.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { findProgram } from "../../engine/process/spawn.ts";

interface ExpectedSkip {
  reason: RegExp;
  holds(match: RegExpExecArray): boolean;
}

/** A Docker Engine answers, wherever DOCKER_HOST points. */
export const isDockerRunning = () => spawnSync("docker", ["version"], { stdio: "ignore", timeout: 10_000 }).status === 0;

/** From version 23 on docker's client builds by a plug-in alone, which may not be installed. */
export function lacksBuildKit(): boolean {
  const version = spawnSync("docker", ["version", "--format", "{{.Client.Version}}"], { encoding: "utf8", timeout: 10_000 }).stdout;
  return Number.parseInt(version, 10) >= 23 && spawnSync("docker", ["buildx", "version"], { stdio: "ignore" }).status !== 0;
}

const reasons: readonly ExpectedSkip[] = [
  // "needs the program dockerd": comparisons with engines that are not part of the set-up.
  { reason: /^needs the program (\S+)$/, holds: ([, program = ""]) => findProgram(program) === undefined },
  { reason: /^needs a running dockerd$/, holds: () => !isDockerRunning() },
  { reason: /^needs docker's plug-in buildx$/, holds: lacksBuildKit },
  // Newer kernels may come without the old tables.
  { reason: /^needs a kernel that answers (iptables-\w+)$/, holds: ([, program = ""]) => spawnSync(program, ["-S"]).status !== 0 },
  { reason: /^needs cgroup v2$/, holds: () => !existsSync("/sys/fs/cgroup/cgroup.controllers") },
  { reason: /^needs cgroup v1$/, holds: () => existsSync("/sys/fs/cgroup/cgroup.controllers") },
  // Cases that are another project's, and so not part of this one.
  { reason: /^needs the environment variable (\S+)$/, holds: ([, name = ""]) => !process.env[name] },
  { reason: /^needs the file (\S+)$/, holds: ([, file = ""]) => !existsSync(file) },
  {
    reason: /^needs the capability CAP_SYS_RESOURCE$/,
    holds: () => {
      const effective = /^CapEff:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
      return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 0n;
    },
  },
];

export function isExpectedSkip(note: string): boolean {
  return reasons.some(({ reason, holds }) => {
    const match = reason.exec(note);
    return match !== null && holds(match);
  });
}
