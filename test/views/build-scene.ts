/** Builds on the fake engine: one that runs in another process, one that failed, one that was killed. */
import type { BuildEvent, BuildRecord, BuildVertex } from "../../engine/index.ts";
import { fake } from "./tui-scene.ts";

const twoHoursAgo = Date.now() - 7_200_000;
const at = (seconds: number) => new Date(twoHoursAgo + seconds * 1000).toISOString();

function vertex(ID: string, Name: string, Status: BuildVertex["Status"], change: Partial<BuildVertex> = {}): BuildVertex {
  const [, Stage] = /^\[(\w+) \d/.exec(Name) ?? [];
  const over = Status === "running" || Status === "interrupted" ? {} : { CompletedAt: at(1.5) };
  return { ID, Name, Status, StartedAt: at(0), ...over, Inputs: [], HasOutput: false, ...(Stage !== undefined && { Stage }), ...change };
}

export function build(Name: string, change: Partial<BuildRecord> = {}): BuildRecord {
  return {
    ...{ ID: `b${fake.builds.length}`.padEnd(64, "0"), Name, Status: "completed", CreatedAt: at(0), CompletedAt: at(12) },
    ...{ Steps: { total: 4, cached: 2 }, Dockerfile: "Dockerfile", Context: "/work/shop", Tags: [Name], Args: {}, Secrets: [] },
    ...{ NoCache: false, Stages: [], Vertices: [], Warnings: [] },
    ...change,
  };
}

export const running = (): BuildRecord => fake.builds.find(({ Status }) => Status === "running")!;

/** The oldest first. */
export function makeBuilds(): void {
  fake.builds.push(build("shop-db", { Status: "interrupted", Vertices: [vertex("1", "[1/2] FROM busybox", "cached")] }));
  delete fake.builds[0]!.CompletedAt;
  fake.builds.push(
    build("shop-worker", {
      Status: "failed",
      Error: 'process "/bin/sh -c make" did not complete successfully: exit code: 2',
      Args: { MODE: "fast", API_TOKEN: "*****" },
      Target: "worker",
      Stages: [{ Label: "worker", Name: "worker", Needs: [] }],
      Vertices: [
        vertex("1", "[internal] load build context", "done"),
        vertex("2", "[worker 1/2] FROM node:22", "cached"),
        vertex("3", "[worker 2/2] RUN make", "failed", { Error: "exit code: 2", HasOutput: true, LastLine: "make: *** [all] Error 2" }),
      ],
      Warnings: [{ Text: "Stage name should be lowercase", Rule: "StageNameCasing", File: "Dockerfile", Line: 3 }],
    }),
  );
  const said = (id: string, text: string): BuildEvent => ({ type: "step-log", id, stream: "stdout", time: 0, data: Buffer.from(text) });
  fake.said.set(fake.builds[1]!.ID, [
    { type: "step", id: "3", name: "[worker 2/2] RUN make", status: "started", time: 0 },
    said("3", "cc main.c\nWARN unused\nmake: *** [all] Error 2\n"),
    { type: "step", id: "3", name: "[worker 2/2] RUN make", status: "failed", time: 2000, error: "exit code: 2" },
  ]);
  const now = new Date().toISOString();
  const live = build("shop-web", {
    Status: "running",
    Stages: [
      { Label: "deps", Name: "deps", Needs: [] },
      { Label: "build", Name: "build", Base: "deps", Needs: ["deps"] },
      { Label: "final", Name: "final", Needs: ["build"] },
    ],
    Vertices: [
      vertex("1", "[internal] load build definition from Dockerfile", "done"),
      vertex("2", "[deps 1/3] FROM node:22", "cached"),
      vertex("3", "[deps 2/3] COPY package.json ./", "cached"),
      vertex("4", "[deps 3/3] RUN npm ci", "done"),
      vertex("5", "[build 1/1] RUN npm run build", "running", { StartedAt: now, HasOutput: true, LastLine: "webpack 61 %" }),
    ],
  });
  delete live.CompletedAt;
  fake.builds.push(live);
  fake.said.set(live.ID, [
    { type: "step", id: "5", name: "[build 1/1] RUN npm run build", status: "started", time: 0 },
    said("5", "> shop@1.0.0 build\nwebpack 61 %\n"),
  ]);
}

/** Another process's build goes on. */
export function says(id: string, text: string): void {
  fake.said.get(running().ID)!.push({ type: "step-log", id, stream: "stdout", time: 0, data: Buffer.from(text) });
  fake.signals.emit("build");
}
