/** `berth registry serve`: an OCI registry in a directory. */
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, listOf, numberOf, textOf } from "../flag-values.ts";
import { lineOfGone, usualDirectory, usualGrace } from "./directory.ts";

const usualAddress = "127.0.0.1:5000";
/** Milliseconds that requests have to end when the server stops. */
const patience = 10_000;
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
  flags: [
    {
      name: "listen",
      short: "l",
      type: "string",
      placeholder: "HOST:PORT",
      default: usualAddress,
      help: "Where to listen; port 0 is any free one",
    },
    {
      name: "htpasswd",
      type: "string",
      placeholder: "FILE",
      help: "Users and their passwords: 'berth registry login-user' adds to it",
      subject: "file",
    },
    {
      name: "config",
      type: "string",
      placeholder: "FILE",
      help: "YAML file of rules, quotas, limits and what is kept for how long",
      subject: "file",
    },
    { name: "rules", type: "string", placeholder: "FILE", help: "YAML file of who may do what to which repositories", subject: "file" },
    { name: "anonymous-pull", type: "boolean", help: "Let everybody pull, also without a password" },
    {
      name: "tlscert",
      type: "string",
      placeholder: "FILE",
      help: "The server's certificate, read again when it is renewed",
      subject: "file",
    },
    { name: "tlskey", type: "string", placeholder: "FILE", help: "The key of the server's certificate", subject: "file" },
    { name: "insecure", type: "boolean", help: "Let others reach the address without passwords or without TLS" },
    { name: "read-only", type: "boolean", help: "Change nothing: pulls only" },
    { name: "quota", type: "bytes", placeholder: "BYTES", help: "Let each repository have no more" },
    {
      name: "immutable-tags",
      type: "list",
      placeholder: "GLOB",
      help: "Let tags of such names stand for what they do for ever ('v*')",
    },
    { name: "access-log", type: "string", placeholder: "FILE", help: "Write a line of JSON for each request there", subject: "file" },
    {
      name: "gc-interval",
      type: "duration",
      placeholder: "TIME",
      help: "Remove what nothing names any more so often; 0s for never (default 1h)",
    },
    {
      name: "gc-grace",
      type: "duration",
      placeholder: "TIME",
      help: "Leave that alone for so long before, as a push sends its manifest last (default 24h)",
    },
    {
      name: "upload-expiry",
      type: "duration",
      placeholder: "TIME",
      help: "Remove uploads that nothing was sent of for so long (default 24h)",
    },
  ],
  place: "anywhere",
  args: [
    { name: "DIRECTORY", optional: true, subject: "directory", help: `Where the registry keeps everything (default ${usualDirectory})` },
  ],
  endless: () => true,
  async *run({ io, signal }, input) {
    const { globPattern, openDirectory, openGate, openSettings, parseListen, quotaOf, serveRegistry, tlsFiles } = await import(
      "../../../engine/registry/server/index.ts"
    );
    const files = filesOf(input, io.cwd);
    const protection = { users: files.htpasswd !== undefined, tls: files.tls !== undefined, insecure: isSet(input, "insecure") };
    const address = parseListen(textOf(input, "listen") ?? usualAddress, protection);
    const { htpasswd } = files;
    const settings = await openSettings(files.config, files.rules);
    const { rules } = settings;
    if (rules && htpasswd === undefined) throw withoutPasswords();
    const access = {
      anonymousPull: isSet(input, "anonymous-pull"),
      scheme: files.tls ? "https" : "http",
      ...(rules !== undefined && { rules }),
    };
    const gate = htpasswd === undefined ? undefined : openGate({ htpasswd, ...access });
    const tls = files.tls && tlsFiles(files.tls.cert, files.tls.key);
    const root = resolve(io.cwd, input.args[0] ?? usualDirectory);
    const [uploadExpiry, quota] = [numberOf(input, "upload-expiry"), numberOf(input, "quota")];
    const immutable = listOf(input, "immutable-tags").map(globPattern);
    const limits = {
      ...(uploadExpiry !== undefined && { uploadExpiry }),
      quota: quotaOf(settings.quotas ?? [], quota),
      retention: settings.retention ?? [],
    };
    await using storage = await openDirectory({ root, ...limits, isImmutable: (tag) => immutable.some((pattern) => pattern.test(tag)) });
    using log = openLog(textOf(input, "access-log"), io.cwd);
    const { requests: rate, ...sizes } = settings.limits ?? {};
    const more = {
      ...(rate && { rate }),
      limits: sizes,
      ...(gate && { gate }),
      ...(tls && { tls }),
      readOnly: isSet(input, "read-only"),
      ...(log && { log: log.write }),
    };
    const listener = await serveRegistry({ address, storage, ...more });
    try {
      yield { type: "message", text: `registry listens on ${listener.url.replace("tcp", access.scheme)}` };
      yield* keepTidy(
        storage,
        { interval: numberOf(input, "gc-interval") ?? usualInterval, grace: numberOf(input, "gc-grace") ?? usualGrace },
        signal,
      );
      return undefined;
    } finally {
      await listener.close(patience);
    }
  },
});

interface Files {
  htpasswd?: string;
  config?: string;
  rules?: string;
  tls?: { cert: string; key: string };
}

/** @throws EngineError `usage` for one without the other */
function filesOf(input: Input, cwd: string): Files {
  const named = (name: string) => textOf(input, name) && resolve(cwd, textOf(input, name)!);
  const [htpasswd, config, rules, cert, key] = ["htpasswd", "config", "rules", "tlscert", "tlskey"].map(named);
  if (!cert !== !key) throw new EngineError("usage", "--tlscert and --tlskey are given together");
  if (!htpasswd && isSet(input, "anonymous-pull")) throw withoutPasswords();
  return { ...(htpasswd && { htpasswd }), ...(config && { config }), ...(rules && { rules }), ...(cert && key && { tls: { cert, key } }) };
}

const withoutPasswords = () =>
  new EngineError("usage", "rules and --anonymous-pull are for a registry that asks for passwords: give --htpasswd");

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

type Storage = Awaited<ReturnType<typeof import("../../../engine/registry/server/index.ts").openDirectory>>;

/** Collects garbage from time to time, until the server is to end. */
async function* keepTidy(
  storage: Storage,
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
