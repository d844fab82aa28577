// Draws a terminal screen as SVG: `node scripts/picture.mjs OUT.svg [COLUMNSxROWS] [KEYS…] -- COMMAND…` runs a program
// under a PTY, types the keys (JavaScript escapes; "sleep:500" waits that many ms, "until:TEXT" for a text), and draws what stands there then.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { screenSvg } from "../src/repl/picture/screen-svg.ts";

const require = createRequire(import.meta.url);
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Runs a command line in a terminal of a size, types, and gives the terminal when it has been still for a while.
 * @param wrote called with what the program writes, and when (seconds)
 */
export async function capture({ columns, rows, keys, command, wrote = () => {} }) {
  const xterm = require("@xterm/headless");
  const graphemes = require("@xterm/addon-unicode-graphemes");
  const pty = require("node-pty");
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  terminal.loadAddon(new graphemes.UnicodeGraphemesAddon());
  const env = { ...process.env, TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "C.UTF-8", TMUX: "", NO_COLOR: "" };
  const child = pty.spawn(command[0], command.slice(1), { cols: columns, rows, name: "xterm-256color", env });
  const started = Date.now();
  let last = started;
  child.onData((data) => {
    last = Date.now();
    wrote(data, (last - started) / 1000);
    terminal.write(data);
  });
  const still = async () => {
    while (Date.now() - last < 700) await wait(50);
  };
  const shown = () => Array.from({ length: rows }, (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true)).join("\n");
  await still();
  for (const key of keys) {
    const [, pause, text] = /^(?:sleep:(\d+)|until:(.*))$/.exec(key) ?? [];
    if (pause) await wait(Number(pause));
    else if (text) while (!shown().includes(text)) await wait(50);
    else child.write(JSON.parse(`"${key.replaceAll('"', '\\"')}"`));
    await wait(150);
  }
  await wait(400);
  child.kill("SIGTERM");
  return terminal;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2);
  const split = words.indexOf("--");
  const [file, size = "120x36", ...keys] = words.slice(0, split);
  const [columns, rows] = size.split("x").map(Number);
  const command = words.slice(split + 1);
  const terminal = await capture({ columns, rows, keys, command });
  writeFileSync(file, screenSvg(terminal, "berth"));
  process.exit(0);
}
