// Draws a session as it plays: `node scripts/session-picture.mjs OUT.svg SCRIPT [--at TIME]` runs a script by the built program
// with a state directory of its own, in which busybox is there already, records it (--cast) and draws that (cast-to-svg).
// BUSYBOX=FILE.tar is a root file system; the tests' cache has one.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { busyboxTar } from "../test/support/rootfs.ts";

const berth = fileURLToPath(new URL("../bin/berth", import.meta.url));
const [target, script, ...flags] = process.argv.slice(2);
if (!target || !script) throw new Error("session-picture.mjs OUT.svg SCRIPT [--at TIME]");

const place = mkdtempSync(join(tmpdir(), "berth-picture-"));
const run = (...args) => execFileSync(berth, ["--root", join(place, "root"), ...args], { cwd: dirname(resolve(script)), stdio: "inherit" });
try {
  const cast = join(place, "session.cast");
  run("import", process.env.BUSYBOX ?? busyboxTar(), "busybox");
  run("repl", "--cast", cast, resolve(script));
  run("cast-to-svg", ...flags, "--title", "berth repl", cast, resolve(target));
} finally {
  for (const id of execFileSync(berth, ["--root", join(place, "root"), "ps", "-aq"], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean))
    run("rm", "-f", id);
  rmSync(place, { recursive: true, force: true });
}
