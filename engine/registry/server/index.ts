/** The door of the registry's server: what a face needs to serve a directory as a registry. */
export { parseListen } from "./address.ts";
export { serveRegistry } from "./server.ts";
export { openDirectory } from "./storage/directory.ts";
