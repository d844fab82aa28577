/**
 * The one command table. A line names a command's paths (the first is canonical) and loads its file on demand, so that
 * `ps` does not pay for `build`. test/src/commands/table.test.ts checks that each entry is complete.
 */
import type { Command, CommandSpec } from "./command.ts";

export interface TableEntry {
  names: readonly [string, ...string[]];
  /** A key of `groupTitles`. */
  group: string;
  /** Not offered: commands that berth starts by itself. */
  hidden: boolean;
  /**
   * Its usual run is short and works on no layers, so the quick executable may run it (src/quick-commands.ts). Others are
   * Node's from the start; whoever adds a command decides, and a test keeps bin/berth's list to this one.
   */
  quick: boolean;
  load(): Promise<Command>;
}

/** Headings of help and reference, in their order. */
export const groupTitles: Readonly<Record<string, string>> = {
  container: "Containers",
  image: "Images",
  builder: "Builds",
  compose: "Projects",
  volume: "Volumes",
  network: "Networks",
  context: "Hosts",
  registry: "Registries",
  trust: "Signatures",
  system: "System",
  session: "Sessions",
};

type Line = Omit<TableEntry, "group" | "load"> & { load(): Promise<{ default: unknown }> };

const entry = (names: [string, ...string[]], load: () => Promise<{ default: unknown }>, hidden = false): Line => ({
  names,
  hidden,
  quick: false,
  load,
});

const quick = (...of: Parameters<typeof entry>): Line => ({ ...entry(...of), quick: true });

/** The lines of a group as entries: what is loaded knows its names. */
function grouped(group: string, lines: readonly Line[]): TableEntry[] {
  return lines.map((line) => {
    const [name, ...aliases] = line.names;
    const named = { name, aliases, group, hidden: line.hidden };
    return { ...line, group, load: async () => ({ ...((await line.load()).default as CommandSpec<never>), ...named }) };
  });
}

