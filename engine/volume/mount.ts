/** Volumes that are mounts of their own: the local driver's type, o and device, given to mount(8). */
import { mkdirSync, readFileSync } from "node:fs";
import { EngineError } from "../errors.ts";
import { findProgram, runProcess } from "../process/spawn.ts";
import { damage, damagedRecord } from "../state/column.ts";
import type { Ground } from "../state/ground.ts";
import { lock } from "../state/locks.ts";
import { unmount } from "../sys/libc.ts";
import { planMount } from "./options.ts";
import { dataOf, findVolume, volumeByName } from "./records.ts";

/** Makes a volume's data directory ready and returns it. Idempotent; see ensure.ts. */
export async function mountNamedVolume(ground: Ground, name: string): Promise<string> {
  const volume = findVolume(ground, name);
  // Its data may lie elsewhere: what is written here would not be found there.
  if (volume.damage) throw damagedRecord(damage("volume", name, volume.damage), `berth volume rm ${name}`);
  const plan = planMount(volume.options, name);
  const target = dataOf(ground, name);
  mkdirSync(target, { recursive: true, mode: 0o755 });
  if (!plan) return target;
  using _ = await lock(ground, "volumes");
  if (isMounted(target)) return target;
  const program = findProgram("mount");
  if (!program) throw new EngineError("system", 'cannot find the program "mount"', { hint: "install util-linux" });
  const { status, stderr } = await runProcess(program, [
    "-t",
    plan.type,
    ...(plan.options ? ["-o", plan.options] : []),
    "--",
    plan.device,
    target,
  ]);
  if (status !== 0)
    throw new EngineError("system", `cannot mount volume "${name}": ${stderr.trim().replace(/\s+/g, " ")}`, {
      hint: `check its options: berth volume inspect ${name}`,
    });
  return target;
}

/** Unmounts volumes that no running container uses any more. */
export async function unmountIdle(ground: Ground, names: readonly string[]): Promise<void> {
  using _ = await lock(ground, "volumes");
  for (const name of names) {
    const volume = volumeByName(ground, name);
    if (volume && planMount(volume.options, name) && !isRunningSomewhere(ground, name)) unmount(dataOf(ground, name));
  }
}

function isRunningSomewhere(ground: Ground, name: string): boolean {
  return ground.lent.containers.mountsInUse().some(({ mounts }) => mounts?.some((mount) => mount.Name === name) ?? true);
}

/** proc(5): a space in a path of mountinfo is written \040. */
function isMounted(target: string): boolean {
  const escaped = target.replace(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .some((line) => line.split(" ")[4] === escaped);
}
