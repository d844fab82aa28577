/** `berth registry serve`: an OCI registry in a directory. */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ProgressEvent } from "../../../engine/index.ts";
import type { OpenRegistry } from "../../../engine/registry/server/index.ts";
import { type CommandSpec, command } from "../command.ts";
import { numberOf, textOf } from "../flag-values.ts";
import { lineOfGone, usualDirectory, usualGrace } from "./directory.ts";
import { serveFlags, usualAddress, wishOf } from "./serve-flags.ts";

/** Milliseconds between two collections of garbage. */
const usualInterval = 60 * 60 * 1000;

const spec: CommandSpec<undefined> = command<undefined>({
  summary: "Serve a directory as an OCI registry",
  description:
    "Images are pushed to it and pulled from it by berth, docker and every other client of the OCI distribution-spec. " +
    "It listens on this host alone and asks for no password. Others are let in with --htpasswd, --tlscert and --tlskey, or without them when you say --insecure.",
  examples: [
    { line: "berth registry serve", does: `Serve ${usualDirectory} on ${usualAddress}` },
    { line: "berth registry serve --listen 127.0.0.1:5001 ./registry", does: "Serve another directory on another port" },
    {
      line: "berth registry serve --listen 0.0.0.0:443 --htpasswd users --rules rules.yaml --tlscert cert.pem --tlskey key.pem",
      does: "Serve others, each as far as the rules let them",
    },
  ],
  flags: serveFlags,
  place: "anywhere",
  args: [
    { name: "DIRECTORY", optional: true, subject: "directory", help: `Where the registry keeps everything (default ${usualDirectory})` },
  ],
  endless: () => true,
  async *run({ io, signal }, input) {
    const { openRegistry } = await import("../../../engine/registry/server/index.ts");
    using log = openLog(textOf(input, "access-log"), io.cwd);
    const notices = new Notices();
    const wish = { ...wishOf(input, io.cwd), warn: (text: string) => notices.add(text), ...(log && { log: log.write }) };
    await using registry = await openRegistry(wish);
    yield { type: "message", text: `registry listens on ${registry.url}` };
    if (registry.metricsUrl !== undefined) yield { type: "message", text: `metrics are at ${registry.metricsUrl}` };
    const interval = numberOf(input, "gc-interval") ?? usualInterval;
    yield* keepTidy(registry.storage, { interval, grace: numberOf(input, "gc-grace") ?? usualGrace, notices }, signal);
    return undefined;
  },
});

/** Lines are added to what is in the file already. */
function openLog(file: string | undefined, cwd: string): ({ write(entry: object): void } & Disposable) | undefined {
  if (file === undefined) return undefined;
  const fd = openSync(resolve(cwd, file), "a", 0o600);
  const write = (entry: object) => {
    try {
      writeSync(fd, `${JSON.stringify(entry)}\n`);
    } catch {
      // the log's disk is full, or its reader is gone: who pulls does not suffer from that
    }
  };
  return { write, [Symbol.dispose]: () => closeSync(fd) };
}

/** What is to be said as soon as somebody listens. */
class Notices {
  #waiting: string[] = [];
  #news = Promise.withResolvers<void>();

  add(text: string): void {
    this.#waiting.push(text);
    this.#news.resolve();
  }

  get news(): Promise<void> {
    return this.#news.promise;
  }

  take(): string[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#news = Promise.withResolvers();
    return taken;
  }
}

interface Tidying {
  /** Milliseconds. */
  interval: number;
  grace: number;
  notices: Notices;
}

/** Collects garbage from time to time, and passes on what there is to say, until the server is to end. */
async function* keepTidy(
  storage: OpenRegistry["storage"],
  { interval, grace, notices }: Tidying,
  signal: AbortSignal,
): AsyncGenerator<ProgressEvent> {
  while (!signal.aborted) {
    let isDue = false;
    const due = (interval > 0 ? delay(interval, undefined, { signal }).catch(() => {}) : aborted(signal)).then(() => {
      isDue = true;
    });
    while (!isDue) {
      await Promise.race([due, notices.news]);
      for (const text of notices.take()) yield { type: "warning", text };
    }
    if (!signal.aborted) yield* tidy(storage, grace);
  }
}

async function* tidy(storage: OpenRegistry["storage"], grace: number): AsyncGenerator<ProgressEvent> {
  try {
    const { gone, contents, bytes } = await storage.collect(grace);
    for (const each of gone) if (each.repository !== undefined) yield { type: "message", text: `removed ${lineOfGone(each)}` };
    if (contents > 0) yield { type: "message", text: `removed ${contents} contents that nothing names any more: ${bytes} bytes` };
  } catch (error) {
    yield { type: "warning", text: `cannot remove what nothing names any more: ${(error as Error).message}` };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export default spec;
