/** `berth registry serve`: an OCI registry in a directory. */
import { resolve } from "node:path";
import { type CommandSpec, command } from "../command.ts";
import { isSet, numberOf, textOf } from "../flag-values.ts";

const usualDirectory = "/var/lib/berth-registry";
const usualAddress = "127.0.0.1:5000";
/** Milliseconds that requests have to end when the server stops. */
const patience = 10_000;
/** Milliseconds without a byte after which an upload is removed. */
const usualExpiry = 24 * 60 * 60 * 1000;

const spec: CommandSpec<undefined> = command<undefined>({
  summary: "Serve a directory as an OCI registry",
  description:
    "Images are pushed to it and pulled from it by berth, docker and every other client of the OCI distribution-spec. " +
    "It listens on this host alone and asks for no password; to let others in without one, say --insecure.",
  examples: [
    { line: "berth registry serve", does: `Serve ${usualDirectory} on ${usualAddress}` },
    { line: "berth registry serve --listen 127.0.0.1:5001 ./registry", does: "Serve another directory on another port" },
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
    { name: "insecure", type: "boolean", help: "Let everybody who reaches the address read, write and delete" },
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
    const { openDirectory, parseListen, serveRegistry } = await import("../../../engine/registry/server/index.ts");
    const address = parseListen(textOf(input, "listen") ?? usualAddress, { insecure: isSet(input, "insecure") });
    const root = resolve(io.cwd, input.args[0] ?? usualDirectory);
    await using storage = await openDirectory({ root, uploadExpiry: numberOf(input, "upload-expiry") ?? usualExpiry });
    const listener = await serveRegistry({ address, storage });
    try {
      yield { type: "message", text: `registry listens on ${listener.url.replace("tcp://", "http://")}` };
      await aborted(signal);
      return undefined;
    } finally {
      await listener.close(patience);
    }
  },
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

export default spec;
