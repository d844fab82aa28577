/** The door of the registry's server: what a face needs to serve a directory as a registry. */
export { repositoryGlob } from "../../image/documents/index.ts";
export { hashPassword, withUser } from "./auth/users.ts";
export { type OpenRegistry, openRegistry, type RegistryWish } from "./open-registry.ts";
export { openSettings } from "./settings/open-settings.ts";
export { openDirectory } from "./storage/directory.ts";
