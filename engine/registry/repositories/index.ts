/** The door to the repositories of registries, for a face that has no store: looked at, copied and removed where they are. */
export { registriesWithCredentials } from "../credentials.ts";
export { tagPages } from "../tags.ts";
export { registryName, registryOf, repositoryClient } from "./access.ts";
export { isDigestTag } from "./attached.ts";
export { listRepositories } from "./catalog.ts";
export { type Copied, copyRemote } from "./copy.ts";
export { describeTag, inspectRemote, type LookOptions, rawManifest } from "./details.ts";
export { digestOfTag, eachOf } from "./digests.ts";
export { type Removed, removeRemote } from "./remove.ts";
export type { RemoteDetails, TagDetails } from "./types.ts";
