/** Warnings, messages and progress reach the user whichever face runs the command (the TUI's are in test/views). */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProgressEvent } from "../../engine/index.ts";
import { type CommandSpec, command } from "../../src/commands/command.ts";
import { plainScreen, renderEvents } from "../../src/render-events.ts";
import { Kept } from "../../src/repl/frame/capture.ts";
import { Program } from "../e2e/program.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { openScene, type Scene } from "./commands/scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

const discarded = "WARNING: Published ports are discarded when using host network mode\n";
const warned = "run --rm --network host -p 80:80 busybox echo ran";
const missing = "run localhost:1/nosuch true";
const unfound = "Unable to find image 'localhost:1/nosuch:latest' locally\n";

/** What a script of a session writes to standard error. */
async function saidBy(source: string): Promise<string> {
  const { session } = scene;
  const stderr = new Kept();
  session.io = { ...session.io, streams: { ...session.io.streams, stderr } };
  await session.run(source, "script", () => new AbortController().signal);
  return `${stderr.text()}\n`;
}

test("a session: what is bound, joined, expected or tried says its warnings and messages, and keeps its output", async () => {
  expect(await saidBy(`let c = ${warned}\nexpect \${c.Output} == ran`)).toBe(discarded);
  expect(await saidBy(`let c = ${warned} | cat\nexpect $c == ran`)).toBe(discarded);
  expect(await saidBy(`expect ${warned} == ran`)).toBe(discarded);
  expect(await saidBy(`expect fails "nothing listens" ${missing}`)).toContain(unfound);
  expect(await saidBy(`expect fails "nothing listens" ${missing} | cat`)).toContain(unfound);
});

test("a session: what is tried again says it once", async () => {
  expect(await saidBy(`if 500ms ${warned} == never { exit 9 }`)).toBe(discarded);
});

test("a session: on a terminal of its own they are on that terminal, and so is a result", async () => {
  await saidBy(`
    spawn @warned run --rm -it --network host -p 80:80 busybox echo ran
    expect @warned "Published ports are discarded"
    expect @warned ran
    spawn @missing run -it localhost:1/nosuch true
    expect @missing "Unable to find image"
    spawn @list images --format '{{.Repository}}'
    expect @list busybox
    expect @list closed == 0
  `);
});

test("the shell", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  expect(await program.run(warned.split(" "))).toEqual({ status: 0, stdout: "ran\n", stderr: discarded });
  expect((await program.run(missing.split(" "))).stderr).toContain(unfound);
});

/** Runs events through a sink that notes what it is given. */
async function rendered(events: ProgressEvent[], flags: Record<string, string | boolean> = {}, json = false): Promise<string[]> {
  const said: string[] = [];
  const note = (kind: string) => (text: string) => void said.push(`${kind}: ${text}`);
  const spec = command<string>({
    ...{ summary: "Tell", examples: [], flags: [], args: [] },
    async *run() {
      yield* events;
      return "told";
    },
    present: (result) => ({ kind: "lines", lines: [result] }),
    presentRow: (value: string) => ({ kind: "lines", lines: [value] }),
  });
  const resolved = {
    spec: { ...(spec as CommandSpec<never>), name: "told", aliases: [], group: "system", hidden: false },
    path: "told",
    input: { flags, args: [] },
  };
  await renderEvents(scene.session.context(new AbortController().signal), resolved, {
    json,
    notices: plainScreen(note("notice")),
    output: (data, stream) => note(stream)(String(Buffer.from(data))),
    row: note("row"),
    result: note("result"),
  });
  return said;
}

test("each kind of event has its place, in the order of arrival; the display closes before what follows it", async () => {
  const events: ProgressEvent[] = [
    { type: "message", text: "a \x1b[2Jmessage" },
    { type: "warning", text: "a warning" },
    { type: "transfer", id: "layer", status: "Downloading" },
    { type: "warning", text: "a finding", rule: "Rule", location: { file: "Dockerfile", line: 3, column: 1 } },
    { type: "output", stream: "stderr", data: Buffer.from("bytes") },
    { type: "row", value: "a row" },
  ];
  expect(await rendered(events)).toEqual([
    "notice: a \\x1b[2Jmessage\n",
    "notice: WARNING: a warning\n",
    "notice: layer: Downloading\n",
    "notice: \n 1 warning found (build with --check to see where):\n - Rule: a finding (line 3)\n",
    "stderr: bytes",
    "row: a row\n",
    "result: told\n",
  ]);
});

test("the flags of progress count in every face", async () => {
  const transfer: ProgressEvent = { type: "transfer", id: "layer", status: "Downloading" };
  expect(await rendered([transfer], { quiet: true })).toEqual(["result: told\n"]);
  expect(await rendered([transfer], {}, true)).toEqual([`notice: ${JSON.stringify(transfer)}\n`, 'result: "told"\n']);
});

/** Two streams of a command that builds, by what it says of its builds. */
async function streamsOf(printsBuilds: boolean, flags: Record<string, string> = {}): Promise<Record<string, string>> {
  const time = 0;
  const events: ProgressEvent[] = [
    { type: "resource", kind: "Image", name: "web", status: "Building", state: "working" },
    { type: "step", id: "1", name: "[1/1] RUN make", status: "started", time },
    { type: "step-log", id: "1", stream: "stdout", data: Buffer.from("made\n"), time },
    { type: "step", id: "1", name: "[1/1] RUN make", status: "done", time },
  ];
  const spec: CommandSpec<void> = command({
    summary: "Build",
    examples: [],
    flags: [],
    args: [],
    printsBuilds,
    async *run() {
      yield* events;
    },
  });
  const told = { notices: "", builds: "" };
  const context = { engine: scene.session.engine, io: scene.session.io, signal: new AbortController().signal };
  await renderEvents(context, { spec, input: { flags, args: [] } } as never, {
    notices: plainScreen((text) => (told.notices += text)),
    builds: (text) => (told.builds += text),
    output: () => {},
    row: () => {},
    result: () => {},
  });
  return told;
}

test("what builds say is printed where a command prints it and nothing is drawn, else told", async () => {
  const lines = "#1 [1/1] RUN make\n#1 0.000 made\n#1 DONE 0.0s\n";
  const image = " Image web  Building\n";
  expect(await streamsOf(true)).toEqual({ notices: image, builds: lines });
  expect(await streamsOf(false)).toEqual({ notices: image + lines, builds: "" });
  expect(await streamsOf(true, { progress: "quiet" })).toEqual({ notices: "", builds: "" });
  expect((await streamsOf(true, { progress: "tty" })).builds).toBe("");
});
