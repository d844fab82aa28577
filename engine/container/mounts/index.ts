/** What stands in a container's root file system: mounts from outside, files of berth's, and the root as seen from outside. */
export { makeInitFiles, mountsLink } from "./init-files.ts";
export { findInit } from "./init-program.ts";
export { mountSharedMemory, sharedMemoryOf } from "./ipc.ts";
export { bindMount, inheritMount, makeSource, mountPointOf, ociMounts, type PlannedMount, planMounts } from "./mounts.ts";
export { forgetVolatile, lowersOf, lowersOfImage, viewOwnRoot, viewRoot } from "./rootfs.ts";
export { releaseSubpaths } from "./subpath.ts";
