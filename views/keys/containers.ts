/** Keys of the containers list. Each is a docker-like command line on the marked containers, or on the one under the cursor. */
import { toEngineError } from "../../engine/errors.ts";
import type { ContainerSummary } from "../../engine/index.ts";
import { runForm, runOfContainer } from "../forms/run.ts";
import { hostOf } from "../hosts/hosts.ts";
import type { Action } from "../keymap.ts";
import { asksToPrune } from "../prunes.ts";
import { containerName, isRunning, urlOf } from "../resources/containers.ts";
import type { Tui } from "../tui.ts";
import { named } from "./named.ts";
import { openProcesses } from "./processes.ts";
import { openSignals } from "./signals.ts";

const resources = ["containers"] as const;
const context = "list" as const;

const selected = (tui: Tui) => tui.lists.targets() as ContainerSummary[];
const names = (tui: Tui) => selected(tui).map(containerName);
const quoted = (tui: Tui) => named(names(tui));

/** A reason when nothing is selected, or when one of the selected is not as needed. */
function unless(test: (container: ContainerSummary) => boolean, why: (name: string) => string) {
  return (tui: Tui): string | undefined => {
    const chosen = selected(tui);
    if (chosen.length === 0) return "there is no container here";
    const wrong = chosen.find((container) => !test(container));
    return wrong && why(containerName(wrong));
  };
}

const notRunning = (name: string) => `"${name}" is not running: start it with <container.stop>`;
const anything = unless(
  () => true,
  () => "",
);
const single = (tui: Tui) => (selected(tui).length > 1 ? "choose one container: <list.clear> clears the marks" : anything(tui));
const one = (test: ReturnType<typeof unless>) => (tui: Tui) => single(tui) ?? test(tui);
const running = unless(isRunning, notRunning);

/** The form of `run`, as the selected container was made. */
async function openRunForm(tui: Tui): Promise<void> {
  const [row] = selected(tui);
  const lead = row ? tui.hosts.flagsOf(hostOf(row)) : [];
  const values = row && (await runOfContainer(tui.engine, row.Id).catch((error: unknown) => tui.notes.error(toEngineError(error))));
  tui.forms.open(runForm, values ?? {}, lead);
}

/** Stop when any of the selected runs, else start. */
const stops = (tui: Tui) => selected(tui).some(isRunning);
const resumes = (tui: Tui) => selected(tui).every((container) => container.State === "paused");

/** What `container prune` removes. */
const stopped = (tui: Tui) =>
  (tui.state.lists.containers.rows as ContainerSummary[]).filter(({ State }) => ["created", "exited", "dead"].includes(State));

