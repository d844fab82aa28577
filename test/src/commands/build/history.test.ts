/** `berth builder history`: the words of docker's buildx for what is kept of builds. */
import { expect, test } from "vitest";
import type { BuildRecord } from "../../../../engine/index.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { presentResult } from "../../../../src/present.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";

function kept(Name: string, change: Partial<BuildRecord> = {}): BuildRecord {
  return {
    ...{
      ID: Name.padEnd(64, "0"),
      Name,
      Status: "completed",
      CreatedAt: "2026-01-01T10:00:00.000Z",
      CompletedAt: "2026-01-01T10:01:02.500Z",
    },
    ...{ Steps: { total: 4, cached: 1 }, Dockerfile: "Dockerfile", Context: ".", Tags: [`${Name}:1`], Args: { MODE: "fast" }, Secrets: [] },
    ...{ NoCache: false, Stages: [], Vertices: [], Warnings: [] },
    ...change,
  };
}

const engineWith = (...builds: BuildRecord[]): FakeEngine => Object.assign(fakeEngine(), { builds });

/** What a text face prints, and what was said meanwhile. */
async function run({ engine }: FakeEngine, ...words: string[]): Promise<{ text: string; events: unknown[] }> {
  const io = { streams: {} as never, confirm: async () => false, cwd: "/", env: {} };
  const running = execute({ engine, io, signal: new AbortController().signal }, ["builder", "history", ...words]);
  const events: unknown[] = [];
  for (;;) {
    const { done, value } = await running.next();
    if (!done) events.push(value);
    else return { events, text: await presentResult(value.spec, value.input, value.result, { json: false }) };
  }
}

test("ls has docker's columns and words, newest first", async () => {
  const ended = { CompletedAt: "2026-01-01T10:00:01.400Z" };
  const fake = engineWith(kept("one"), kept("two", { Status: "failed", ...ended }), kept("three", { Status: "interrupted" }));
  delete fake.builds[2]!.CompletedAt;
  const lines = (await run(fake, "ls", "--format", "table {{.Name}}\t{{.Status}}\t{{.Duration}}")).text.trim().split("\n");
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["NAME", "STATUS", "DURATION"],
    ["three", "Interrupted"],
    ["two", "Error", "1.4s"],
    ["one", "Completed", "1m02s"],
  ]);
  expect((await run(fake, "ls")).text.split("\n")[0]).toMatch(/^BUILD ID +NAME +STATUS +CREATED AT +DURATION/);
  expect((await run(fake, "ls", "-q")).text.split("\n")[2]).toBe("one0000000000000000000000");
});

test("inspect says what was asked and how it went; json says all", async () => {
  const fake = engineWith(kept("one", { Target: "app" }));
  const { text } = await run(fake, "inspect");
  expect(text).toMatch(/^Name: +one\nContext: +\.\nDockerfile: +Dockerfile\nTarget: +app\n/);
  expect(text).toMatch(/Build Steps: +4\/4 \(25% cached\)/);
  expect(text).toMatch(/Build Args:\nMODE +fast/);
  expect(JSON.parse((await run(fake, "inspect", "--format", "json", "one")).text)).toMatchObject({ Name: "one", Vertices: [] });
});

test("logs are the build's events once more", async () => {
  const fake = engineWith(kept("one"));
  const said = [{ type: "step" as const, id: "1", name: "[1/1] RUN x", status: "started" as const, time: 0 }];
  fake.said.set(fake.builds[0]!.ID, said);
  expect((await run(fake, "logs", "one")).events).toEqual(said);
});

test("rm takes those that are named, or all that are over; none is none", async () => {
  const fake = engineWith(kept("one"), kept("two"), kept("three", { Status: "running" }));
  await run(fake, "rm", "one");
  expect(fake.builds.map(({ Name }) => Name)).toEqual(["two", "three"]);
  await run(fake, "rm", "--all");
  expect(fake.builds.map(({ Name }) => Name)).toEqual(["three"]);
  await expect(run(fake, "rm")).rejects.toMatchObject({ code: "usage" });
  await expect(run(fake, "rm", "nosuch")).rejects.toMatchObject({ code: "not-found" });
});
