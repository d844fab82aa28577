/** What all verbs of `compose` share: names of services are completed, and what a file has to say is said. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ContainerStatus } from "../../../../engine/container/index.ts";
import type { Context } from "../../../../src/commands/command.ts";
import { complete } from "../../../../src/commands/complete.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { commandNames, findCommand } from "../../../../src/commands/table.ts";
import { projectContainer, runVerb } from "../../../support/compose-verbs.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const cwd = mkdtempSync(join(tmpdir(), "berth-compose-services-"));
afterAll(() => rmSync(cwd, { recursive: true }));

beforeAll(() => {
  writeFileSync(
    join(cwd, "compose.yaml"),
    "name: demo\nservices:\n  web: {image: 'web:${TAG}', profiles: [front]}\n  db: {image: db}\n  app: {image: app}\n",
  );
  mkdirSync(join(cwd, "other"));
  writeFileSync(join(cwd, "other/compose.yml"), "services: {one: {image: one}}");
});

function context(): Context {
  const streams = { stdin: Readable.from([]), stdout: new PassThrough(), stderr: new PassThrough() };
  const io = { streams, confirm: async () => false, cwd, env: {} };
  return { engine: fakeEngine().engine, io, signal: new AbortController().signal } as unknown as Context;
}

const verbs = await Promise.all(
  commandNames()
    .filter((name) => name.startsWith("compose "))
    .map(async (name) => ({ name, spec: await findCommand(name.split(" "))!.entry.load() })),
);

describe("completion", () => {
  test.each(verbs.filter(({ spec }) => spec.args.some(({ name }) => name.startsWith("SERVICE"))))("$name", async ({ name }) => {
    const end = name === "compose scale" ? "=" : "";
    expect(await complete(context(), [...name.split(" "), ""])).toEqual(["app", "db", "web"].map((each) => `${each}${end}`));
  });

  test.each([
    ["those that are there already are not offered", ["logs", "app", ""], ["db", "web"]],
    ["nor for scale", ["scale", "app=2", "d"], ["db="]],
    ["a command is none", ["exec", "app", ""], []],
    ["values of flags", ["up", "--no-attach", "a"], ["app"]],
    ["and with =", ["up", "--exit-code-from=d"], ["--exit-code-from=db"]],
    ["either side of a copy", ["cp", "other", "d"], ["db:"]],
  ])("%s", async (_, words, names) => {
    expect(await complete(context(), ["compose", ...words])).toEqual(names);
  });

  test("from the files that the line names", async () => {
    expect(await complete(context(), ["compose", "-f", "other/compose.yml", "up", "o"])).toEqual(["one"]);
    expect(await complete(context(), ["compose", "-f", "nope", "up", ""])).toEqual([]);
  });
});

/** Words that each verb needs; those that change something do it dry, or for a service that has no containers. */
const words: Record<string, string[]> = {
  "compose config": ["-q"],
  "compose cp": ["db:/x", "."],
  "compose events": ["--until", "0s"],
  "compose exec": ["db", "true"],
  "compose port": ["db", "80"],
  "compose run": ["db", "true"],
  "compose scale": ["db=1"],
  "compose stats": ["--no-stream"],
};

test.each(verbs.filter(({ name, spec }) => !/ (ls|version)$/.test(name) && spec.group === "compose"))(
  "$name warns once",
  async ({ name, spec }) => {
    const needed = spec.args.filter(({ optional }) => !optional).map(() => "db");
    const line = ["compose", "--dry-run", ...name.split(" ").slice(1), ...(words[name] ?? needed)];
    const warnings: string[] = [];
    const running = execute(context(), line);
    try {
      for (let step = await running.next(); !step.done; step = await running.next())
        if (step.value.type === "warning" && step.value.text.includes("TAG")) warnings.push(step.value.text);
    } catch (error) {
      expect((error as Error).message).not.toContain("no such service");
    }
    expect(warnings).toEqual(['The "TAG" variable is not set. Defaulting to a blank string.']);
  },
);

test.each<[string, ContainerStatus, ContainerStatus]>([
  ["kill", "running", "exited"],
  ["pause", "running", "paused"],
  ["restart", "running", "running"],
  ["start", "exited", "running"],
  ["stop", "running", "exited"],
  ["unpause", "paused", "running"],
])("%s of a service that no active profile enables is done when the line names it", async (verb, before, after) => {
  const { engine, containers } = fakeEngine();
  containers.push(projectContainer("demo-web-1", { State: before }), projectContainer("demo-db-1", { State: before }));
  const { events, message } = await runVerb(engine, cwd, verb, "web");
  expect(message).toBeUndefined();
  expect(events).toContainEqual(expect.objectContaining({ type: "resource", name: "demo-web-1", state: "done" }));
  expect(containers.map(({ State }) => State)).toEqual([after, before]);
});

test.each([[[]], [["--remove-orphans"]]])(
  "down %j leaves services that no active profile enables, and takes them with it",
  async (flags) => {
    const { engine, containers } = fakeEngine();
    containers.push(projectContainer("demo-web-1"), projectContainer("demo-db-1"), projectContainer("demo-gone-1"));
    const left = async (...line: string[]) => {
      expect((await runVerb(engine, cwd, ...line, ...flags)).message).toBeUndefined();
      return containers.map(({ Names }) => Names[0]);
    };
    const orphans = flags.length > 0 ? [] : ["/demo-gone-1"];
    expect(await left("down")).toEqual(["/demo-web-1", ...orphans]);
    expect(await left("--profile", "front", "down")).toEqual(orphans);
  },
);
