/** Builds as BuildKit's records of them: told, followed, filtered, deleted. */
import { EventEmitter, on } from "node:events";
import { expect, test } from "vitest";
import type { Builder, BuildRecord, BuildSummary } from "../../../../engine/build/index.ts";
import { EngineError } from "../../../../engine/errors.ts";
import { tellHistory, updateHistory } from "../../../../engine/serve/buildkit/history.ts";
import { historyFilter } from "../../../../engine/serve/buildkit/history-filter.ts";
import { type HistoryRecord, historyEvent, historyRequest } from "../../../../engine/serve/buildkit/messages.ts";
import { eventually } from "../../../support/eventually.ts";

const created = "2026-01-02T03:04:05.000Z";
const ended = "2026-01-02T03:05:05.000Z";
const summary = (ID: string, more: Partial<BuildSummary> = {}): BuildSummary => ({
  ...{ ID, Name: ID, Status: "completed", CreatedAt: created, CompletedAt: ended, Steps: { total: 2, cached: 1 } },
  ...more,
});
const running = summary("running", { Status: "running" });
delete running.CompletedAt;

class Builds {
  all: BuildSummary[] = [];
  readonly #changed = new EventEmitter();
  readonly builder = {
    list: async () => this.all,
    inspect: async (id: string) => ({ ...this.all.find(({ ID }) => ID === id), ...facts }) as unknown as BuildRecord,
    forget: async ([id]: string[]) => {
      this.all = this.all.filter(({ ID }) => ID !== id);
      return [];
    },
    changes: async function* (this: Builds, signal: AbortSignal) {
      try {
        for await (const _ of on(this.#changed, "change", { signal })) yield;
      } catch {
        // The signal came.
      }
    }.bind(this),
  } as unknown as Builder;

  change(...all: BuildSummary[]): void {
    this.all = all;
    this.#changed.emit("change");
  }
}

const vertex = (Status: string) => ({ Status, StartedAt: created });
const facts = {
  ...{ Dockerfile: "Other", Context: "/src", Target: "app", Args: { A: "b" }, NoCache: true, Tags: ["app:1"], Warnings: [{ Text: "x" }] },
  Vertices: ["done", "cached", "failed"].map(vertex),
};

async function told(builds: Builds, asked: Parameters<typeof historyRequest.encode>[0], signal = new AbortController().signal) {
  const events: { type: number; record: HistoryRecord | undefined }[] = [];
  const telling = tellHistory(
    builds.builder,
    historyRequest.decode(historyRequest.encode(asked)),
    async (event) => void events.push(historyEvent.decode(historyEvent.encode(event)) as never),
    signal,
  );
  return { events, telling };
}

async function records(builds: Builds, asked: Parameters<typeof historyRequest.encode>[0]): Promise<(string | undefined)[]> {
  const { events, telling } = await told(builds, { EarlyExit: true, ...asked });
  await telling;
  return events.map(({ record }) => record?.Ref);
}

test("what a record says", async () => {
  const builds = new Builds();
  builds.all = [summary("one", { ImageID: "sha256:ab" }), summary("bad", { Status: "failed", Error: "no" }), running];
  const { events, telling } = await told(builds, { EarlyExit: true });
  await telling;
  expect(events).toMatchObject([
    {
      type: 1,
      record: {
        ...{ Ref: "one", Frontend: "dockerfile.v0", CreatedAt: Date.parse(created), CompletedAt: Date.parse(ended), error: undefined },
        FrontendAttrs: { filename: "Other", context: "/src", target: "app", "no-cache": "", "build-arg:A": "b" },
        Exporters: [{ Type: "image", Attrs: { name: "app:1" } }],
        ExporterResponse: { "containerimage.digest": "sha256:ab", "image.name": "app:1" },
        ...{ numCachedSteps: 1, numTotalSteps: 3, numCompletedSteps: 2, numWarnings: 1 },
      },
    },
    { type: 1, record: { Ref: "bad", error: { code: 2, message: "no" }, Exporters: [] } },
    { type: 0, record: { Ref: "running", CompletedAt: undefined } },
  ]);
});

test("those that are asked for", async () => {
  const builds = new Builds();
  builds.all = [running, summary("two"), summary("bad", { Status: "cancelled" })];
  expect(await records(builds, {})).toEqual(["running", "two", "bad"]);
  expect(await records(builds, { Limit: 2 })).toEqual(["running", "two"]);
  expect(await records(builds, { ActiveOnly: true })).toEqual(["running"]);
  expect(await records(builds, { Ref: "two" })).toEqual(["two"]);
  expect(await records(builds, { Ref: "tw" })).toEqual([]);
  expect(await records(builds, { Filter: ["status==canceled"], Limit: 1 })).toEqual(["bad"]);
});

test("conditions", () => {
  const record: HistoryRecord = {
    ...{ Ref: "abc", CreatedAt: Date.parse(created), CompletedAt: Date.parse(ended) },
    FrontendAttrs: { context: "https://host/repo.git" },
  };
  const holds = (...filters: string[]) => historyFilter(filters)(record);
  for (const filter of ["ref~=b", "ref!=b", "status==completed", "repository~=repo", "duration>59s", "duration<=1m", "startedAt>1000000h"])
    expect(holds(filter), filter).toBe(true);
  for (const filter of [
    "ref~=x",
    "status==error",
    "duration<1m",
    "completedAt>1h",
    "startedAt<2026-01-01T00:00:00Z",
    "ref~=b,status==error",
  ])
    expect(holds(filter), filter).toBe(false);
  expect(holds("ref~=x", "ref~=b")).toBe(true);
  for (const filter of ["ref>x", "duration==1m", "duration>x", "nothing==x", "", "constructor==x"])
    expect(() => holds(filter), filter).toThrow("cannot read the filter");
});

test("who stays is told what becomes of them", async () => {
  const builds = new Builds();
  builds.all = [summary("old"), running];
  const abort = new AbortController();
  const { events, telling } = await told(builds, { ActiveOnly: true }, abort.signal);
  const seen = () => events.map(({ type, record }) => [type, record?.Ref]);
  await eventually(() => expect(seen()).toEqual([[0, "running"]]));
  builds.change(summary("old"), { ...running, Status: "failed", Error: "x", CompletedAt: ended });
  await eventually(() => expect(seen().at(-1)).toEqual([1, "running"]));
  builds.change(summary("old"));
  await eventually(() =>
    expect(seen()).toEqual([
      [0, "running"],
      [1, "running"],
      [2, "running"],
    ]),
  );
  abort.abort();
  await telling;
});

test("a record is deleted, and none is pinned", async () => {
  const builds = new Builds();
  builds.all = [summary("one")];
  const update = (Ref: string, more: object) =>
    updateHistory(builds.builder, { Ref, Pinned: false, Delete: false, Finalize: false, ...more });
  await update("one", { Finalize: true });
  await expect(update("one", { Pinned: true })).rejects.toThrow("cannot pin");
  await expect(update("two", { Delete: true })).rejects.toThrow('no record found for ref "two"');
  await update("one", { Delete: true });
  expect(builds.all).toEqual([]);
  const gone = { ...builds.builder, list: async () => [summary("gone")] } as Builder;
  gone.inspect = async () => {
    throw new EngineError("not-found", "no such build");
  };
  await tellHistory(
    gone,
    historyRequest.decode(historyRequest.encode({ EarlyExit: true })),
    async () => expect.unreachable(),
    new AbortController().signal,
  );
});
