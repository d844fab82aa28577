/** The table of widths is right whatever other Buffers hold. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const program = `
  Buffer.from("\\0".repeat(100)); // the head of the pool
  const { loadGraphemesAddon } = await import(process.argv[1]);
  const Addon = await loadGraphemesAddon();
  const { default: xterm } = await import("@xterm/headless");
  const terminal = new xterm.Terminal({ allowProposedApi: true, cols: 20, rows: 2 });
  terminal.loadAddon(new Addon());
  terminal.write("\\u{1F600}\\u{1F468}\\u200D\\u{1F469}e\\u0301|", () => {
    console.log(terminal.buffer.active.cursorX, Buffer.poolSize > 0);
  });
`;

test("an addon that is loaded late finds its own table", () => {
  const path = new URL("../../../views/panes/graphemes-addon.ts", import.meta.url).pathname;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program, path];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: "6 true\n", stderr: "" });
});
