/** A build's client gives its Dockerfile, and its contexts when something is taken from them: .dockerignore spares the rest the way. */
import { posix } from "node:path";
import type { Ground } from "../../state/ground.ts";
import type { BuildClient } from "../index.ts";
import type { Progress, StepReport } from "../report/index.ts";
import { withOwnDirectory } from "../workspace/index.ts";
import { Arrival } from "./arrival.ts";
import type { ContextPlace, IgnoreRules } from "./build-source.ts";

interface Asking {
  ground: Ground;
  client: BuildClient;
  /** What goes when the build is over. */
  stack: AsyncDisposableStack;
  signal: AbortSignal | undefined;
}

/**
 * The Dockerfile and what may stand beside it, in a directory of this host's.
 * @param file its path in the client's directory
 */
export async function receiveDockerfile({ ground, client, stack, signal }: Asking, file: string): Promise<ContextPlace> {
  const include = [file, `${file}.dockerignore`, posix.join(posix.dirname(file), "dockerfile")];
  const received = await withOwnDirectory(ground, (directory) => client.receive("dockerfile", directory, { include, signal }));
  stack.use(received);
  return { directory: received.directory, temporary: true };
}

/** A directory of the client's with its .dockerignore alone, by which the rest of it is asked for. */
export async function receiveIgnore({ ground, client, stack, signal }: Asking, name: string, progress?: Progress): Promise<ContextPlace> {
  const receive = (report?: StepReport) =>
    withOwnDirectory(ground, (directory) =>
      told(report, (onProgress) => client.receive(name, directory, { include: [".dockerignore"], signal, onProgress })),
    );
  const received = await (progress ? progress.step("[internal] load .dockerignore", receive) : receive());
  stack.use(received);
  return { directory: received.directory, temporary: true };
}

/** A context that arrives as it is read. */
export async function clientContext(
  { ground, client, stack, signal }: Asking,
  name: string,
  ignore: IgnoreRules | undefined,
): Promise<ContextPlace> {
  const { directory } = stack.use(await withOwnDirectory(ground, async () => {}));
  const exclude = ignore?.patterns.map(({ text, exception }) => (exception ? `!${text}` : text)) ?? [];
  const arrival = new Arrival((report, follow) =>
    told(report, (onProgress) => client.receive(name, directory, { exclude, follow, signal, onProgress })),
  );
  return { directory, temporary: true, arrival };
}

/** Tells now and then how much has come, and in the end. */
async function told(report: StepReport | undefined, receive: (onProgress: (bytes: number) => void) => Promise<void>): Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  let bytes = 0;
  const tell = (done: boolean) => report?.status("transferring context:", bytes, { unit: "bytes", ...(done && { done }) });
  await receive((count) => {
    bytes = count;
    if (Date.now() - last < 100) return;
    last = Date.now();
    tell(false);
  });
  tell(true);
}
