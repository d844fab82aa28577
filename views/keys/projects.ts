/**
 * Keys of the projects list, and of the services of one: `compose` command lines that name the project, or the service or container
 * under the cursor. What `up` would make anew is asked about before.
 */
import type { ContainerSummary, Verb } from "../../engine/index.ts";
import { joinWords } from "../../src/repl/language/command-line.ts";
import type { Action, Question } from "../keymap.ts";
import { lossesOf } from "../projects/changes.ts";
import { commandOf, type ProjectRow } from "../projects/project.ts";
import { resource } from "../resources/index.ts";
import type { ServiceRow } from "../resources/services.ts";
import type { Tui } from "../tui.ts";
import { counted, named } from "./named.ts";

const context = "list" as const;
const both = ["projects", "services"] as const;

const isParts = (tui: Tui) => tui.state.resource === "services";
const rows = (tui: Tui) => tui.lists.targets() as (ProjectRow | ServiceRow)[];
const serviceRow = (tui: Tui) => (isParts(tui) ? (rows(tui)[0] as ServiceRow | undefined) : undefined);
const projectRow = (tui: Tui) => (isParts(tui) ? serviceRow(tui)?.project : (rows(tui)[0] as ProjectRow | undefined));

/** A project, a service with its project, or a container. */
interface Target {
  project: ProjectRow;
  /** Its name, where only it is meant. */
  service?: string;
  container?: ContainerSummary;
  name: string;
}

function targetOf(tui: Tui): Target {
  const row = serviceRow(tui);
  const project = projectRow(tui)!;
  if (!row) return { project, name: project.name };
  const { entry, seen } = row;
  return { project, service: entry.name, name: seen?.name ?? entry.name, ...(seen && { container: seen.summary }) };
}

const one = (tui: Tui) => {
  if (rows(tui).length > 1) return `choose one ${tui.lists.resource.noun}: <list.clear> clears the marks`;
  return projectRow(tui) ? undefined : `there is no ${tui.lists.resource.noun} here`;
};

/** For verbs that need the files. */
const readable = (tui: Tui) => {
  const why = one(tui);
  if (why) return why;
  const { problem } = projectRow(tui)!.reading;
  return problem && `${problem.location ? "its files have an error: f shows it" : problem.message}`;
};

/** For those that get along with what was made, unless the files are there and wrong. */
const usable = (tui: Tui) => one(tui) ?? (projectRow(tui)!.reading.problem?.location ? readable(tui) : undefined);

const containersOf = (tui: Tui) => {
  const row = serviceRow(tui);
  if (row) return row.seen ? [row.seen] : row.entry.containers;
  return projectRow(tui)?.containers ?? [];
};
const made = (tui: Tui) => usable(tui) ?? (containersOf(tui).length > 0 ? undefined : "it has no container: u makes them");
const alive = (tui: Tui) => containersOf(tui).filter(({ state }) => state === "running" || state === "paused" || state === "restarting");
const runs = (tui: Tui) => alive(tui).length > 0;

/** `compose … VERB [SERVICE]`, or the same of the container itself. */
function line(tui: Tui, verb: readonly string[], ofContainer: readonly string[] = verb): string[] {
  const { project, service, container, name } = targetOf(tui);
  if (container) return [...ofContainer, name];
  return [...commandOf(project), ...verb, ...(service === undefined ? [] : [service])];
}

function logs(tui: Tui): string[] {
  const [group, ...rest] = line(tui, ["logs", "-f", "--tail", "1000"]);
  return [group!, "--ansi", "always", ...rest];
}

/** A tab of the project with the screen to itself, also from the list of its services. */
function openTab(tui: Tui, title: string): void {
  tui.pagers.openDetails(resource("projects"), projectRow(tui), title);
}

