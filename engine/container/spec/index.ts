/** The OCI configuration of a container or a build step, and what its parts are made from. */
export { capabilityName, capabilitySets, grantCapabilities } from "./capabilities.ts";
export { writeConfig } from "./config-file.ts";
export { defaultCgroupns, maskedPaths, readonlyPaths } from "./defaults.ts";
export { planDevices } from "./devices.ts";
export { encodeSpec } from "./encode.ts";
export { checkKernelPlace } from "./kernel-mounts.ts";
export { narrowedSeccomp } from "./narrowed-seccomp.ts";
export type { OciMount, OciProcess, OciSpec } from "./oci.ts";
export { limitsOf, memoryWarnings, oomScoreOf, parseDeviceRule, rlimitsOf } from "./resources.ts";
export {
  createSpec,
  type NamespaceChoice,
  type SpecInput,
} from "./spec.ts";
export { defaultShm, shmMount, tmpfsMount } from "./spec-mounts.ts";
export { blockDevice, planThrottles } from "./throttles.ts";
export { type ResolvedUser, resolveUser } from "./user.ts";
