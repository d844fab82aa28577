/** The door of Docker's API over an engine: what a face needs to serve it. */
export type { Address, HttpListener, Identity } from "../http/server.ts";
export { readIdentity } from "../http/tls-files.ts";
export { rest } from "../sys/rest.ts";
export { type Listening, parseAddress } from "./address.ts";
export { type ServeSettings, serveEngine } from "./serve.ts";
export { type UnitWish, unitFiles } from "./units.ts";
