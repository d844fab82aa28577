/**
 * The k8s-file log (CRI logging format): one line per line of output, `TIME STREAM F|P TEXT`, where P marks a part that
 * goes on in the next line of that stream. conmon writes it; berth writes the same for containers it runs itself.
 */
import type { LogEntry } from "./types.ts";

const newline = 0x0a;
const space = 0x20;
/** Bytes of output per log line: conmon's buffer. */
const longest = 8192;

/** The log lines of a chunk of output. Pure. @param time RFC 3339 */
export function encodeLog(stream: "stdout" | "stderr", chunk: Uint8Array, time: string): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < chunk.length; ) {
    const found = chunk.indexOf(newline, at);
    const whole = found >= 0 && found - at <= longest;
    const end = whole ? found : Math.min(chunk.length, at + longest);
    parts.push(
      Buffer.from(`${time} ${stream} ${whole ? "F" : "P"} `),
      Buffer.from(chunk.buffer, chunk.byteOffset + at, end - at),
      Buffer.of(newline),
    );
    at = whole ? end + 1 : end;
  }
  return Buffer.concat(parts);
}

/** One line of the log without its line end; undefined for what is not one. Pure. */
export function decodeLogLine(line: Uint8Array): LogEntry | undefined {
  const first = line.indexOf(space);
  const second = line.indexOf(space, first + 1);
  const third = line.indexOf(space, second + 1);
  if (first < 0 || second < 0 || third < 0) return undefined;
  const text = (from: number, to: number) => Buffer.from(line.buffer, line.byteOffset + from, to - from).toString("latin1");
  const stream = text(first + 1, second);
  const tag = text(second + 1, third);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  return { stream, time: text(0, first), data: line.subarray(third + 1), ...(tag.startsWith("P") && { partial: true }) };
}
