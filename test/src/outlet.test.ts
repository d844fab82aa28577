/** The way out of the process: what is written soon and at once, in which order it arrives, and what waits for whom. */
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const print = new URL("../../src/print.ts", import.meta.url).href;

/** Another process with the outlets at hand. */
function program(body: string, shell = 'exec "$@"'): ChildProcess {
  const script = `const { put, putSoon, write, flushed } = await import(${JSON.stringify(print)});\n${body}`;
  const words = [process.execPath, "--input-type=module", "--disable-warning=ExperimentalWarning", "-e", script];
  return spawn("sh", ["-c", shell, "sh", ...words], { stdio: "pipe" });
}

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`).join("");

test("what is written soon is out before anything else that is written, to the other stream, too", async () => {
  const { stdout } = program(
    'putSoon("stdout", "1 "); write("stderr", "2 "); putSoon("stdout", "3 "); await put("stdout", "4 "); putSoon("stdout", "5 "); await flushed(); write("stderr", "6");',
    'exec "$@" 2>&1',
  );
  expect(await text(stdout!)).toBe("1 2 3 4 5 6");
});

test("what is written soon is out while the program waits for something else", async () => {
  const child = program('putSoon("stdout", "soon"); setInterval(() => {}, 1e9);');
  const [first] = await new Promise<Buffer[]>((resolve) => child.stdout!.once("data", (...data) => resolve(data)));
  expect(String(first)).toBe("soon");
  child.kill("SIGKILL");
});

test.each([
  ["a pipe", 'exec "$@" | cat'],
  ["a file", 'f=$(mktemp); "$@" >$f; cat $f; rm $f'],
])("a hundred thousand lines arrive in their order in %s", async (_where, shell) => {
  const { stdout } = program('for (let at = 0; at < 1e5; at++) await putSoon("stdout", `line ${at}\\n`); await flushed();', shell);
  expect(await text(stdout!)).toBe(lines(1e5));
});

test("a reader who does not read holds up who writes, and nothing else", async () => {
  const body = `
    const ticks = setInterval(() => write("stderr", "."), 1);
    for (let at = 0; at < 2e4; at++) await putSoon("stdout", \`line \${at}\\n\`);
    await flushed();
    clearInterval(ticks);`;
  const { stdin, stdout, stderr } = program(body, 'exec 3<&0; "$@" </dev/null | { read go <&3; cat; }');
  let ticks = 0;
  await new Promise<void>((resolve) => stderr!.on("data", (chunk: Buffer) => (ticks += chunk.length) > 200 && resolve()));
  stdin!.end("go\n");
  expect(await text(stdout!)).toBe(lines(2e4));
});
