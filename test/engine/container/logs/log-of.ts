/** A log as one piece. */
import { encodeLog } from "../../../../engine/container/logs/k8s-log.ts";

export function logOf(stream: "stdout" | "stderr", output: Buffer, time: string): Buffer {
  const pieces: Buffer[] = [];
  for (const lines of encodeLog(stream, output, time)) pieces.push(Buffer.from(lines));
  return Buffer.concat(pieces);
}
