/** Where steps work: directories and overlays of their own, paths inside them, what a dead build left of them. */
export { randomId } from "./id.ts";
export { withOwnDirectory } from "./own-directory.ts";
export { cleanDeadSteps } from "./reconcile.ts";
export { ensureDirectory, type Owner, resolveInRoot } from "./rootfs-path.ts";
export { bundleOf, keepBundleInMemory, removeRun } from "./run-traces.ts";
export { type NewLayer, openView, type Workspace } from "./workspace.ts";
