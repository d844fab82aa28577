/** What a stream of a container is called. */

import type { Call } from "./route.ts";

export const rawStream = "application/vnd.docker.raw-stream";

/** Who does not ask for an upgrade is told of no frames, though there are some. */
export const hijackedType = (tty: boolean, { version, exchange }: Pick<Call, "version" | "exchange">): string =>
  exchange.upgrade === undefined ? rawStream : mediaType(tty, version);

/** Clients of 1.42 and newer are told whether there are frames in it; older ones ask whether there is a terminal. */
export const mediaType = (tty: boolean, version: number): string =>
  !tty && version >= 142 ? "application/vnd.docker.multiplexed-stream" : rawStream;
