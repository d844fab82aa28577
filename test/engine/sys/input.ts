/** Hands its standard input to a slow taker, and says how many bytes came once their end did. */
import { Writable } from "node:stream";
import { inputOnBun } from "../../../engine/sys/bun.ts";

let bytes = 0;
const taker = new Writable({
  highWaterMark: 1,
  write(chunk: Buffer, _encoding, done) {
    bytes += chunk.length;
    setImmediate(done);
  },
});
taker.on("finish", () => {
  process.stdout.write(String(bytes));
  process.exit(0);
});
inputOnBun(0).pipe(taker);
