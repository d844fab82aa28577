/** The TUI on a fake terminal over the fake engine: every view, key and dialog. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runTui } from "../../views/app.tsx";
import { container, type FakeEngine, fakeEngine, image } from "../support/fake-engine.ts";
import { type FakeTerminal, fakeTerminal } from "../support/screen.ts";

let fake: FakeEngine;
let terminal: FakeTerminal;
let over: Promise<number>;

function open(columns = 80, rows = 24, env: Record<string, string> = {}): void {
  terminal = fakeTerminal(columns, rows);
  over = runTui({ engine: fake.engine, env, cwd: "/", version: "1.2.3", stdin: terminal.stdin, stdout: terminal.stdout });
}

async function press(keys: string, condition: Parameters<FakeTerminal["screen"]["waitFor"]>[0]): Promise<string> {
  terminal.type(keys);
  return terminal.screen.waitFor(condition);
}

beforeEach(() => {
  fake = fakeEngine();
  fake.containers.push(
    container("web", { Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: "tcp" }] }),
    container("db"),
    container("old", { State: "exited" }),
  );
  fake.images.push(image("busybox:latest"), image("python:3.9", 120_000_000));
});

afterEach(async () => {
  process.emit("SIGTERM");
  await over;
});

describe("lists", () => {
  test("shows", async () => {
    open();
    const text = await terminal.screen.waitFor("Images 2");
    console.log(text);
    expect(text).toContain("8080→80");
  });
});