export const table: readonly TableEntry[] = [
  ...grouped("container", [
    quick(["container ls", "ps", "container ps", "container list"], () => import("./container/ls.ts")),
    entry(["container attach", "attach"], () => import("./container/attach.ts")),
    entry(["container commit", "commit"], () => import("./container/commit.ts")),
    entry(["container cp", "cp"], () => import("./container/cp.ts")),
    quick(["container create", "create"], () => import("./container/create.ts")),
    entry(["container debug", "debug"], () => import("./container/debug.ts")),
    quick(["container diff", "diff"], () => import("./container/diff.ts")),
    quick(["container exec", "exec"], () => import("./container/exec.ts")),
    entry(["container export", "export"], () => import("./container/export.ts")),
    entry(["container files"], () => import("./container/files.ts")),
    quick(["container inspect"], () => import("./container/inspect.ts")),
    quick(["container kill", "kill"], () => import("./container/kill.ts")),
    quick(["container logs", "logs"], () => import("./container/logs.ts")),
    quick(["container pause", "pause"], () => import("./container/pause.ts")),
    quick(["container port", "port"], () => import("./container/port.ts")),
    quick(["container prune"], () => import("./container/prune.ts")),
    quick(["container rename", "rename"], () => import("./container/rename.ts")),
    quick(["container restart", "restart"], () => import("./container/restart.ts")),
    quick(["container rm", "rm", "container remove"], () => import("./container/rm.ts")),
    quick(["container run", "run"], () => import("./container/run.ts")),
    quick(["container start", "start"], () => import("./container/start.ts")),
    entry(["container stats", "stats"], () => import("./container/stats.ts")),
    quick(["container stop", "stop"], () => import("./container/stop.ts")),
    quick(["container top", "top"], () => import("./container/top.ts")),
    quick(["container unpause", "unpause"], () => import("./container/unpause.ts")),
    quick(["container update", "update"], () => import("./container/update.ts")),
    quick(["container wait", "wait"], () => import("./container/wait.ts")),
    quick(["internal container-exited"], () => import("./system/container-exited.ts"), true),
    quick(["internal exec-exited"], () => import("./system/exec-exited.ts"), true),
    quick(["internal exec-left"], () => import("./system/exec-left.ts"), true),
    entry(["internal supervise"], () => import("./system/supervise.ts"), true),
  ]),
  ...grouped("image", [
    quick(["image ls", "images", "image list"], () => import("./image/ls.ts")),
    quick(["image history", "history"], () => import("./image/history.ts")),
    quick(["image layers"], () => import("./image/layers.ts")),
    entry(["image sbom"], () => import("./image/sbom.ts")),
    entry(["image provenance"], () => import("./image/provenance.ts")),
    entry(["image attest"], () => import("./image/attest.ts")),
    entry(["image attestations"], () => import("./image/attestations.ts")),
    entry(["image files"], () => import("./image/files.ts")),
    entry(["image cp"], () => import("./image/cp.ts")),
    entry(["image diff"], () => import("./image/diff.ts")),
    entry(["image import", "import"], () => import("./image/import.ts")),
    quick(["image inspect"], () => import("./image/inspect.ts")),
    entry(["image load", "load"], () => import("./image/load.ts")),
    quick(["image prune"], () => import("./image/prune.ts")),
    entry(["image pull", "pull"], () => import("./image/pull.ts")),
    entry(["image push", "push"], () => import("./image/push.ts")),
    quick(["image rm", "rmi", "image remove"], () => import("./image/rm.ts")),
    entry(["image save", "save"], () => import("./image/save.ts")),
    entry(["image security"], () => import("./image/security.ts")),
    entry(["search"], () => import("./image/search.ts")),
    quick(["image tag", "tag"], () => import("./image/tag.ts")),
    quick(["build", "image build", "builder build", "buildx build"], () => import("./build/build.ts")),
  ]),
  ...grouped("builder", [
    entry(["builder history ls", "buildx history ls"], () => import("./build/history/ls.ts")),
    entry(["builder history inspect", "buildx history inspect"], () => import("./build/history/inspect.ts")),
    entry(["builder history logs", "buildx history logs"], () => import("./build/history/logs.ts")),
    entry(["builder history rm", "buildx history rm"], () => import("./build/history/rm.ts")),
    entry(["builder du", "buildx du"], () => import("./build/du.ts")),
    entry(["builder prune", "buildx prune"], () => import("./build/prune.ts")),
  ]),
  ...grouped("compose", [
    entry(["compose attach"], () => import("./compose/attach.ts")),
    entry(["compose build"], () => import("./compose/build.ts")),
    entry(["compose commit"], () => import("./compose/commit.ts")),
    quick(["compose config", "compose convert"], () => import("./compose/config.ts")),
    entry(["compose cp"], () => import("./compose/cp.ts")),
    quick(["compose create"], () => import("./compose/create.ts")),
    quick(["compose down"], () => import("./compose/down.ts")),
    entry(["compose events"], () => import("./compose/events.ts")),
    quick(["compose exec"], () => import("./compose/exec.ts")),
    entry(["compose export"], () => import("./compose/export.ts")),
    quick(["compose images"], () => import("./compose/images.ts")),
    quick(["compose kill"], () => import("./compose/kill.ts")),
    quick(["compose logs"], () => import("./compose/logs.ts")),
    quick(["compose ls"], () => import("./compose/ls.ts")),
    quick(["compose pause"], () => import("./compose/pause.ts")),
    quick(["compose port"], () => import("./compose/port.ts")),
    quick(["compose ps"], () => import("./compose/ps.ts")),
    entry(["compose publish"], () => import("./compose/publish.ts")),
    entry(["compose pull"], () => import("./compose/pull.ts")),
    entry(["compose push"], () => import("./compose/push.ts")),
    quick(["compose restart"], () => import("./compose/restart.ts")),
    quick(["compose rm"], () => import("./compose/rm.ts")),
    entry(["compose run"], () => import("./compose/run.ts")),
    quick(["compose scale"], () => import("./compose/scale.ts")),
    quick(["compose start"], () => import("./compose/start.ts")),
    entry(["compose stats"], () => import("./compose/stats.ts")),
    quick(["compose stop"], () => import("./compose/stop.ts")),
    quick(["compose top"], () => import("./compose/top.ts")),
    quick(["compose unpause"], () => import("./compose/unpause.ts")),
    quick(["compose up"], () => import("./compose/up.ts")),
    quick(["compose version"], () => import("./compose/version.ts")),
    quick(["compose volumes"], () => import("./compose/volumes.ts")),
    quick(["compose wait"], () => import("./compose/wait.ts")),
    entry(["compose watch"], () => import("./compose/watch.ts")),
  ]),
  ...grouped("network", [
    quick(["network ls", "network list"], () => import("./network/ls.ts")),
    quick(["network connect"], () => import("./network/connect.ts")),
    quick(["network create"], () => import("./network/create.ts")),
    quick(["network disconnect"], () => import("./network/disconnect.ts")),
    quick(["network inspect"], () => import("./network/inspect.ts")),
    quick(["network prune"], () => import("./network/prune.ts")),
    quick(["network rm", "network remove"], () => import("./network/rm.ts")),
  ]),
  ...grouped("volume", [
    quick(["volume ls", "volume list"], () => import("./volume/ls.ts")),
    quick(["volume create"], () => import("./volume/create.ts")),
    entry(["volume files"], () => import("./volume/files.ts")),
    entry(["volume cp"], () => import("./volume/cp.ts")),
    quick(["volume inspect"], () => import("./volume/inspect.ts")),
    quick(["volume prune"], () => import("./volume/prune.ts")),
    quick(["volume rm", "volume remove"], () => import("./volume/rm.ts")),
  ]),
  ...grouped("context", [
    entry(["context create"], () => import("./context/create.ts")),
    entry(["context export"], () => import("./context/export.ts")),
    entry(["context import"], () => import("./context/import.ts")),
    entry(["context inspect"], () => import("./context/inspect.ts")),
    entry(["context ls", "context list"], () => import("./context/ls.ts")),
    entry(["context rm", "context remove"], () => import("./context/rm.ts")),
    entry(["context show"], () => import("./context/show.ts")),
    entry(["context update"], () => import("./context/update.ts")),
    entry(["context use"], () => import("./context/use.ts")),
  ]),
  ...grouped("registry", [
    entry(["registry ls", "registry list"], () => import("./registry/ls.ts")),
    entry(["registry tags"], () => import("./registry/tags.ts")),
    entry(["registry inspect"], () => import("./registry/inspect.ts")),
    entry(["registry copy", "registry cp"], () => import("./registry/copy.ts")),
    entry(["registry rm", "registry remove"], () => import("./registry/rm.ts")),
    entry(["registry serve"], () => import("./registry/serve.ts")),
    entry(["registry gc"], () => import("./registry/gc.ts")),
    entry(["registry login-user"], () => import("./registry/login-user.ts")),
  ]),
  ...grouped("trust", [
    entry(["sign", "image sign"], () => import("./trust/sign.ts")),
    entry(["verify", "image verify"], () => import("./trust/verify.ts")),
    entry(["key generate"], () => import("./trust/key-generate.ts")),
    entry(["key import"], () => import("./trust/key-import.ts")),
    entry(["key public"], () => import("./trust/key-public.ts")),
  ]),
  ...grouped("system", [
    entry(["demo"], () => import("./system/demo.ts")),
    entry(["doctor"], () => import("./system/doctor.ts")),
    quick(["system df"], () => import("./system/df.ts")),
    entry(["system events", "events"], () => import("./system/events.ts")),
    quick(["system info", "info"], () => import("./system/info.ts")),
    quick(["system prune"], () => import("./system/prune.ts")),
    quick(["inspect"], () => import("./system/inspect.ts")),
    quick(["version"], () => import("./system/version.ts")),
    entry(["system dial-stdio"], () => import("./system/dial-stdio.ts"), true),
    entry(["serve"], () => import("./system/serve.ts")),
    entry(["login"], () => import("./system/login.ts")),
    entry(["logout"], () => import("./system/logout.ts")),
  ]),
  ...grouped("session", [
    quick(["completion"], () => import("./session/completion.ts")),
    quick(["complete"], () => import("./session/complete.ts"), true),
    quick(["help"], () => import("./session/help.ts")),
    quick(["repl"], () => import("./session/repl.ts")),
    entry(["record"], () => import("./session/record.ts")),
    entry(["replay"], () => import("./session/replay.ts")),
    entry(["cast-to-svg"], () => import("./session/cast-to-svg.ts")),
    entry(["tui"], () => import("./session/tui.ts")),
    entry(["config"], () => import("./session/config.ts")),
  ]),
];

const byName = new Map(table.flatMap((each) => each.names.map((name) => [name, each] as const)));

/** The entry for the longest command path at the start of the words, and how many words it took. */
export function findCommand(words: readonly string[]): { entry: TableEntry; length: number } | undefined {
  for (let length = Math.min(words.length, 3); length > 0; length--) {
    const found = byName.get(words.slice(0, length).join(" "));
    if (found) return { entry: found, length };
  }
  return undefined;
}

/** Every path of every command, for completion and "did you mean". */
export function commandNames(): string[] {
  return table.filter((entry) => !entry.hidden).flatMap((entry) => [...entry.names]);
}