/** Says what would be made anew, and asks; a project that nothing is lost of goes up at once. */
async function up(tui: Tui): Promise<void> {
  const { project: row, service } = targetOf(tui);
  const { name } = row;
  const words = [...commandOf(row), "up", "-d", ...(service === undefined ? [] : [service])];
  await tui.lists.load("projects"); // its files may have changed a moment ago
  const project = (tui.state.lists.projects.rows as readonly ProjectRow[]).find((row) => row.name === name);
  const question = project && (await upQuestion(tui, project, service).catch(() => undefined)); // what is wrong, the command says
  if (!question || (await tui.questions.ask(question))) void tui.runner.run(words);
}

/** @param service the only one that is meant, with what it needs */
async function upQuestion(tui: Tui, { reading, name }: ProjectRow, service: string | undefined): Promise<Question | undefined> {
  const { foresee, withNeeds } = await import("../../engine/compose/index.ts");
  const project = reading.project!;
  const { services } = await foresee({ engine: tui.engine, project });
  const meant = service === undefined ? undefined : withNeeds(project.model.services, [service]);
  const { recreated, removed, why } = lossesOf(
    services.filter((each) => meant?.includes(each.name) ?? true),
    name,
  );
  if (recreated.length + removed.length === 0) return undefined;
  const gone = removed.length > 0 ? [`${named(removed)} ${removed.length === 1 ? "is" : "are"} removed.`] : [];
  const question = recreated.length > 0 ? `Make ${named(recreated)} anew?` : `Remove ${named(removed)}?`;
  return {
    question,
    detail: [...(recreated.length > 0 ? [...why, ...gone] : []), "What they wrote outside of volumes is lost."],
    grave: removed.length > 0,
  };
}

const upNeeds: readonly Verb[] = ["containers.create", "containers.start", "networks.create"];

