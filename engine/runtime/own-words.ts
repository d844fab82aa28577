/**
 * A runtime that cannot start a process says so on the process's standard error, or terminal, and in its own log. Errors of berth
 * repeat the log; what came on standard error is then left out.
 */
import { loggedError } from "./failure.ts";

const newline = 0x0a;
/** How long the first output may be the runtime's own: it writes its log, and ends, right after. */
const doubt = 100; // ms

export interface OwnWords {
  /** The next chunk of standard error; resolves when what is passed on of it was taken. */
  feed(chunk: Buffer): Promise<void>;
  /** The process will not start, so all that is said from now on, and was not passed on, is the runtime's. */
  hush(): void;
  /** The stream and the runtime have ended; resolves when the rest was taken. */
  end(): Promise<void>;
}

/**
 * Passes standard error on to `say`. Lines at its start are kept back until more follows, or the runtime has had
 * the time to log it; at the end the log tells whose it was.
 * @param log path of the runtime's JSON log
 */
export function withoutOwnWords(log: string, say: (chunk: Buffer) => Promise<void>): OwnWords {
  let isFirst = true;
  let isHushed = false;
  let held: Buffer | undefined;
  let timer: NodeJS.Timeout | undefined;
  let said = Promise.resolve();
  const letGo = () => {
    clearTimeout(timer);
    if (held && loggedError(log) === undefined) said = say(held);
    held = undefined;
  };
  return {
    async feed(chunk) {
      if (isHushed) return;
      if (isFirst && chunk.at(-1) === newline) {
        held = chunk;
        timer = setTimeout(letGo, doubt);
      } else {
        letGo();
        said = say(chunk);
        await said;
      }
      isFirst = false;
    },
    hush() {
      clearTimeout(timer);
      held = undefined;
      isHushed = true;
    },
    async end() {
      letGo();
      await said;
    },
  };
}
