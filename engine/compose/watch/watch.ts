/** `watch`: services follow the files that they are made from, by the rules of their `develop.watch`. */
import { isAbsolute, join } from "node:path";
import { EngineError } from "../../errors.ts";
import { label } from "../labels.ts";
import { isRemote } from "../life/build.ts";
import { buildImages } from "../life/build-images.ts";
import { runHooks } from "../life/hooks.ts";
import { observeContainers, type Seen } from "../life/observe.ts";
import { restartServices, withFollowers } from "../life/restart.ts";
import { type Scene, turnOf } from "../life/scene.ts";
import { prepare, startAll } from "../life/up.ts";
import type { Service } from "../service.ts";
import { hostReader, largestFile, textOf } from "../source/reader.ts";
import { cargoOf, everythingOf, tarOf } from "./carry.ts";
import { type Asked, askedBy, type Carried, carriedBy, isIn, rulesOf, syncs, type WatchRule } from "./rules.ts";
import { Watcher } from "./watcher.ts";

export interface WatchWishes {
  /** `--prune`: images that a rebuild leaves without a name go. */
  prune: boolean;
  /** Show nothing of builds. */
  quiet: boolean;
  /** Does what a batch asks for; containers end and begin meanwhile. */
  during?(work: () => Promise<void>): Promise<void>;
}

/** The rules of all services. @throws EngineError `invalid` where there are none, or none that can be followed */
export async function watchRules({ project, report }: Pick<Scene, "project" | "report">): Promise<WatchRule[]> {
  const rules: WatchRule[] = [];
  for (const [name, service] of Object.entries(project.model.services)) {
    for (const rule of rulesOf(name, service, await ignoreFileOf(service))) {
      if (rule.action === "rebuild" && !service.build)
        throw new EngineError("invalid", `can't watch service "${name}" with action rebuild without a build context`);
      if (syncs(rule) && isMounted(service, rule.path))
        report({ type: "warning", text: `path '${rule.path}' also declared by a bind mount volume, this path won't be monitored!` });
      else rules.push(rule);
    }
  }
  if (rules.length > 0) return rules;
  throw new EngineError("invalid", "none of the selected services is configured for watch", {
    hint: "say what to watch in a service's 'develop' section",
  });
}

/** What the container sees anyway need not be carried there. */
function isMounted({ volumes = [] }: Service, path: string): boolean {
  return volumes.some(({ type, source }) => type === "bind" && source !== undefined && isIn(source, path));
}

/** Of the build: that of the Dockerfile, else the context's. */
async function ignoreFileOf({ build }: Service): Promise<{ text: string; directory: string } | undefined> {
  const { context, dockerfile = "Dockerfile" } = build ?? {};
  if (context === undefined || isRemote(context)) return undefined;
  const file = isAbsolute(dockerfile) ? dockerfile : join(context, dockerfile);
  for (const path of [`${file}.dockerignore`, join(context, ".dockerignore")]) {
    const bytes = (await hostReader.kind(path)) === "file" && (await hostReader.read(path, largestFile));
    if (bytes) return { text: textOf(bytes), directory: await hostReader.real(context) };
  }
  return undefined;
}

/** Until the signal. What fails for a batch is told; the next may succeed. @throws EngineError `system` when files cannot be watched */
export async function watchProject(scene: Scene, rules: readonly WatchRule[], wishes: WatchWishes): Promise<void> {
  const { signal, report } = scene;
  const during = wishes.during ?? ((work: () => Promise<void>) => work());
  await using watcher = await Watcher.open(rules);
  await watcher.ready();
  await syncAll(scene, rules);
  report({ type: "message", text: "Watch enabled" });
  for (let paths = await watcher.next(signal); paths; paths = await watcher.next(signal)) {
    const asked = askedBy(rules, await withContents(rules, paths));
    await during(() => follow(scene, rules, asked, wishes)).catch((error: unknown) => {
      if (!signal.aborted) report({ type: "warning", text: `cannot follow a change: ${(error as Error).message}` });
    });
  }
}

/** A directory that is new, or was moved here, has changed with all that is in it: whatever of that the watcher tells by itself. */
async function withContents(rules: readonly WatchRule[], paths: ReadonlySet<string>): Promise<Set<string>> {
  const all = new Set(paths);
  for (const path of paths)
    for (const rule of rules.filter((each) => isIn(each.path, path))) for await (const each of everythingOf(rule, path)) all.add(each);
  return all;
}

