/** How a process of Node's ends, whatever its threads still do. */
import { spawnSync } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makePipe } from "../../../engine/sys/pipe.ts";

const exit = new URL("../../../engine/sys/exit.ts", import.meta.url).pathname;

/** A process that has made its standard input non-blocking, and has threads that read for ever and compile. */
const script = `
  const exitAtOnce = (await import(${JSON.stringify(exit)})).immediateExit();
  process.stdin.resume();
  const { makePipe } = await import(${JSON.stringify(new URL("../../../engine/sys/pipe.ts", import.meta.url).pathname)});
  (await import("node:fs")).read(makePipe()[0], Buffer.alloc(1), () => {});
  const flags = () => /flags:\\s*(\\d+)/.exec(process.getBuiltinModule("node:fs").readFileSync("/proc/self/fdinfo/0", "latin1"))[1];
  process.stdout.write(flags());
  exitAtOnce(7);
`;

test("it ends at once with its status, and gives the descriptors that it shares back as they were", { timeout: 30_000 }, () => {
  const [read, write] = makePipe();
  try {
    const flags = () => /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${read}`, "latin1"))![1]!;
    const nonBlocking = 0o4000;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script],
      {
        encoding: "utf8",
        stdio: [read, "pipe", "pipe"],
        timeout: 20_000,
      },
    );
    expect({ stderr, status }).toEqual({ stderr: "", status: 7 });
    expect(Number.parseInt(stdout, 8) & nonBlocking).toBe(nonBlocking);
    expect(Number.parseInt(flags(), 8) & nonBlocking).toBe(0);
  } finally {
    closeSync(read);
    closeSync(write);
  }
});
