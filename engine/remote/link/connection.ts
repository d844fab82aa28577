/** How a host is doing, for whoever shows it. */
import type { EngineError } from "../../errors.ts";

export interface Peer {
  /** "docker" for what does not say that it is another. */
  kind: "docker" | "podman" | "berth";
  /** Of the API that is spoken with it: "1.41", and as a number: 141. */
  version: string;
  api: number;
  /** Milliseconds by which its clock is ahead of this host's, to a second. */
  ahead: number;
}

export type ConnectionState =
  /** Nothing was asked yet, or the first answer is not there yet. */
  | { status: "connecting" }
  /** `latency`: milliseconds that its last answer took. */
  | { status: "connected"; peer: Peer; latency: number }
  /** `since`: milliseconds since the epoch. It is tried again, as long as somebody watches, and whenever something is asked. */
  | { status: "lost"; since: number; error: EngineError };

export interface Connection {
  /** As the user writes it: "ssh://me@build", "unix:///run/docker.sock". */
  readonly address: string;
  /** The context that names it, where one does. */
  readonly name?: string | undefined;
  readonly state: ConnectionState;
  /**
   * Calls back after each change of `state` (a new latency is none). While somebody watches, the host is asked twice a second whether
   * it is there: one that goes away is `lost` within two seconds, and `connected` as soon as it answers again. Returns the unsubscriber.
   */
  watch(listener: (state: ConnectionState) => void): () => void;
}
