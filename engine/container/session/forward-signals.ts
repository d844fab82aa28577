/** The signals that a face received and passes on to a container. */
import type { Ground } from "../../state/ground.ts";
import { signalNumber } from "../plan/index.ts";
import { signalContainer } from "../process/index.ts";
import type { AttachOptions } from "../types.ts";

/** Passes on what the face received (not SIGCHLD and SIGPIPE, which are about the face itself). Returns what ends it. */
export function forwardSignals(ground: Ground, id: string, options: AttachOptions): () => void {
  return (
    options.onSignal?.((signal) => {
      if (signal === "SIGCHLD" || signal === "SIGPIPE" || signal === "SIGWINCH") return;
      void signalContainer(ground, id, signalNumber(signal)).catch(() => {}); // the session's own end tells what went wrong
    }) ?? (() => {})
  );
}
