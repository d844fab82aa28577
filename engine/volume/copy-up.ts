/** Copy-up: what the image has at a volume's mount point becomes the content of a new volume. */
import { lstatSync, readdirSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { findProgram, runProcess } from "../process/spawn.ts";

/** See ensure.ts. cp keeps owners, modes, times, links, devices and extended attributes, and shares blocks where it can. */
export async function copyUpInto(source: string, target: string): Promise<boolean> {
  if (!lstatSync(source, { throwIfNoEntry: false })?.isDirectory() || readdirSync(target).length > 0) return false;
  const program = findProgram("cp");
  if (!program) throw new EngineError("system", 'cannot find the program "cp"', { hint: "install coreutils" });
  const { status, stderr } = await runProcess(program, ["-a", "--", `${source}/.`, `${target}/`]);
  if (status !== 0)
    throw new EngineError(
      stderr.includes("No space left") ? "no-space" : "system",
      `cannot copy "${source}" into the volume: ${stderr.trim()}`,
    );
  return true;
}