export const projectActions: readonly Action[] = [
  {
    id: "project.open",
    keys: ["enter"],
    context,
    resources: ["projects"],
    label: "open",
    help: "show its services and their containers; its files, where they have an error",
    hint: 1,
    disabled: one,
    run: (tui) => {
      const row = projectRow(tui)!;
      if (row.reading.problem?.location && row.containers.length === 0) openTab(tui, "Files");
      else tui.lists.openParts("services");
    },
  },
  {
    id: "project.back",
    keys: ["esc", "q", "backspace", "h"],
    context,
    resources: ["services"],
    label: "back",
    help: "clear marks, then the filter, then back to the projects",
    hint: 7,
    run: (tui) => {
      const { marked, filter } = tui.lists.current;
      if (marked.size > 0 || filter) tui.lists.clear();
      else tui.lists.open("projects");
    },
  },
  {
    id: "project.up",
    keys: ["u"],
    context,
    resources: both,
    label: "up",
    help: "make and start what is missing or changed; asks before a container is made anew",
    hint: 2,
    needs: upNeeds,
    disabled: readable,
    run: (tui) => void up(tui),
  },
  {
    id: "project.stop",
    keys: ["s"],
    context,
    resources: both,
    label: (tui) => (runs(tui) ? "stop" : "start"),
    help: "stop what runs, start what does not",
    needs: (tui) => [runs(tui) ? "containers.stop" : "containers.start"],
    hint: 3,
    disabled: made,
    words: (tui) => line(tui, [runs(tui) ? "stop" : "start"]),
  },
  {
    id: "project.restart",
    keys: ["r", "S"],
    context,
    resources: both,
    label: "restart",
    help: "stop and start again, in the order of what depends on what",
    needs: ["containers.restart"],
    hint: 4,
    disabled: made,
    words: (tui) => line(tui, ["restart"]),
  },
  {
    id: "project.rebuild",
    keys: ["B"],
    context,
    resources: both,
    label: "rebuild",
    help: "build its images again, then up",
    needs: ["builder.build", ...upNeeds],
    hint: 20,
    disabled: readable,
    words: (tui) => {
      const { project, service } = targetOf(tui);
      return [...commandOf(project), "up", "-d", "--build", ...(service === undefined ? [] : [service])];
    },
  },
  {
    id: "project.logs",
    keys: ["l"],
    context,
    resources: both,
    label: "logs",
    help: "follow the logs of all its containers, as one",
    needs: ["containers.logs"],
    hint: 5,
    disabled: made,
    run: (tui) => {
      const { container } = targetOf(tui);
      if (container) tui.pagers.openLogs([container]);
      else void tui.runner.run(logs(tui), { output: "screen" });
    },
  },
  {
    id: "project.changes",
    keys: ["c"],
    context,
    resources: both,
    label: "changes",
    help: "show what up would change, and why; nothing is done",
    hint: 6,
    disabled: readable,
    run: (tui) => openTab(tui, "Changes"),
  },
  {
    id: "project.graph",
    keys: ["t"],
    context,
    resources: both,
    label: "graph",
    help: "draw which service waits for which",
    hint: 8,
    disabled: one,
    run: (tui) => openTab(tui, "Graph"),
  },
  {
    id: "project.files",
    keys: ["f"],
    context,
    resources: both,
    label: "files",
    help: "show its files, and what is wrong where it stands",
    hint: 9,
    disabled: one,
    run: (tui) => openTab(tui, "Files"),
  },
  {
    id: "project.down",
    keys: ["d", "delete"],
    context,
    resources: ["projects"],
    label: "down",
    help: "remove its containers and networks, after a question; volumes stay",
    needs: ["containers.stop", "containers.remove"],
    hint: 21,
    disabled: made,
    confirm: (tui) => {
      const { name, containers, reading } = projectRow(tui)!;
      const { model, disabled = {} } = reading.project ?? {};
      const stays = containers.filter(({ service }) => model && !model.services[service] && !disabled[service]);
      const running = alive(tui).length;
      return {
        question: `Take project ${named([name])} down?`,
        detail: [
          `${counted(containers.length - stays.length, "container")} and its networks are removed. Volumes stay.`,
          ...(stays.length > 0 ? [`${named(stays.map((each) => each.name))} of no service any more: compose leaves it.`] : []),
          "What its containers wrote outside of volumes is lost.",
        ],
        grave: running > 0 || containers.length > 1,
      };
    },
    words: (tui) => line(tui, ["down"]),
  },
  {
    id: "service.remove",
    keys: ["d", "delete"],
    context,
    resources: ["services"],
    label: "remove",
    help: "remove the container, or all of the service, after a question",
    needs: ["containers.stop", "containers.remove"],
    hint: 21,
    disabled: made,
    confirm: (tui) => {
      const names = containersOf(tui).map(({ name }) => name);
      const running = alive(tui).map(({ name }) => name);
      const { container, name } = targetOf(tui);
      return {
        question: container
          ? `Remove container ${named([name])}?`
          : `Remove ${counted(names.length, "container")} of service ${named([name])}?`,
        detail: [
          ...(running.length > 0 ? [`${named(running)} will be stopped or killed first.`] : []),
          "What they wrote outside of volumes is lost.",
        ],
        grave: running.length > 0 || names.length > 1,
      };
    },
    words: (tui) => line(tui, ["rm", "-s", "-f"], ["rm", "-f"]),
  },
  {
    id: "service.shell",
    keys: ["e"],
    context,
    resources: ["services"],
    label: "shell",
    help: "open a shell in the container, or in the first of the service (bash where there is one, else sh)",
    needs: ["containers.exec"],
    hint: 1,
    typedInto: true,
    disabled: (tui) =>
      made(tui) ?? (alive(tui).length > 0 ? undefined : `"${targetOf(tui).name}" is not running: start it with <project.stop>`),
    words: (tui) => ["exec", "-it", alive(tui)[0]!.name, "sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"],
  },
  {
    id: "project.other",
    keys: ["x"],
    context,
    resources: both,
    label: "other verb",
    help: "any other verb of compose for it: the command line is prefilled",
    typedInto: true,
    disabled: usable,
    run: (tui) => tui.prompts.openPalette(`${joinWords(commandOf(projectRow(tui)!))} `),
  },
];