export const containerActions: readonly Action[] = [
  {
    id: "container.stop",
    keys: ["s"],
    context,
    resources,
    label: (tui) => (stops(tui) ? "stop" : "start"),
    help: "stop what runs, start what does not",
    needs: (tui) => [stops(tui) ? "containers.stop" : "containers.start"],
    hint: 1,
    disabled: anything,
    words: (tui) => {
      if (!stops(tui)) return ["start", ...names(tui)];
      return ["stop", ...selected(tui).filter(isRunning).map(containerName)];
    },
  },
  {
    id: "container.restart",
    keys: ["S", "r"],
    context,
    resources,
    label: "restart",
    help: "stop and start again",
    needs: ["containers.restart"],
    hint: 20,
    disabled: anything,
    words: (tui) => ["restart", ...names(tui)],
  },
  {
    id: "container.pause",
    keys: ["p"],
    context,
    resources,
    label: (tui) => (selected(tui).length > 0 && resumes(tui) ? "unpause" : "pause"),
    help: "freeze or resume all processes",
    needs: (tui) => [resumes(tui) ? "containers.unpause" : "containers.pause"],
    hint: 21,
    disabled: running,
    words: (tui) => [resumes(tui) ? "unpause" : "pause", ...names(tui)],
  },
  {
    id: "container.kill",
    keys: ["X"],
    context,
    resources,
    label: "kill",
    help: "kill at once (SIGKILL)",
    needs: ["containers.kill"],
    disabled: running,
    confirm: (tui) => ({
      question: `Kill ${quoted(tui)}?`,
      detail: ["Its processes get SIGKILL and cannot tidy up."],
      grave: selected(tui).length > 1,
    }),
    words: (tui) => ["kill", ...names(tui)],
  },
  {
    id: "container.signal",
    keys: ["!"],
    context,
    resources,
    label: "signal",
    help: "send it a signal of your choice",
    needs: ["containers.kill"],
    disabled: running,
    run: (tui) => {
      const lines = tui.lists.forEachHost((host) => ({ flags: tui.hosts.flagsOf(host), names: names(tui) }));
      openSignals(tui, quoted(tui), (signal) => lines.map(({ flags, names: own }) => [...flags, "kill", "-s", signal, ...own]));
    },
  },
  {
    id: "container.attach",
    keys: ["a"],
    context,
    resources,
    label: "attach",
    help: "attach a terminal pane to the main process",
    needs: ["containers.attach"],
    hint: 2,
    typedInto: true,
    disabled: one(running),
    words: (tui) => ["attach", ...names(tui)],
  },
  {
    id: "container.shell",
    keys: ["e"],
    context,
    resources,
    label: "shell",
    help: "open a shell in the container (bash where there is one, else sh)",
    needs: ["containers.exec"],
    hint: 3,
    typedInto: true,
    disabled: one(unless((container) => container.State === "running", notRunning)),
    words: (tui) => ["exec", "-it", ...names(tui), "sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"],
    rescue: {
      code: "command-not-found",
      question: ([, , name = ""]) => ({
        question: `There is no shell in "${name}". Open one with tools beside it?`,
        detail: [`berth debug ${name}: it sees the processes, the network and the files of "${name}", and goes when you leave.`],
      }),
      words: ([, , name = ""]) => ["debug", name],
    },
  },
  {
    id: "container.debug",
    keys: ["t"],
    context,
    resources,
    label: "tools",
    help: "open a shell with tools beside it, with its files at /target: for containers without a shell, or that do not run",
    needs: (tui) => ["containers.create", "containers.start", "containers.copyTo", ...(stops(tui) ? [] : (["containers.commit"] as const))],
    typedInto: true,
    disabled: single,
    words: (tui) => ["debug", ...names(tui)],
  },
  {
    id: "container.exec",
    keys: ["x"],
    context,
    resources,
    label: "exec",
    help: "run another command in it: the command line is prefilled",
    needs: ["containers.exec"],
    typedInto: true,
    disabled: one(unless((container) => container.State === "running", notRunning)),
    run: (tui) => tui.prompts.openPalette(`exec -it ${names(tui)[0]} `),
  },
  {
    id: "container.url",
    keys: ["u"],
    context,
    resources,
    label: "url",
    help: "copy the address of its first published port to the clipboard",
    disabled: (tui) => single(tui) ?? (urlOf(selected(tui)[0]!) ? undefined : `"${names(tui)[0]}" publishes no TCP port: run -p does`),
    run: (tui) => tui.copy(urlOf(selected(tui)[0]!) ?? ""),
  },
  {
    id: "container.logs",
    keys: ["l"],
    context,
    resources,
    label: "logs",
    help: "follow the log; of several marked ones all in one, with their names",
    needs: ["containers.logs"],
    hint: 4,
    disabled: anything,
    run: (tui) => tui.pagers.openLogs(selected(tui)),
  },
  {
    id: "container.remove",
    keys: ["d", "delete"],
    context,
    resources,
    label: "remove",
    help: "remove, after a question",
    needs: ["containers.remove"],
    hint: 5,
    disabled: anything,
    confirm: (tui) => {
      const alive = selected(tui).filter(isRunning).map(containerName);
      const kills =
        alive.length > 0 ? [`${named(alive)} ${alive.length === 1 ? "is" : "are"} running and will be killed first (rm -f).`] : [];
      const noun = selected(tui).length === 1 ? "container" : `${selected(tui).length} containers`;
      return {
        question: `Remove ${noun} ${quoted(tui)}?`,
        detail: [...kills, "What it wrote outside of volumes is lost."],
        grave: alive.length > 0 || selected(tui).length > 1,
      };
    },
    words: (tui) => ["rm", ...(stops(tui) ? ["-f"] : []), ...names(tui)],
  },
  {
    id: "container.rename",
    keys: ["R"],
    context,
    resources,
    label: "rename",
    help: "give it another name",
    needs: ["containers.rename"],
    typedInto: true,
    disabled: single,
    run: (tui) => tui.prompts.openPalette(`rename ${names(tui)[0]} `),
  },
  {
    id: "container.top",
    keys: ["T"],
    context,
    resources,
    label: "top",
    help: "show its processes, the busiest first; Enter sends one a signal",
    needs: ["containers.top"],
    disabled: one(running),
    run: (tui) => void openProcesses(tui, selected(tui)[0]!),
  },
  {
    id: "container.diff",
    keys: ["f"],
    context,
    resources,
    label: "diff",
    help: "show what changed in its file system",
    needs: ["containers.changes"],
    disabled: single,
    output: "screen",
    words: (tui) => ["diff", ...names(tui)],
  },
  {
    id: "container.create",
    keys: ["c"],
    context,
    resources,
    label: "run",
    help: "run a new container: a form, filled in as the selected one was made",
    needs: runForm.needs,
    hint: 22,
    run: (tui) => void openRunForm(tui),
  },
  {
    id: "container.prune",
    keys: ["P"],
    context,
    resources,
    label: "prune",
    help: "remove all stopped containers, after a question that shows them and what that frees",
    needs: ["containers.prune"],
    output: true,
    disabled: (tui) => (stopped(tui).length > 0 ? undefined : "no container is stopped"),
    confirm: asksToPrune("containers"),
    words: () => ["container", "prune", "-f"],
  },
];
