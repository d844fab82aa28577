/** `berth compose up`: what the project says is made true, and its output shown. */
import type { Cast, Project, Scene, UpWishes } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { isTerminal } from "../../print.ts";
import { type CommandSpec, type Context, command, type Input } from "../command.ts";
import { choiceOf, groupInput, isSet, listOf, numberOf, textOf } from "../flag-values.ts";
import { confirmVolumes } from "./diverged.ts";
import { loadFor } from "./loading.ts";
import { inScene, isColoured, leaveLayers, removesOrphans, timeoutFlag } from "./scene.ts";
import { conflict, creationFlags, upWishes } from "./up-flags.ts";

/** Sessions have its fields: `${p.services.web.containers[0].id}`. */
interface Result {
  exitCode: number;
  Name: string;
  services: Record<string, { image: string; containers: { id: string; name: string; number: number }[] }>;
}

const spec: CommandSpec<Result> = command({
  summary: "Create and start a project's containers",
  printsBuilds: true,
  description:
    "Makes networks, volumes and containers that are missing, and makes anew what changed. Without -d it shows what the containers write until they end; Ctrl-C stops them, twice kills them.",
  examples: [
    { line: "berth compose up -d", does: "Start the project in this directory" },
    { line: "berth compose up -d --build --wait", does: "Build, start, and wait until all is healthy" },
    { line: "berth compose up --abort-on-container-exit --exit-code-from tests", does: "Run a test service with what it needs" },
  ],
  flags: [
    { name: "detach", short: "d", type: "boolean", help: "Run in the background" },
    { name: "wait", type: "boolean", help: "Wait until all run or are healthy; implies -d" },
    { name: "wait-timeout", type: "number", placeholder: "SECONDS", help: "The longest to wait" },
    { name: "no-start", type: "boolean", help: "Create containers, and start none" },
    { name: "no-deps", type: "boolean", help: "Leave out services that the named ones depend on" },
    { name: "always-recreate-deps", type: "boolean", help: "Make what is depended on anew, too" },
    { name: "renew-anon-volumes", short: "V", type: "boolean", help: "Make anonymous volumes anew instead of keeping them" },
    { name: "quiet-build", type: "boolean", help: "Show nothing of builds" },
    { name: "abort-on-container-exit", type: "boolean", help: "Stop all when one ends" },
    { name: "abort-on-container-failure", type: "boolean", help: "Stop all when one fails" },
    {
      name: "exit-code-from",
      type: "string",
      placeholder: "SERVICE",
      subject: "service",
      help: "End with this service's status; implies --abort-on-container-exit",
    },
    { name: "attach", type: "list", placeholder: "SERVICE", subject: "service", help: "Show only what these write" },
    { name: "no-attach", type: "list", placeholder: "SERVICE", subject: "service", help: "Do not show what these write" },
    { name: "attach-dependencies", type: "boolean", help: "Show what is depended on, too" },
    { name: "no-color", type: "boolean", help: "Show prefixes without colours" },
    { name: "no-log-prefix", type: "boolean", help: "Show no prefixes" },
    { name: "timestamps", type: "boolean", help: "Show times" },
    { name: "watch", short: "w", type: "boolean", help: "Have services follow changes of their files, as 'compose watch' does" },
    { name: "menu", type: "boolean", help: "Take keys: d detaches, w follows files or stops that; on a terminal by itself (COMPOSE_MENU)" },
    timeoutFlag,
    ...creationFlags,
  ],
  args: [{ name: "SERVICE", optional: true, variadic: true, subject: "service" }],
  async *run(context, input): AsyncGenerator<ProgressEvent, Result> {
    check(input);
    const isAttached = !isDetached(input) && !isSet(input, "no-start");
    if (isAttached) context.handOver?.();
    const asked = { ...upWishes(input, input.args), removeOrphans: await removesOrphans(context, input) };
    const options = { services: input.args, withoutDependencies: isSet(input, "no-deps") };
    const project = yield* loadFor(context, input, options, (loaded) => leaveLayers(context, loaded, asked), !isAttached);
    if (project.fetched) yield* (await import("./fetched.ts")).confirmFetched(context, input, project);
    const { lookSettled, prepare, startAll, turnOf } = await import("../../../engine/compose/index.ts");
    const names = Object.keys(project.model.services);
    if (names.length === 0 && !isSet(groupInput(input), "all-resources"))
      throw new EngineError("invalid", "no service selected", { hint: "name one, or enable a profile with --profile" });
    const wishes = { ...asked, ...(await confirmVolumes(context, input, project)) };
    if (isAttached) return yield* attached(context, input, project, wishes);
    const timeout = numberOf(input, "wait-timeout");
    const wait = { wait: isSet(input, "wait"), ...(timeout ? { waitTimeout: timeout * 1000 } : {}) };
    const start = (scene: Scene, cast: Cast) => (isSet(input, "no-start") ? undefined : startAll(scene, cast, names, wait));
    const cast = yield* inScene(context, input, project, async (scene) => {
      const settled = isSet(input, "wait") || scene.dryRun ? undefined : await lookSettled(scene, wishes);
      using _turn = settled ? undefined : await turnOf(scene);
      const made = settled ?? (await prepare(scene, wishes));
      await start(scene, made);
      return made;
    });
    return { exitCode: 0, ...(await fieldsOf(project, cast)) };
  },
  present: () => ({ kind: "none" }),
  exitStatus: ({ exitCode }) => exitCode,
  endless: (input) => !isDetached(input),
});

