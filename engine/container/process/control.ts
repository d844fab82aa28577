/** Messages to a container's monitor, through its control pipe; see conmon(8). */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { controlPipe } from "../../runtime/conmon.ts";

/** The size of the terminal. */
export const resizeMessage = (columns: number, rows: number) => `1 ${rows} ${columns}\n`;
/** A new log file takes the place of the old one. */
export const reopenMessage = "2 0 0\n";

/** False when there is no monitor, or none that listens. */
export function tellMonitor(bundle: string, message: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(controlPipe(bundle), constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, message);
    return true;
  } catch {
    return false; // the container is ending
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
