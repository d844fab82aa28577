/** `berth doctor`: the table of checks, in the order they are shown. */
import { EngineError } from "../errors.ts";
import type { Ground } from "../state/ground.ts";
import type { Check } from "./check.ts";
import { advisories } from "./checks/advisories.ts";
import { capabilities } from "./checks/capabilities.ts";
import { cgroup } from "./checks/cgroup.ts";
import { conmon } from "./checks/conmon.ts";
import { disk } from "./checks/disk.ts";
import { dns } from "./checks/dns.ts";
import { forwarding } from "./checks/forwarding.ts";
import { init } from "./checks/init.ts";
import { kernel } from "./checks/kernel.ts";
import { nft } from "./checks/nft.ts";
import { overlay } from "./checks/overlay.ts";
import { privileges } from "./checks/privileges.ts";
import { runtime } from "./checks/runtime.ts";
import { seccomp } from "./checks/seccomp.ts";
import { state } from "./checks/state.ts";
import { userNamespaces } from "./checks/user-namespaces.ts";
import type { DoctorCheck } from "./index.ts";

export const checks: readonly Check[] = [
  privileges,
  kernel,
  cgroup,
  runtime,
  advisories,
  conmon,
  init,
  state,
  disk,
  overlay,
  nft,
  forwarding,
  dns,
  seccomp,
  capabilities,
  userNamespaces,
];

/** Runs every check; one that fails unexpectedly is a finding of its own, so that the others are still shown. */
export async function runDoctor(ground: Ground): Promise<DoctorCheck[]> {
  const results: DoctorCheck[] = [];
  for (const check of checks) results.push({ name: check.name, ...(await runCheck(check, ground)) });
  return results;
}

async function runCheck(check: Check, ground: Ground): Promise<Omit<DoctorCheck, "name">> {
  try {
    return await check.run(ground);
  } catch (cause) {
    return {
      status: "error",
      detail: `cannot check: ${(cause as Error).message}`,
      remedy: cause instanceof EngineError ? cause.hint : "mend what the message names, then run 'berth doctor' again",
    };
  }
}
