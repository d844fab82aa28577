/**
 * The composition root: puts the engine and the faces together. The only importer of views, and that lazily. Everything
 * is loaded once the code cache is on, so that V8 finds its code ready.
 */
import { startCodeCache } from "./code-cache.ts";
import { firstFrame } from "./first-frame.ts";

function cacheDirectory(): string | undefined {
  const { HOME, XDG_CACHE_HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  return cache && `${cache}/berth/code`;
}

/** The first word that is no global flag, nor the value of one. A wrong guess costs time only. */
function verbOf(argv: readonly string[]): string {
  const verb = argv.find(
    (word, at) =>
      /^[a-z]{1,20}$/.test(word) && !/^(--(root|runtime|config|host|context|tls(cacert|cert|key))|-H|-c)$/.test(argv[at - 1] ?? ""),
  );
  return verb ?? (argv.some((word) => /^(-v|-h|--version|--help)$/.test(word)) ? "help" : "tui");
}

async function main(argv: readonly string[]): Promise<void> {
  const directory = cacheDirectory();
  const verb = verbOf(argv);
  const frame = directory && verb === "tui" ? firstFrame(directory, argv) : undefined;
  frame?.show();
  const keepCode = directory && startCodeCache(`${import.meta.dirname}/chunks`, directory, verb);
  const umask = (await import("./umask.ts")).takeUmask();
  const exitAtOnce = (await import("../engine/sys/exit.ts")).immediateExit();
  const { runCli } = await import("./cli.ts");
  const { leave, leaveBy } = await import("./print.ts");
  leaveBy(exitAtOnce);
  const status = await runCli(argv, {
    openEngine: async (options) => (await import("../engine/house.ts")).openHouse({ ...options, umask }),
    openRemote: async (choice, flags) => (await import("./open-remote.ts")).openChosen(choice, flags),
    openTui: async (engine, flags) => {
      const { runTui } = await import("../views/app.tsx");
      const openLocal = async () => (await import("../engine/house.ts")).openHouse({ umask });
      const hosts = async () => (await import("./tui-hosts.ts")).tuiHosts(engine, openLocal);
      const root = "paths" in engine ? engine.paths.root : engine.connection.address;
      return runTui({ engine, hosts, flags, root, ...(frame && { frame }) });
    },
    ...(frame && { dismiss: frame.dismiss }),
    settings: async (env, flags) => (await import("../views/config/effective.ts")).effectiveSettings(env, flags),
  });
  if (status === 0 && keepCode) keepCode();
  // Handles that outlive the command (a standard input nobody ends) must not keep the process.
  leave(status);
}

void main(process.argv.slice(2));
