/** What the contract suite needs of an engine, and the few words it is written in. */
import { Readable, Writable } from "node:stream";
import { expect } from "vitest";
import type { ContainerCreate, Engine, ErrorCode, LogEntry, Streams } from "../../../engine/index.ts";
import { finish } from "../../support/engine.ts";

/** An engine under test, with the image `busybox:latest` in it and nothing else. */
export interface Host extends AsyncDisposable {
  engine: Engine;
}

/** What an engine is allowed not to do: the name of a part of the suite or of a test, and why. */
export type Exceptions = Partial<Record<string, string>>;

let counter = 0;

/** A name that nothing else has. */
export const fresh = (word: string) => `${word}-${++counter}`;

/** A container of busybox that runs a shell line; without network, as most of the contract needs none. */
export async function create(engine: Engine, line: string, spec: Partial<ContainerCreate> = {}): Promise<string> {
  const { Id } = await finish(
    engine.containers.create({
      Image: "busybox",
      Cmd: ["sh", "-c", line],
      HostConfig: { NetworkMode: "none" },
      Name: fresh("box"),
      ...spec,
    }),
  );
  return Id;
}

export async function start(engine: Engine, line: string, spec: Partial<ContainerCreate> = {}): Promise<string> {
  const id = await create(engine, line, spec);
  await engine.containers.start(id);
  return id;
}

/** A shell line that goes on until it is killed, and ends at SIGTERM. */
export const endless = "trap 'exit 0' TERM; while true; do sleep 0.1; done";

export async function statusOf(engine: Engine, ref: string): Promise<string> {
  return (await engine.containers.inspect(ref)).State.Status;
}

export interface Collected extends Streams {
  out(): string;
  err(): string;
}

/** Plain streams: what is read from them, and what was written to them. */
export function collect(input?: string | Readable): Collected {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const stdin = input === undefined ? undefined : input instanceof Readable ? input : Readable.from([Buffer.from(input)]);
  return { ...(stdin && { stdin }), stdout: sink("stdout"), stderr: sink("stderr"), out: () => written.stdout, err: () => written.stderr };
}

/** "stdout: text" for each entry. */
export async function logOf(log: AsyncIterable<LogEntry[]>): Promise<string[]> {
  const lines: string[] = [];
  for await (const entries of log) for (const { stream, data } of entries) lines.push(`${stream}: ${Buffer.from(data).toString()}`);
  return lines;
}

/** Faces act on the code alone. */
export async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: "EngineError", code });
}
