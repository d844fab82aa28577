/** Is anybody there: what answers a connection, before anything is said. */

/** Milliseconds: a host that neither takes nor refuses a connection is behind a rule that drops it. */
const patience = 1000;

/** Whether a TCP port takes connections now. @param host an address; a name would be looked up each time */
export function isListening(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  const { connect } = process.getBuiltinModule("node:net");
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (isThere: boolean) => {
      signal.removeEventListener("abort", gone);
      socket.destroy();
      resolve(isThere);
    };
    const gone = () => answer(false);
    signal.addEventListener("abort", gone);
    socket.setTimeout(patience, gone);
    socket.on("connect", () => answer(true)).on("error", gone);
  });
}
