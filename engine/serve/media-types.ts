/** What a stream of a container is called. */

export const rawStream = "application/vnd.docker.raw-stream";

/** Clients of 1.42 and newer are told whether there are frames in it; older ones ask whether there is a terminal. */
export const mediaType = (tty: boolean, version: number): string =>
  !tty && version >= 142 ? "application/vnd.docker.multiplexed-stream" : rawStream;
