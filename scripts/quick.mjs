// Makes the executable of the shell's short commands: Bun with src/quick.ts and its bytecode inside. It is only there to
// be fast: where Bun is not (another architecture, an installation without optional packages) or does not start, the
// launcher leaves everything to Node.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { home } from "./sources.mjs";

/** Below dist/. */
export const quickFile = "quick/berth";

// The x64 build for every processor: the one for AVX2 starts no faster.
export const bun = join(home, `node_modules/@oven/bun-linux-${{ x64: "x64-baseline", arm64: "aarch64" }[process.arch]}/bin/bun`);

/** @param directory where the bundle is being made */
export function compileQuick(directory, version) {
  if (!existsSync(bun)) return;
  const made = join(directory, quickFile);
  mkdirSync(dirname(made), { recursive: true });
  const options = [
    // In chunks: a command loads what it calls (ps 28 → 22 ms on a busy machine). Most end before a function is worth
    // compiling: five times as many calls make it so, which a large log does not notice.
    ...["--compile", "--bytecode", "--format=esm", "--splitting", "--minify", "--target=bun", "--compile-jit-policy=5"],
    // Nothing in the user's directory is to change what berth does.
    ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
    ...["--external=koffi", `--define=__BERTH_VERSION__=${JSON.stringify(version)}`],
  ];
  const built = spawnSync(bun, ["build", ...options, `--outfile=${made}`, join(home, "src/quick.ts")], {
    cwd: directory, // it leaves its own files there
    encoding: "utf8",
  });
  if (built.status) throw new Error(`bun build failed:\n${built.stderr}`);
  // Without a status it did not run: this machine is not for Bun.
  const tried = built.status === 0 && spawnSync(made, ["--version"], { encoding: "utf8" });
  if (!tried || tried.stdout !== `berth version ${version}\n`) rmSync(made, { force: true });
}
