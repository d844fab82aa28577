/**
 * The one command table. A line names a command's paths (the first is canonical) and loads its file on demand, so that
 * `ps` does not pay for `build`. test/src/commands/table.test.ts checks the names against the files and that each entry is complete.
 */
import type { CommandSpec } from "./command.ts";

export interface TableEntry {
  names: readonly [string, ...string[]];
  /** Not offered: commands that berth starts by itself. */
  hidden?: boolean;
  load(): Promise<CommandSpec<never>>;
}

const entry = (names: [string, ...string[]], load: () => Promise<{ default: unknown }>, hidden?: boolean): TableEntry => ({
  names,
  hidden,
  load: async () => (await load()).default as CommandSpec<never>,
});

export const table: readonly TableEntry[] = [
  // containers
  entry(["container ls", "ps", "container ps", "container list"], () => import("./container/ls.ts")),
  entry(["container attach", "attach"], () => import("./container/attach.ts")),
  entry(["container commit", "commit"], () => import("./container/commit.ts")),
  entry(["container cp", "cp"], () => import("./container/cp.ts")),
  entry(["container create", "create"], () => import("./container/create.ts")),
  entry(["container diff", "diff"], () => import("./container/diff.ts")),
  entry(["container exec", "exec"], () => import("./container/exec.ts")),
  entry(["container export", "export"], () => import("./container/export.ts")),
  entry(["container inspect"], () => import("./container/inspect.ts")),
  entry(["container kill", "kill"], () => import("./container/kill.ts")),
  entry(["container logs", "logs"], () => import("./container/logs.ts")),
  entry(["container pause", "pause"], () => import("./container/pause.ts")),
  entry(["container port", "port"], () => import("./container/port.ts")),
  entry(["container prune"], () => import("./container/prune.ts")),
  entry(["container rename", "rename"], () => import("./container/rename.ts")),
  entry(["container restart", "restart"], () => import("./container/restart.ts")),
  entry(["container rm", "rm", "container remove"], () => import("./container/rm.ts")),
  entry(["container run", "run"], () => import("./container/run.ts")),
  entry(["container start", "start"], () => import("./container/start.ts")),
  entry(["container stats", "stats"], () => import("./container/stats.ts")),
  entry(["container stop", "stop"], () => import("./container/stop.ts")),
  entry(["container top", "top"], () => import("./container/top.ts")),
  entry(["container unpause", "unpause"], () => import("./container/unpause.ts")),
  entry(["container update", "update"], () => import("./container/update.ts")),
  entry(["container wait", "wait"], () => import("./container/wait.ts")),
  // images
  entry(["image ls", "images", "image list"], () => import("./image/ls.ts")),
  entry(["image history", "history"], () => import("./image/history.ts")),
  entry(["image layers"], () => import("./image/layers.ts")),
  entry(["image import", "import"], () => import("./image/import.ts")),
  entry(["image inspect"], () => import("./image/inspect.ts")),
  entry(["image load", "load"], () => import("./image/load.ts")),
  entry(["image prune"], () => import("./image/prune.ts")),
  entry(["image pull", "pull"], () => import("./image/pull.ts")),
  entry(["image push", "push"], () => import("./image/push.ts")),
  entry(["image rm", "rmi", "image remove"], () => import("./image/rm.ts")),
  entry(["image save", "save"], () => import("./image/save.ts")),
  entry(["search"], () => import("./image/search.ts")),
  entry(["image tag", "tag"], () => import("./image/tag.ts")),
  // builder
  entry(["build", "image build", "builder build", "buildx build"], () => import("./build/build.ts")),
  entry(["builder du", "buildx du"], () => import("./build/du.ts")),
  entry(["builder prune", "buildx prune"], () => import("./build/prune.ts")),
  // networks
  entry(["network ls", "network list"], () => import("./network/ls.ts")),
  entry(["network connect"], () => import("./network/connect.ts")),
  entry(["network create"], () => import("./network/create.ts")),
  entry(["network disconnect"], () => import("./network/disconnect.ts")),
  entry(["network inspect"], () => import("./network/inspect.ts")),
  entry(["network prune"], () => import("./network/prune.ts")),
  entry(["network rm", "network remove"], () => import("./network/rm.ts")),
  // volumes
  entry(["volume ls", "volume list"], () => import("./volume/ls.ts")),
  entry(["volume create"], () => import("./volume/create.ts")),
  entry(["volume inspect"], () => import("./volume/inspect.ts")),
  entry(["volume prune"], () => import("./volume/prune.ts")),
  entry(["volume rm", "volume remove"], () => import("./volume/rm.ts")),
  // system
  entry(["demo"], () => import("./system/demo.ts")),
  entry(["doctor"], () => import("./system/doctor.ts")),
  entry(["system df"], () => import("./system/df.ts")),
  entry(["system events", "events"], () => import("./system/events.ts")),
  entry(["system info", "info"], () => import("./system/info.ts")),
  entry(["system prune"], () => import("./system/prune.ts")),
  entry(["inspect"], () => import("./system/inspect.ts")),
  entry(["version"], () => import("./system/version.ts")),
  entry(["login"], () => import("./system/login.ts")),
  entry(["logout"], () => import("./system/logout.ts")),
  entry(["internal container-exited"], () => import("./system/container-exited.ts"), true),
  entry(["internal supervise"], () => import("./system/supervise.ts"), true),
  // session
  entry(["completion"], () => import("./session/completion.ts")),
  entry(["complete"], () => import("./session/complete.ts"), true),
  entry(["help"], () => import("./session/help.ts")),
  entry(["repl"], () => import("./session/repl.ts")),
  entry(["tui"], () => import("./session/tui.ts")),
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
