/** `berth serve`: Docker's API for the clients of others. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import type { HttpListener, Identity } from "../../../engine/serve/index.ts";
import { version } from "../../version.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";

const usual = "unix:///run/berth/docker.sock";
/** Milliseconds without a client after which a server ends that systemd starts again for the next. */
const idleTime = 60_000;
/** Milliseconds that requests have to end when the server stops. */
const patience = 10_000;

const spec: CommandSpec<void> = command({
  summary: "Serve Docker's API, for docker's command line, compose and other clients",
  description:
    "Whoever may write to the socket is root on this host: it belongs to root, and to the group that --group names. A TCP port lets in only clients with a certificate of the authority in --tlscacert. " +
    "Containers do not need the server: they go on when it stops, and it serves those that were started without it.",
  examples: [
    { line: "berth serve --group docker", does: `Serve ${usual} to root and the members of a group` },
    {
      line: "berth serve tcp://127.0.0.1:2376 --tlscacert ca.pem --tlscert cert.pem --tlskey key.pem",
      does: "Serve a port to clients with a certificate",
    },
  ],
  flags: [
    { name: "group", short: "G", type: "string", placeholder: "GROUP", help: "Group whose members may use the socket" },
    { name: "tlscacert", type: "string", placeholder: "FILE", help: "Trust clients with a certificate of this authority", subject: "file" },
    { name: "tlscert", type: "string", placeholder: "FILE", help: "The server's certificate", subject: "file" },
    { name: "tlskey", type: "string", placeholder: "FILE", help: "The key of the server's certificate", subject: "file" },
    { name: "insecure-tcp", type: "boolean", help: "Serve a port to everybody who reaches it, who is root then" },
  ],
  args: [{ name: "ADDRESS", optional: true, help: `unix://PATH, tcp://HOST:PORT, or fd:// for systemd's socket (default ${usual})` }],
  endless: () => true,
  async *run({ engine, io, signal }, input) {
    const { parseAddress, serveEngine } = await import("../../../engine/serve/index.ts");
    const tls = identityOf(input, io.cwd);
    const group = textOf(input, "group");
    const address = input.args[0] ?? usual;
    const settings = { ...(group !== undefined && { group }), ...(tls && { tls }), insecureTcp: isSet(input, "insecure-tcp"), env: io.env };
    const listeners: HttpListener[] = [];
    try {
      for (const each of parseAddress(address, settings)) {
        const listener = await serveEngine(engine, { address: each, ...(tls && { tls }), version });
        listeners.push(listener);
        yield { type: "message", text: `API listens on ${listener.url}` };
      }
      await (address.startsWith("fd://") ? Promise.race([idle(listeners), aborted(signal)]) : aborted(signal));
    } finally {
      await Promise.all(listeners.map((listener) => listener.close(patience)));
    }
  },
});

/** All three or none. */
function identityOf(input: Input, cwd: string): Identity | undefined {
  const [ca, cert, key] = ["tlscacert", "tlscert", "tlskey"].map((name) => textOf(input, name));
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if (ca === undefined || cert === undefined || key === undefined)
    throw new EngineError("usage", "--tlscacert, --tlscert and --tlskey are given together");
  const read = (file: string) => readFileSync(resolve(cwd, file), "utf8");
  return { ca: read(ca), cert: read(cert), key: read(key) };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Resolves when no listener has been busy for a while. */
function idle(listeners: readonly HttpListener[]): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const look = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (listeners.every(({ busy }) => busy === 0) ? resolve() : look()), idleTime);
    };
    for (const listener of listeners) listener.onIdle = look;
    look();
  });
}

export default spec;
