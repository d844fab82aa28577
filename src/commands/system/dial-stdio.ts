/** `berth system dial-stdio`: Docker's API on standard input and output. What a client's ssh starts over here; not for people. */
import { Duplex } from "node:stream";
import { EngineError } from "../../../engine/errors.ts";
import { version } from "../../version.ts";
import { type CommandSpec, command } from "../command.ts";

/** Milliseconds that what is being answered has when the client is gone. */
const patience = 1000;

const spec: CommandSpec<undefined> = command<undefined>({
  summary: "Serve Docker's API on standard input and output",
  description:
    "There is no daemon that it would have to be passed on to: this process is the server, of one client, as long as that stays.",
  examples: [{ line: "berth system dial-stdio", does: "What 'berth -H ssh://HOST' starts on that host where there is no docker" }],
  flags: [],
  args: [],
  place: "here",
  async *run({ engine, io, signal }) {
    const { stdin, stdout } = io.streams;
    if (!stdin) throw new EngineError("usage", "cannot serve: there is no standard input");
    const { serveEngine } = await import("../../../engine/serve/index.ts");
    const connection = Duplex.from({ readable: stdin, writable: stdout });
    const listener = await serveEngine(engine, { address: { kind: "connection", connection }, version });
    const gone = Promise.withResolvers<void>();
    connection.once("close", gone.resolve).once("error", gone.resolve);
    // A client that has no more to say may wait for what it has asked for.
    connection.once("end", () => (listener.busy === 0 ? gone.resolve() : listener.onIdle(gone.resolve)));
    signal.addEventListener("abort", () => gone.resolve(), { once: true });
    await gone.promise;
    await listener.close(patience);
    return undefined;
  },
  present: () => ({ kind: "none" }),
});

export default spec;
