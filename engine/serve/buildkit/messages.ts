/**
 * The messages of BuildKit's services that are read or written here, with the names and numbers of its .proto files: control, gateway,
 * worker, caps, ops; and of the session: filesync, fsutil, auth, secrets, sshforward, upload. Members that nothing here looks at are left out.
 */
import { bytes, type Encoded, flag, integer, long, many, map, message, nested, text, time } from "./wire.ts";

/** google.rpc.Status and google.protobuf.Any */
const any = message({ type_url: text(1), value: bytes(2) });
export const rpcStatus = message({ code: integer(1), message: text(2), details: many(nested(3, any)) });

// solver/pb/ops.proto
const platform = message({ Architecture: text(1), OS: text(2), Variant: text(3) });
const sourceInfo = message({ filename: text(1), data: bytes(2), language: text(4) });
const position = message({ line: integer(1), character: integer(2) });
const range = message({ start: nested(1, position), end: nested(2, position) });
/** Low-level builds are not carried out here: all that counts is whether there is one. */
const definition = message({ def: many(bytes(1)) });

// api/types/worker.proto
const buildkitVersion = message({ package: text(1), version: text(2), revision: text(3) });
const worker = message({
  ID: text(1),
  Labels: map(2, text),
  platforms: many(nested(3, platform)),
  BuildkitVersion: nested(5, buildkitVersion),
});

// api/services/control/control.proto
const exporter = message({ Type: text(1), Attrs: map(2, text) });
const cacheEntry = message({ Type: text(1), Attrs: map(2, text) });
const cacheOptions = message({
  ImportRefsDeprecated: many(text(2)),
  Exports: many(nested(4, cacheEntry)),
  Imports: many(nested(5, cacheEntry)),
});
export const solveRequest = message({
  Ref: text(1),
  Definition: nested(2, definition),
  ExporterDeprecated: text(3),
  ExporterAttrsDeprecated: map(4, text),
  Session: text(5),
  Frontend: text(6),
  FrontendAttrs: map(7, text),
  Cache: nested(8, cacheOptions),
  Entitlements: many(text(9)),
  FrontendInputs: map(10, (number) => nested(number, definition)),
  Exporters: many(nested(13, exporter)),
});
export const solveResponse = message({ ExporterResponse: map(1, text) });
export const statusRequest = message({ Ref: text(1) });
const vertex = message({
  digest: text(1),
  inputs: many(text(2)),
  name: text(3),
  cached: flag(4),
  started: time(5),
  completed: time(6),
  error: text(7),
});
const vertexStatus = message({
  ID: text(1),
  vertex: text(2),
  name: text(3),
  current: integer(4),
  total: integer(5),
  timestamp: time(6),
  started: time(7),
  completed: time(8),
});
const vertexLog = message({ vertex: text(1), timestamp: time(2), stream: integer(3), msg: bytes(4) });
const vertexWarning = message({
  vertex: text(1),
  level: integer(2),
  short: bytes(3),
  detail: many(bytes(4)),
  url: text(5),
  info: nested(6, sourceInfo),
  ranges: many(nested(7, range)),
});
export const statusResponse = message({
  vertexes: many(nested(1, vertex)),
  statuses: many(nested(2, vertexStatus)),
  logs: many(nested(3, vertexLog)),
  warnings: many(nested(4, vertexWarning)),
});
export const listWorkersResponse = message({ record: many(nested(1, worker)) });
export const infoResponse = message({ buildkitVersion: nested(1, buildkitVersion) });
const usageRecord = message({
  ID: text(1),
  Mutable: flag(2),
  InUse: flag(3),
  Size: integer(4),
  CreatedAt: time(6),
  LastUsedAt: time(7),
  UsageCount: integer(8),
  Description: text(9),
  RecordType: text(10),
  Shared: flag(11),
  Parents: many(text(12)),
});
export const usage = usageRecord;
export const diskUsageRequest = message({ filter: many(text(1)) });
export const diskUsageResponse = message({ record: many(nested(1, usageRecord)) });
export const pruneRequest = message({
  filter: many(text(1)),
  all: flag(2),
  keepDuration: integer(3),
  reservedSpace: integer(4),
  maxUsedSpace: integer(5),
  minFreeSpace: integer(6),
});

