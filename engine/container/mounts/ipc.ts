/**
 * Shared memory that one container lends to others: with `--ipc shareable` its /dev/shm is a mount of the host's, which
 * those with `--ipc container:ID` bind too. A private one is mounted inside only, where nobody else can reach it.
 */
import { mkdirSync } from "node:fs";
import { EngineError } from "../../errors.ts";
import type { Ground } from "../../state/ground.ts";
import { MS, mount } from "../../sys/libc.ts";
import { runningContainer } from "../process/index.ts";
import { type ContainerRecord, filesOf } from "../record/index.ts";
import { type OciMount, shmMount } from "../spec/index.ts";
import { bindMount } from "./mounts.ts";

/** Before a start; taken back by `releaseBundle`. */
export function mountSharedMemory(ground: Ground, { id, host }: Pick<ContainerRecord, "id" | "host">): void {
  if (host.IpcMode !== "shareable") return;
  const { shm } = filesOf(ground, id);
  mkdirSync(shm, { recursive: true, mode: 0o700 });
  const size = (shmMount(host.ShmSize).options ?? []).filter((word) => word.includes("="));
  mount("shm", shm, "tmpfs", MS.NOSUID | MS.NODEV | MS.NOEXEC, size.join(","));
}

/**
 * The mount of /dev/shm for a container that lends or borrows it; none for the others.
 * @throws EngineError `not-running`, `conflict` when the other does not share
 */
export function sharedMemoryOf(ground: Ground, { id, host }: Pick<ContainerRecord, "id" | "host">): OciMount[] {
  const mode = host.IpcMode ?? "";
  if (mode === "shareable") return [bindMount(filesOf(ground, id).shm, "/dev/shm")];
  if (!mode.startsWith("container:")) return [];
  const other = runningContainer(ground, mode.slice("container:".length), "ipc");
  if (other.host.IpcMode === "host") return [bindMount("/dev/shm", "/dev/shm")];
  if (other.host.IpcMode !== "shareable")
    throw new EngineError("conflict", `can't join IPC of container ${other.name}: it does not share it`, {
      exit: 125,
      hint: `create ${other.name} with '--ipc shareable'`,
    });
  return [bindMount(filesOf(ground, other.id).shm, "/dev/shm")];
}
