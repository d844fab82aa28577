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
    await using registry = await openRegistry({ ...wishOf(input, io.cwd), ...(log && { log: log.write }) });
    yield { type: "message", text: `registry listens on ${registry.url}` };
    if (registry.metricsUrl !== undefined) yield { type: "message", text: `metrics are at ${registry.metricsUrl}` };
    const interval = numberOf(input, "gc-interval") ?? usualInterval;
    yield* keepTidy(registry.storage, { interval, grace: numberOf(input, "gc-grace") ?? usualGrace }, signal);
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

/** Collects garbage from time to time, until the server is to end. */
async function* keepTidy(
  storage: OpenRegistry["storage"],
  { interval, grace }: { interval: number; grace: number },
  signal: AbortSignal,
): AsyncGenerator<ProgressEvent> {
  for (;;) {
    await (interval > 0 ? delay(interval, undefined, { signal }).catch(() => {}) : aborted(signal));
    if (signal.aborted) return;
    try {
      const { gone, contents, bytes } = await storage.collect(grace);
      for (const each of gone) if (each.repository !== undefined) yield { type: "message", text: `removed ${lineOfGone(each)}` };
      if (contents > 0) yield { type: "message", text: `removed ${contents} contents that nothing names any more: ${bytes} bytes` };
    } catch (error) {
      yield { type: "warning", text: `cannot remove what nothing names any more: ${(error as Error).message}` };
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export default spec;
