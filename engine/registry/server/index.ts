/** The door of the registry's server: what a face needs to serve a directory as a registry. */
export { tlsFiles } from "../../http/tls-files.ts";
export { parseListen } from "./address.ts";
export { openGate } from "./auth/open-gate.ts";
export { globPattern } from "./auth/rules.ts";
export { hashPassword, withUser } from "./auth/users.ts";
export { serveRegistry } from "./server.ts";
export { openSettings } from "./settings/open-settings.ts";
export { openDirectory } from "./storage/directory.ts";
export { quotaOf } from "./storage/quota.ts";