/** `initial_sync`: what changed while nobody watched, or is not in an image that was built anew. @param services these; all without */
async function syncAll(scene: Scene, rules: readonly WatchRule[], services?: readonly string[]): Promise<void> {
  for (const rule of rules) {
    if (!rule.initial_sync || !syncs(rule) || services?.includes(rule.service) === false) continue;
    const all: Carried[] = [];
    for await (const path of everythingOf(rule)) all.push(carriedBy(rule, path));
    await sync(scene, rule.service, all);
  }
}

/** As docker compose: images first, then files, then restarts, then commands. */
async function follow(scene: Scene, rules: readonly WatchRule[], asked: Asked, wishes: WatchWishes): Promise<void> {
  const { report } = scene;
  const { exec, rebuild, restart, sync: carried } = asked;
  if (rebuild.size > 0) {
    using _turn = await turnOf(scene);
    await syncAll(scene, rules, await renew(scene, [...rebuild], wishes));
  }
  for (const [name, all] of carried) await sync(scene, name, all);
  if (restart.size > 0) {
    using _turn = await turnOf(scene);
    await restartServices(scene, [...restart], {});
    report({ type: "message", text: `service(s) ${quoted(restart)} restarted` });
  }
  for (const [name, hooks] of exec) for (const seen of await running(scene, name)) await runHooks(scene, seen, hooks);
}

const quoted = (names: Iterable<string>) => [...names].map((name) => `"${name}"`).join(", ");

async function running({ engine, project }: Scene, name: string): Promise<Seen[]> {
  const all = await observeContainers(engine, project.model.name);
  return all.filter(({ service, state, oneOff }) => service === name && state === "running" && !oneOff);
}

/**
 * Builds services, makes their containers anew, and starts what that stopped, in the order of what it depends on.
 * @returns services with new containers
 */
async function renew(scene: Scene, names: string[], { prune, quiet }: WatchWishes): Promise<string[]> {
  const { engine, project, report } = scene;
  report({ type: "message", text: `Rebuilding service(s) ${quoted(names)} after changes were detected...` });
  await buildImages(scene, names, { forThisHost: true }, quiet);
  report({ type: "message", text: `service(s) ${quoted(names)} successfully built` });
  const before = new Set((await observeContainers(engine, project.model.name)).map(({ id }) => id));
  const cast = await prepare(scene, {
    ...{ named: names, recreation: "force", dependenciesRecreation: "diverged", scale: {}, renewVolumes: false },
    ...{ build: "never", pull: "missing", quietPull: quiet, quietBuild: quiet, removeOrphans: false },
  });
  const changed = Object.keys(project.model.services).filter((name) => cast.of(name).some(({ id }) => !before.has(id)));
  await startAll(scene, cast, withFollowers(scene, changed), { wait: false });
  if (prune) await engine.images.prune({ filters: { label: [`${label.project}=${project.model.name}`] } });
  return changed;
}

async function sync(scene: Scene, name: string, all: readonly Carried[]): Promise<void> {
  const { engine, report, signal } = scene;
  const { there, gone } = await cargoOf(all);
  if (there.length + gone.length === 0) return;
  report({ type: "message", text: `Syncing service "${name}" after ${all.length} changes were detected` });
  for (const { id, name: container } of await running(scene, name)) {
    if (gone.length > 0) await remove(scene, { id, name: container }, gone);
    if (there.length > 0) await engine.containers.copyTo(id, "/", tarOf(there), { archive: true });
    signal.throwIfAborted();
  }
}

/** The engine has no other way to remove a file in a container than its own `rm`. */
async function remove({ engine, signal }: Scene, { id, name }: Pick<Seen, "id" | "name">, paths: readonly string[]): Promise<void> {
  const { PassThrough } = await import("node:stream");
  const output = new PassThrough().resume();
  const Cmd = ["rm", "-rf", "--", ...paths];
  const { exitCode = 0 } = await engine.containers.exec(id, { Cmd, User: "0" }, { stdout: output, stderr: output }, signal);
  if (exitCode !== 0)
    throw new EngineError("expectation", `cannot remove ${paths.join(", ")} from container ${name}: rm exited with status ${exitCode}`);
}
