/** Command lines against a real engine with a state directory of its own: what they print, return and leave behind. */
import { PassThrough, Readable } from "node:stream";
import type { EngineError } from "../../../engine/errors.ts";
import type { Engine } from "../../../engine/index.ts";
import type { Io } from "../../../src/commands/command.ts";
import { execute } from "../../../src/commands/execute.ts";
import { type Captured, Session } from "../../../src/repl/session.ts";
import { finish, importBusybox, openTestEngine } from "../../support/engine.ts";

export interface Scene extends AsyncDisposable {
  engine: Engine;
  session: Session;
  /** Runs a command line given as words; what it printed is `text`, its data `result`. Rejects with what it fails with. */
  berth(...words: string[]): Promise<Captured>;
  /** Only the text. */
  text(...words: string[]): Promise<string>;
  /** Only the error of a line that must fail. */
  error(...words: string[]): Promise<EngineError>;
  /** Runs a line with bytes on its standard input; resolves with its output and status. */
  feed(input: Uint8Array | string, ...words: string[]): Promise<{ output: Buffer; status: number }>;
}

/** Opens an engine with busybox in it. */
export async function openScene(): Promise<Scene> {
  const opened = openTestEngine();
  const { engine, root } = opened;
  await importBusybox(engine);
  const io: Io = { streams: { stdout: new PassThrough(), stderr: new PassThrough() }, confirm: async () => false, cwd: root, env: {} };
  const { signal } = new AbortController();
  const session = new Session({ engine, io });
  const berth = (...words: string[]) => session.capture(words, signal);
  return {
    engine,
    session,
    berth,
    text: async (...words) => (await berth(...words)).text,
    error: (...words) =>
      berth(...words).then(
        ({ text }) => Promise.reject(new Error(`"${words.join(" ")}" succeeded: ${text}`)),
        (error: EngineError) => error,
      ),
    feed: async (input, ...words) => {
      const stdout = new PassThrough();
      const kept = stdout.toArray();
      const streams = { stdin: Readable.from([Buffer.from(input)]), stdout, stderr: new PassThrough() };
      const { status } = await finish(execute({ engine, io: { ...io, streams }, signal }, words));
      stdout.end();
      return { output: Buffer.concat((await kept) as Buffer[]), status };
    },
    [Symbol.asyncDispose]: async () => {
      await session.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}
