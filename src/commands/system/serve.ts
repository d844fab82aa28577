/** `berth serve`: Docker's API for the clients of others. */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { inspect } from "node:util";
import { EngineError } from "../../../engine/errors.ts";
import type { ContainerInspect, Engine } from "../../../engine/index.ts";
import type { HttpListener, Identity } from "../../../engine/serve/index.ts";
import { neutralise } from "../../format/neutral.ts";
import { version } from "../../version.ts";
import { type CommandSpec, command, type Input } from "../command.ts";
import { isSet, numberOf, textOf } from "../flag-values.ts";

const usualSocket = "/run/berth/docker.sock";
const usual = `unix://${usualSocket}`;
const unitDirectory = "/etc/systemd/system";
/** Milliseconds without a client after which a server ends that systemd starts again for the next. */
const usualIdleTime = 60_000;
/** Milliseconds without a client after which memory is given back: again once what clients leave behind, closed late, is over, too. */
const restTimes = [5000, 30_000];
/** Milliseconds that requests have to end when the server stops. */
const patience = 10_000;

const spec: CommandSpec<string[] | undefined> = command<string[] | undefined>({
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
    { line: "berth serve --install --group docker", does: `Have systemd hold ${usualSocket}, and start the server for its clients` },
  ],
  flags: [
    { name: "group", short: "G", type: "string", placeholder: "GROUP", help: "Group whose members may use the socket" },
    { name: "tlscacert", type: "string", placeholder: "FILE", help: "Trust clients with a certificate of this authority", subject: "file" },
    { name: "tlscert", type: "string", placeholder: "FILE", help: "The server's certificate", subject: "file" },
    { name: "tlskey", type: "string", placeholder: "FILE", help: "The key of the server's certificate", subject: "file" },
    { name: "idle", type: "duration", placeholder: "TIME", help: "End when nobody has asked for so long (default for fd://: 1m)" },
    {
      name: "install",
      type: "optional",
      implied: unitDirectory,
      placeholder: "DIRECTORY",
      help: `Write units of systemd into ${unitDirectory}, or another directory, instead of serving`,
    },
    { name: "insecure-tcp", type: "boolean", help: "Serve a port to everybody who reaches it, who is root then" },
  ],
  place: "here",
  args: [{ name: "ADDRESS", optional: true, help: `unix://PATH, tcp://HOST:PORT, or fd:// for systemd's socket (default ${usual})` }],
  present: (lines) => (lines ? { kind: "lines", lines } : { kind: "none" }),
  endless: (input) => textOf(input, "install") === undefined,
  async *run({ engine, io, signal }, input) {
    const directory = textOf(input, "install");
    if (directory !== undefined) return install(engine, resolve(io.cwd, directory), input);
    const { parseAddress, rest, serveEngine } = await import("../../../engine/serve/index.ts");
    const tls = await identityOf(input, io.cwd);
    const group = textOf(input, "group");
    const address = input.args[0] ?? usual;
    const settings = { ...(group !== undefined && { group }), ...(tls && { tls }), insecureTcp: isSet(input, "insecure-tcp"), env: io.env };
    const listeners: HttpListener[] = [];
    using _faults = tellFaults((text) => io.streams.stderr.write(text));
    try {
      for (const each of parseAddress(address, settings)) {
        const listener = await serveEngine(engine, { address: each, ...(tls && { tls }), version, logDetails });
        listeners.push(listener);
        yield { type: "message", text: `API listens on ${listener.url}` };
      }
      const stirs = restTimes.map((time) => whenQuiet(listeners, time, rest));
      const idleTime = numberOf(input, "idle") ?? (address.startsWith("fd://") ? usualIdleTime : undefined);
      await Promise.race([signal.aborted || once(signal, "abort"), ...(idleTime === undefined ? [] : [idle(listeners, idleTime)])]);
      for (const stir of stirs) stir();
      return undefined;
    } finally {
      await Promise.all(listeners.map((listener) => listener.close(patience)));
    }
  },
});

/**
 * What fails where no request answers for it (in a callback, at an event) is told, and everybody else's requests go on, as those of Go's
 * servers do: what a request has changed is on disk, and whole; in this process there is little that its fault could have left wrong.
 */
function tellFaults(tell: (text: string) => void): Disposable {
  const onFault = (error: unknown) => tell(`berth: a fault of berth's own; the server goes on: ${neutralise(inspect(error))}\n`);
  process.on("uncaughtException", onFault); // of promises, too
  return { [Symbol.dispose]: () => void process.off("uncaughtException", onFault) };
}

/** All three or none. */
async function identityOf(input: Input, cwd: string): Promise<Identity | undefined> {
  const file = (name: string) => textOf(input, name) && resolve(cwd, textOf(input, name)!);
  const [ca, cert, key] = ["tlscacert", "tlscert", "tlskey"].map(file);
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if (ca === undefined || cert === undefined || key === undefined)
    throw new EngineError("usage", "--tlscacert, --tlscert and --tlskey are given together");
  return (await import("../../../engine/serve/index.ts")).readIdentity(ca, cert, key);
}

/** Calls back when nothing was asked for so long. @returns what ends that */
function whenQuiet(listeners: readonly HttpListener[], time: number, act: () => void): () => void {
  const quiet = () => listeners.every(({ busy }) => busy === 0);
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(() => quiet() && act(), time);
  };
  const undo = listeners.map((listener) => listener.onIdle(look));
  look();
  return () => {
    clearTimeout(timer);
    for (const step of undo) step();
  };
}

const idle = (listeners: readonly HttpListener[], time: number) => new Promise<void>((resolve) => void whenQuiet(listeners, time, resolve));

/** What `logs --details` puts before each line. */
const logDetails = async (container: ContainerInspect) => (await import("../container/log-details.ts")).logDetails(container);

async function install(engine: Engine, directory: string, input: Input): Promise<string[]> {
  const { unitFiles } = await import("../../../engine/serve/index.ts");
  const { DockerRootDir: root } = await engine.system.info();
  const [address = usual] = input.args;
  if (!address.startsWith("unix:///")) throw new EngineError("usage", `cannot install "${address}": systemd's socket is at unix:///PATH`);
  const command = [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
  const socket = address.slice("unix://".length);
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(unitFiles({ command, root, socket, group: textOf(input, "group") ?? "root" })))
    writeFileSync(join(directory, name), text);
  return [`wrote berth.socket and berth.service into ${directory}`, "systemctl daemon-reload && systemctl enable --now berth.socket"];
}

export default spec;