/** What there is of the project now. */
async function fieldsOf(project: Project, cast: Cast): Promise<Pick<Result, "Name" | "services">> {
  const { imageName } = await import("../../../engine/compose/index.ts");
  const services = Object.entries(project.model.services).map(([name, service]) => {
    const containers = cast.of(name).map(({ id, name: container, number }) => ({ id, name: container, number }));
    return [name, { image: imageName(project, name, service), containers }] as const;
  });
  return { Name: project.model.name, services: Object.fromEntries(services) };
}

function isDetached(input: Input): boolean {
  return isSet(input, "detach") || isSet(input, "wait");
}

function check(input: Input): void {
  const aborts = ["abort-on-container-exit", "abort-on-container-failure", "exit-code-from", "watch"].filter((name) => input.flags[name]);
  if (isDetached(input) && aborts.length > 0) throw conflict(`--${aborts[0]}`, isSet(input, "wait") ? "--wait" : "--detach");
  if (isSet(input, "abort-on-container-exit") && isSet(input, "abort-on-container-failure"))
    throw conflict("--abort-on-container-exit", "--abort-on-container-failure");
}

async function* attached(context: Context, input: Input, project: Project, wishes: UpWishes): AsyncGenerator<ProgressEvent, Result> {
  const { stay, watchProject, watchRules } = await import("../../../engine/compose/index.ts");
  const from = textOf(input, "exit-code-from");
  if (from !== undefined && !project.model.services[from]) throw new EngineError("not-found", `no such service: ${from}`);
  const strange = listOf(input, "attach").find((name) => !project.model.services[name]);
  if (strange !== undefined) throw new EngineError("not-found", `cannot attach to services not included in up: ${strange}`);
  const exitCode = yield* inScene(context, input, project, async (scene) => {
    const rules =
      isSet(input, "watch") || Object.values(project.model.services).some(({ develop }) => develop?.watch?.length)
        ? await watchRules(scene)
        : [];
    const onKey = hasMenu(context, input) ? context.io.streams.terminal?.onKey : undefined;
    return stay(scene, {
      wishes,
      shown: shownServices(input, project),
      look: {
        colours: isColoured(context, input),
        prefixes: !isSet(input, "no-log-prefix"),
        timestamps: choiceOf(input, "timestamps") ?? false,
      },
      abort:
        isSet(input, "abort-on-container-exit") || from !== undefined
          ? "exit"
          : isSet(input, "abort-on-container-failure")
            ? "failure"
            : "never",
      ...(from !== undefined && { exitCodeFrom: from }),
      ...(context.io.onSignal && { onSignal: context.io.onSignal }),
      ...(onKey && { onKey: onKey.bind(context.io.streams.terminal) }),
      ...(rules.length > 0 && {
        watchesAtOnce: isSet(input, "watch"),
        watch: (signal, during) =>
          watchProject({ ...scene, signal: AbortSignal.any([scene.signal, signal]) }, rules, {
            prune: true,
            quiet: isSet(input, "quiet-build"),
            during,
          }),
      }),
    });
  });
  const { Cast: Containers, observeContainers } = await import("../../../engine/compose/index.ts");
  const cast = new Containers(await observeContainers(context.engine, project.model.name));
  return { exitCode, ...(await fieldsOf(project, cast)) };
}

/** Where keys can be had, unless somebody does not want them. */
function hasMenu({ io }: Context, input: Input): boolean {
  const wanted = choiceOf(input, "menu") ?? !/^(0|f|false|n|no)$/i.test(io.env["COMPOSE_MENU"] ?? "");
  return wanted && (!io.streams.inherit || (isTerminal(0) && isTerminal(1)));
}

/** What is shown: of those named alone, where some are named; never of what says `attach: false`. */
function shownServices(input: Input, { model }: Project): string[] {
  const chosen = listOf(input, "attach");
  const left = listOf(input, "no-attach");
  const isShown = (name: string) => {
    if (left.includes(name)) return false;
    if (chosen.length > 0) return chosen.includes(name);
    if (model.services[name]!.attach === false) return false;
    return input.args.length === 0 || input.args.includes(name) || isSet(input, "attach-dependencies");
  };
  return Object.keys(model.services).filter(isShown);
}

export default spec;
