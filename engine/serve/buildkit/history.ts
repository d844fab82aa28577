/**
 * Builds that were made here, by whomever, as BuildKit's records of them (Control.ListenBuildHistory, UpdateBuildHistory). What they said
 * is told by Control.Status; attestations are with their images, so that a record has nothing in a content store.
 */
import { aborted } from "../../aborted.ts";
import type { Builder, BuildRecord, BuildSummary, BuildVertex } from "../../build/index.ts";
import { EngineError } from "../../errors.ts";
import { grpcCodes } from "../../http/grpc.ts";
import { historyFilter } from "./history-filter.ts";
import type { HistoryRecord, historyEvent, historyRequest, updateHistoryRequest } from "./messages.ts";
import type { Decoded, Encoded } from "./wire.ts";

type Send = (event: Encoded<typeof historyEvent>) => Promise<void>;

const types = { started: 0, complete: 1, deleted: 2 } as const;

/** Tells of builds, newest first; then, unless the client wants no more, of what becomes of them until the signal. */
export async function tellHistory(
  builder: Builder,
  request: Decoded<typeof historyRequest>,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const told = new Map<string, string>();
  await tellNews(builder, request, told, send);
  if (request.EarlyExit) return;
  const over = new AbortController();
  void aborted(signal).then(() => over.abort());
  for await (const _ of builder.changes(over.signal)) await tellNews(builder, request, told, send);
}

/** @param told what the client knows, by ids; what it need not be told again */
async function tellNews(
  builder: Builder,
  { Ref, ActiveOnly, Filter, Limit }: Decoded<typeof historyRequest>,
  told: Map<string, string>,
  send: Send,
): Promise<void> {
  const isWanted = historyFilter(Filter);
  const all = await builder.list();
  let count = 0;
  for (const build of all) {
    if ((Ref !== "" && build.ID !== Ref) || (ActiveOnly && !isRunning(build) && !told.has(build.ID))) continue;
    const state = JSON.stringify(build);
    if (told.get(build.ID) === state) continue;
    const record = await recordOf(builder, build);
    if (!record || !isWanted(record)) continue;
    if (Limit > 0 && ++count > Limit) break;
    told.set(build.ID, state);
    await send({ type: isRunning(build) ? types.started : types.complete, record });
  }
  const left = new Set(all.map(({ ID }) => ID));
  for (const Ref of told.keys())
    if (!left.has(Ref)) {
      told.delete(Ref);
      await send({ type: types.deleted, record: { Ref } });
    }
}

/** Deletes a record; that it is to be complete, it is. @throws EngineError `not-found`, `in-use`, `unsupported` */
export async function updateHistory(builder: Builder, { Ref, Pinned, Delete }: Decoded<typeof updateHistoryRequest>): Promise<void> {
  if (!(await builder.list()).some(({ ID }) => ID === Ref)) throw new EngineError("not-found", `no record found for ref "${Ref}"`);
  if (Pinned) throw new EngineError("unsupported", "cannot pin a build's record", { hint: "records are kept until they are many" });
  if (Delete) await builder.forget([Ref]);
}

const isRunning = ({ Status }: BuildSummary) => Status === "running";
const isDone = ({ Status }: BuildVertex) => Status === "done" || Status === "cached";

/** Undefined for one that was forgotten meanwhile. */
async function recordOf(builder: Builder, build: BuildSummary): Promise<HistoryRecord | undefined> {
  try {
    return describe(build, await builder.inspect(build.ID));
  } catch (error) {
    if (error instanceof EngineError && error.code === "not-found") return undefined;
    throw error;
  }
}

function describe(build: BuildSummary, record: BuildRecord): HistoryRecord {
  const { ID, CreatedAt, CompletedAt, Steps, ImageID } = build;
  const { Tags, Vertices, Warnings } = record;
  const failure = failureOf(build);
  return {
    ...{ Ref: ID, Frontend: "dockerfile.v0", FrontendAttrs: attributesOf(record) },
    ...(ImageID !== undefined && {
      Exporters: [{ Type: "image", Attrs: Tags.length > 0 ? { name: Tags.join(",") } : {} }],
      ExporterResponse: { "containerimage.digest": ImageID, ...(Tags.length > 0 && { "image.name": Tags.join(",") }) },
    }),
    ...(failure && { error: failure }),
    CreatedAt: Date.parse(CreatedAt),
    // One that was interrupted ended at some time after its last step.
    ...(!isRunning(build) && { CompletedAt: Date.parse(CompletedAt ?? Vertices.at(-1)?.StartedAt ?? CreatedAt) }),
    ...{ numCachedSteps: Steps.cached, numTotalSteps: Vertices.length, numCompletedSteps: Vertices.filter(isDone).length },
    numWarnings: Warnings.length,
  };
}

function failureOf({ Status, Error: message = "" }: BuildSummary): { code: number; message: string } | undefined {
  if (Status === "cancelled") return { code: grpcCodes.cancelled, message: "context canceled" };
  if (Status === "interrupted") return { code: grpcCodes.unknown, message: "the builder was ended" };
  return Status === "failed" ? { code: grpcCodes.unknown, message } : undefined;
}

/** What the frontend was asked. A context that the client sent has a name in the client's own notes alone. */
function attributesOf({ Dockerfile, Context, Target, Platform, Args, NoCache }: BuildRecord): Record<string, string> {
  return {
    ...(Dockerfile && { filename: Dockerfile }),
    ...(Context && Context !== "context" && { context: Context }),
    ...(Target !== undefined && { target: Target }),
    ...(Platform !== undefined && { platform: Platform }),
    ...(NoCache && { "no-cache": "" }),
    ...Object.fromEntries(Object.entries(Args).map(([name, value]) => [`build-arg:${name}`, value])),
  };
}
