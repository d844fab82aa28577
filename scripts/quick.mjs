// Makes the executable of the shell's short commands: Bun with src/quick.ts and its bytecode inside. It is only there to
// be fast: where Bun is not (another libc, no registry) or does not start, the launcher leaves everything to Node.
//
// Bun's package is 103 MB that nobody needs once the executable is there, as that can be asked to be Bun: so it is no
// dependency, but fetched beside the bundle that is being made, and gone with the directory.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitProgram } from "./exit-program.mjs";
import { installInto } from "./modules.mjs";
import { calls } from "./native/calls.mjs";
import { home } from "./sources.mjs";

/** Below dist/: the executable, what takes its place when it ends, and what it calls C functions by. */
export const quickFile = "quick/berth";
const exitFile = "quick/exit";
const callsFile = "quick/calls.node";
export const quickFiles = [quickFile, exitFile, callsFile];

/** The executable that is there, which is Bun itself with this in its environment. */
export const bun = join(home, "dist", quickFile);
export const asBun = { BUN_BE_BUN: "1" };

const recipe = join(home, "scripts/bun");
// The x64 build for every processor: the one for AVX2 starts no faster.
const name = `@oven/bun-linux-${{ x64: "x64-baseline", arm64: "aarch64" }[process.arch]}`;

/** @returns the program that compiles, or undefined where there is none @param directory for what must be fetched */
function findBun(directory) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(recipe, "package.json"), "utf8"));
  const { stdout } = spawnSync(bun, ["--version"], { encoding: "utf8", env: { ...process.env, ...asBun } });
  if (stdout === `${optionalDependencies[name]}\n`) return bun;
  installInto(directory, recipe);
  const fetched = join(directory, "node_modules", name, "bin/bun");
  return existsSync(fetched) ? fetched : undefined;
}

/** @param directory where the bundle is being made */
export function compileQuick(directory, version) {
  const fetched = mkdtempSync(join(directory, "bun-"));
  const program = findBun(fetched);
  if (program) compileWith(program, directory, version);
  else process.stderr.write("berth setup: Bun cannot be fetched, or is not for this machine: short commands run on Node, too\n");
  rmSync(fetched, { recursive: true });
}

function compileWith(program, directory, version) {
  const made = join(directory, quickFile);
  mkdirSync(dirname(made), { recursive: true });
  const options = [
    // In chunks: a command loads what it calls (ps 28 → 22 ms on a busy machine). Most end before a function is worth
    // compiling: five times as many calls make it so, which a large log does not notice.
    ...["--compile", "--bytecode", "--format=esm", "--splitting", "--minify", "--target=bun", "--compile-jit-policy=5"],
    // Nothing in the user's directory is to change what berth does.
    ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
    ...["--external=koffi", "--external=xmlbuilder2", `--define=__BERTH_VERSION__=${JSON.stringify(version)}`],
  ];
  const built = spawnSync(program, ["build", ...options, `--outfile=${made}`, join(home, "src/quick.ts")], {
    cwd: directory, // it leaves its own files there
    encoding: "utf8",
    env: { ...process.env, ...asBun },
  });
  if (built.status) throw new Error(`bun build failed:\n${built.stderr}`);
  // Without a status it did not run: this machine is not for Bun.
  const tried = built.status === 0 && spawnSync(made, ["--version"], { encoding: "utf8" });
  if (!tried || tried.stdout !== `berth version ${version}\n`) return rmSync(made, { force: true });
  writeFileSync(join(directory, exitFile), exitProgram(process.arch), { mode: 0o755 });
  writeFileSync(join(directory, callsFile), Buffer.from(calls[process.arch].join(""), "hex"));
}
