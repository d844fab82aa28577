/**
 * Runtimes on this host with known ways out of their containers, each with the releases that closed them. An older one
 * that a container can be given by `--runtime` is named, too.
 *
 * CVE-2025-31133, -52565 and -52881: runc can be raced into masking, or writing to, another file than it means, by what a
 * container puts in place of /dev/null, /dev/console or files of /proc while another shares its mounts. crun's authors
 * tried the reproducers and found it unaffected (containers/crun issue 1906). All three need a place that others write to
 * on /dev or in /proc, which no container and no step of a build gets here (container/spec/mount-places.ts); the warning is
 * for what else may use that runc, and because one wall is not enough.
 */
import { EngineError } from "../../errors.ts";
import { findProgram, runProcess } from "../../process/spawn.ts";
import { type Check, type Finding, ok, warning } from "../check.ts";
import { installCommand, samePackage } from "../remedy.ts";
import { chooseRuntime, versionIn } from "./runtime.ts";

const flaws = "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881";

/** The first release without them of each line that has one: patch, and release candidate. Older lines have none, later ones never had them. */
const mended: readonly { line: readonly [major: number, minor: number]; patch: number; candidate: number; release: string }[] = [
  { line: [1, 2], patch: 8, candidate: 0, release: "1.2.8" },
  { line: [1, 3], patch: 3, candidate: 0, release: "1.3.3" },
  { line: [1, 4], patch: 0, candidate: 3, release: "1.4.0-rc.3" },
];

/** True for a release of runc ("1.1.5+ds1", "1.4.0-rc.2") that the flaws are known in. Pure. */
export function isFlawedRunc(version: string): boolean {
  const parts = /^(\d+)\.(\d+)\.(\d+)(?:-rc\.?(\d+))?/.exec(version);
  if (!parts) return false;
  const [major, minor, patch] = parts.slice(1, 4).map(Number) as [number, number, number];
  const candidate = parts[4] === undefined ? Number.POSITIVE_INFINITY : Number(parts[4]);
  const line = mended.find((each) => each.line[0] === major && each.line[1] === minor);
  if (line) return patch < line.patch || (patch === line.patch && candidate < line.candidate);
  return major < 1 || (major === 1 && minor < mended[0]!.line[1]);
}

/** Judges the runc of this host, by its version, and whether containers get it unless they ask for another. Pure. */
export function judgeRunc(version: string | undefined, isDefault: boolean): Finding {
  if (version === undefined) return ok("none known in the runtimes here");
  if (!isFlawedRunc(version)) return ok(`none known in runc ${version}`);
  const detail = `runc ${version} lets hostile containers out: ${flaws}, unless its package has the mends of a later release`;
  if (!isDefault) return ok(`${detail}; containers get another runtime, unless --runtime names it`);
  const releases = mended.map(({ release }) => release).join(", ");
  return warning(detail, `use crun (${installCommand(samePackage("crun"))}), or runc of at least ${releases}`);
}

export const advisories: Check = {
  name: "advisories",
  async run(ground) {
    const chosen = await chooseRuntime(ground);
    const isDefault = !(chosen instanceof EngineError) && chosen.kind === "runc";
    const runc = isDefault ? chosen.path : findProgram("runc");
    return judgeRunc(runc && versionIn((await runProcess(runc, ["--version"])).stdout), isDefault);
  },
};
