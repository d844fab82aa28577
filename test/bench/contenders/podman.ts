/** podman with a storage of its own; its crun refuses hybrid cgroups. */
import { join } from "node:path";
import { findProgram } from "../../../engine/process/spawn.ts";
import { hasControllersInUnified } from "../../../engine/runtime/select.ts";
import { busyboxTar } from "../../support/rootfs.ts";
import { type Contender, image, removeState, sleeper, sleeperWords } from "../contender.ts";
import { type Command, outputOf } from "../measure.ts";

/** Undefined where podman is not installed. */
export function openPodman(scratch: string): Contender | undefined {
  const podman = findProgram("podman");
  if (!podman) return undefined;
  const root = join(scratch, "podman");
  const directories = ["--root", `${root}/storage`, "--runroot", `${root}/run`, "--tmpdir", `${root}/tmp`];
  const runtime = hasControllersInUnified() ? ["--runtime", "runc"] : [];
  const options = [...directories, ...runtime, "--cgroup-manager", "cgroupfs", "--events-backend", "file"];
  // Without CAP_SYS_RESOURCE podman's own limits are refused; small ones never are.
  const limits = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"];
  const command = (verb = "", ...words: string[]): Command => [podman, ...options, verb, ...(verb === "run" ? limits : []), ...words];
  outputOf(command("import", "--change", 'CMD ["sh"]', busyboxTar(), image));
  outputOf(command(...sleeperWords()));
  return {
    name: "podman",
    version: outputOf([podman, "version", "--format", "{{.Client.Version}}"]).trim(),
    root,
    command,
    async [Symbol.asyncDispose]() {
      outputOf(command("rm", "-f", "-t", "0", sleeper));
      await removeState(root);
    },
  };
}
