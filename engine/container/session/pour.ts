/** Handing over what a process writes without losing a byte: who waits until it was taken reads on no sooner (sys/pipe.ts). */
import type { Writable } from "node:stream";
import type { Streams } from "../types.ts";

/** Writes; resolves when the target takes more. A closed target is not written to; its own error tells why. */
export function hand(target: Writable | undefined, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const written = () => resolve();
    if (!target || target.destroyed || target.write(data, written)) resolve();
  });
}

/** The same for a face's output, by its shorter way where it has one. */
export function deliver(streams: Streams, to: "stdout" | "stderr", data: Uint8Array): Promise<void> {
  return streams.put ? streams.put(to, data).catch(() => {}) : hand(streams[to], data);
}
