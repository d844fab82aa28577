/** `berth system dial-stdio`: Docker's API on standard input and output. What a client's ssh starts over here; not for people. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../../../engine/errors.ts";
import { spawnProcess } from "../../../engine/process/spawn.ts";
import { type CommandSpec, command } from "../command.ts";

/** A server that nobody needs any more ends after this. */
const idle = "1m";
/** Milliseconds that a server has to come up. */
const patience = 15_000;

const spec: CommandSpec<undefined> = command<undefined>({
  summary: "Serve Docker's API on standard input and output",
  description:
    "A client has several connections, which must meet the same server: where none is there, one is started that ends when nobody has asked for a minute.",
  examples: [{ line: "berth system dial-stdio", does: "What 'berth -H ssh://HOST' starts on that host where there is no docker" }],
  flags: [],
  args: [],
  place: "here",
  async *run({ engine, io, signal }) {
    const { stdin, stdout } = io.streams;
    if (!stdin) throw new EngineError("usage", "cannot serve: there is no standard input");
    const { dialUnix } = await import("../../../engine/remote/index.ts");
    const { DockerRootDir: root } = await engine.system.info();
    const socket = join(root, "dial.sock");
    const connection = await dialUnix(socket).catch(() => started(root, socket, () => dialUnix(socket)));
    const over = new Promise<void>((resolve) =>
      connection
        .once("end", resolve)
        .once("close", resolve)
        .on("error", () => resolve()),
    );
    signal.addEventListener("abort", () => connection.destroy(), { once: true });
    stdin.pipe(connection).pipe(stdout, { end: false });
    await over;
    return undefined;
  },
  present: () => ({ kind: "none" }),
});

/** Starts a server; what `dial` gives once it answers. Of two that start at the same time one finds that it is not needed. */
async function started<T>(root: string, socket: string, dial: () => Promise<T>): Promise<T> {
  const [program, ...words] = [process.execPath, ...process.execArgv, process.argv[1] ?? ""];
  const server = [...words, "--root", root, "serve", `unix://${socket}`, "--idle", idle];
  spawnProcess(program!, server, { detached: true, stdio: "ignore", env: { ...process.env } as Record<string, string> }).unref();
  for (const begun = performance.now(); ; await delay(20)) {
    try {
      return await dial();
    } catch (error) {
      if (performance.now() - begun > patience) throw error;
    }
  }
}

export default spec;