export const historyRequest = message({ ActiveOnly: flag(1), Ref: text(2), EarlyExit: flag(3), Filter: many(text(4)), Limit: integer(5) });
const historyRecord = message({
  Ref: text(1),
  Frontend: text(2),
  FrontendAttrs: map(3, text),
  Exporters: many(nested(4, exporter)),
  error: nested(5, rpcStatus),
  CreatedAt: time(6),
  CompletedAt: time(7),
  ExporterResponse: map(9, text),
  numCachedSteps: integer(15),
  numTotalSteps: integer(16),
  numCompletedSteps: integer(17),
  numWarnings: integer(19),
});
export type HistoryRecord = Encoded<typeof historyRecord>;
export const historyEvent = message({ type: integer(1), record: nested(2, historyRecord) });
export const updateHistoryRequest = message({ Ref: text(1), Pinned: flag(2), Delete: flag(3), Finalize: flag(4) });

// frontend/gateway/pb/gateway.proto
const ref = message({ id: text(1) });
const refs = message({ refs: map(1, (number) => nested(number, ref)) });
const result = message({ ref: nested(3, ref), refs: nested(4, refs), metadata: map(10, bytes) });
export const gatewaySolveRequest = message({
  Definition: nested(1, definition),
  Frontend: text(2),
  FrontendOpt: map(3, text),
  CacheImports: many(nested(12, cacheEntry)),
  FrontendInputs: map(13, (number) => nested(number, definition)),
  Evaluate: flag(14),
});
export const gatewaySolveResponse = message({ result: nested(3, result) });
export const evaluateRequest = message({ Ref: text(1) });
export const returnRequest = message({ result: nested(1, result), error: nested(2, rpcStatus) });
// util/apicaps/pb/caps.proto
const capability = message({ ID: text(1), Enabled: flag(2) });
export const pongResponse = message({
  FrontendAPICaps: many(nested(1, capability)),
  LLBCaps: many(nested(2, capability)),
  Workers: many(nested(3, worker)),
});

// session/*/*.proto
/** BytesMessage of filesync, sshforward and upload. */
export const bytesMessage = message({ data: bytes(1) });
export const credentialsRequest = message({ Host: text(1) });
export const credentialsResponse = message({ Username: text(1), Secret: text(2) });
export const getSecretRequest = message({ ID: text(1) });
export const getSecretResponse = message({ data: bytes(1) });
export const checkAgentRequest = message({ ID: text(1) });
export const empty = message({});

// containerd, api/services/content/v1: stores of a client's, and that of its own which it reads of builds
export const infoRequest = message({ digest: text(1) });
const blobInfo = message({ digest: text(1), size: integer(2) });
export const contentInfo = message({ info: nested(1, blobInfo) });
export const readRequest = message({ digest: text(1), offset: integer(2), size: integer(3) });
export const readResponse = message({ offset: integer(1), data: bytes(2) });
export const writeRequest = message({
  action: integer(1),
  ref: text(2),
  total: integer(3),
  expected: text(4),
  offset: integer(5),
  data: bytes(6),
});
export const writeActions = { write: 1, commit: 2 } as const;

// fsutil/types
export const stat = message({
  path: text(1),
  mode: integer(2),
  uid: integer(3),
  gid: integer(4),
  size: integer(5),
  modTime: long(6),
  linkname: text(7),
  devmajor: integer(8),
  devminor: integer(9),
  xattrs: map(10, bytes),
});
export const packet = message({ type: integer(1), stat: nested(2, stat), ID: integer(3), data: bytes(4) });
export const packets = { stat: 0, request: 1, data: 2, end: 3, error: 4 } as const;
