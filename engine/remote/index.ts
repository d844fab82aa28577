/** The room's door: an engine at the other end of Docker's API. Not loaded with the local one. */
export { dialUnix } from "../http/dial.ts";
export { packContext, unpackContext } from "./contexts/archive.ts";
export { addressedHost, contextHost } from "./contexts/choose.ts";
export {
  type ContextDocument,
  checkName,
  currentContext,
  hasContext,
  keepCurrent,
  listContexts,
  metaPath,
  noContext,
  readContext,
  removeContext,
  type StoredContext,
  type TlsFiles,
  tlsPath,
  writeContext,
} from "./contexts/store.ts";
export type { Endpoint } from "./link/address.ts";
export type { Connection, ConnectionState } from "./link/connection.ts";
export { openRemoteEngine, type RemoteEngine } from "./remote.ts";
