/**
 * Log lines made by the runtime's own functions on texts. The quick executable interprets this program: there the loop of k8s-log.ts
 * makes 2 MB of log from 80-byte lines in a second, this 500. Compiled, by V8, the loop is the faster one for short lines.
 */

const newline = 0x0a;

/**
 * As `encodeLog` of k8s-log.ts.
 * @param longest bytes of output per log line
 */
export function* encodeText(stream: "stdout" | "stderr", chunk: Uint8Array, time: string, longest: number): Generator<Buffer> {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const head = (mark: "F" | "P") => `${time} ${stream} ${mark} `;
  const between = `\n${head("F")}`;
  for (let at = 0; at < bytes.length; ) {
    const near = bytes.subarray(at, at + longest + 1);
    const end = near.lastIndexOf(newline); // every line before it is short enough
    const text = near.toString("latin1", 0, end >= 0 ? end : longest);
    yield Buffer.from(end >= 0 ? `${head("F")}${text.replace(/\n/g, between)}\n` : `${head("P")}${text}\n`, "latin1");
    at += end >= 0 ? end + 1 : text.length;
  }
}
