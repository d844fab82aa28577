/** Waiting for a condition of the outside world that nobody announces: a port that answers, a process that is gone. */
import { setTimeout } from "node:timers/promises";

/**
 * Looks again and again until `probe` returns without throwing; then its value. Fails with the probe's last error.
 * @param milliseconds how long it may take on a busy machine
 */
export async function eventually<T>(probe: () => T | Promise<T>, milliseconds = 20_000): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await setTimeout(20);
  }
}
