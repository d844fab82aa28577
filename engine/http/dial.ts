/** Connections to a server of Docker's API: a socket in the file system, a port, a port behind TLS. */
import type { Duplex } from "node:stream";

/** PEM. What a client trusts, and what it shows. */
export interface ClientIdentity {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** Any certificate is taken for the server's. */
  insecure?: boolean | undefined;
}

/** Milliseconds of silence after which the kernel asks whether the other side is still there, once a second, ten times. */
const quietTime = 10_000;
/** Milliseconds until a connection stands: a first packet that is lost is sent again after one second, a second one after three. */
const connectTime = 5000;

/** Half closed connections stay: what a client sends ends before what it is sent. */
const half = { allowHalfOpen: true } as const;

export function dialUnix(path: string): Promise<Duplex> {
  const { connect } = process.getBuiltinModule("node:net");
  return established(connect({ path, ...half }), "connect");
}

/** @param tls without, anybody on the way reads and writes along */
export function dialTcp(host: string, port: number, tls?: ClientIdentity): Promise<Duplex> {
  const alive = { keepAlive: true, keepAliveInitialDelay: quietTime, noDelay: true };
  if (!tls) return established(process.getBuiltinModule("node:net").connect({ host, port, ...alive, ...half }), "connect");
  const { insecure = false, ca, cert, key } = tls;
  const { connect } = process.getBuiltinModule("node:tls");
  const { isIP } = process.getBuiltinModule("node:net");
  const trust = { rejectUnauthorized: !insecure, minVersion: "TLSv1.2", ...(ca !== undefined && { ca }) } as const;
  const shown = { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
  const socket = connect({ host, port, ...trust, ...shown, ...half, ...(isIP(host) === 0 && { servername: host }) });
  socket.setKeepAlive(true, quietTime);
  socket.setNoDelay(true);
  return established(socket, "secureConnect");
}

interface Connecting extends Duplex {
  setTimeout(time: number, act?: () => void): unknown;
}

/** Resolves at the event that says so; rejects with what went wrong before. */
function established(socket: Connecting, event: "connect" | "secureConnect"): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(connectTime, () => socket.destroy(Object.assign(new Error("no connection"), { code: "ETIMEDOUT" })));
    socket.once("error", reject);
    socket.once(event, () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
