/** Keys of every list: moving, choosing, filtering, and the way to everything else. */
import { buildForm, buildHere } from "../forms/objects.ts";
import type { Action } from "../keymap.ts";
import { asksToPrune } from "../prunes.ts";
import { tabs as allTabs, type ResourceId, resources } from "../resources/index.ts";
import type { Tui } from "../tui.ts";
import { arrangingActions } from "./arranging.ts";
import { openCommandLog } from "./command-log.ts";
import { openCopyMenu } from "./copying.ts";
import { openLayouts } from "./layouts.ts";

const context = "list" as const;

const allBut = (...without: ResourceId[]) => resources.map(({ id }) => id).filter((id) => !without.includes(id));

/** Lists that were opened from another: some keys lead back there. */
const inParts = resources.filter(({ key }) => key === undefined).map(({ id }) => id);

const onRow = (tui: Tui) =>
  hasRow(tui) ?? (tui.lists.row === undefined ? "this is a group: <list.fold> shows or hides its rows" : undefined);

const hasRow = (tui: Tui) => (tui.lists.current.shown.length === 0 ? "the list is empty" : undefined);

const detailStep = 5;
const paged = (tui: Tui) => ((tui.lists.resource.tabs ?? []).length === 0 ? "the details here have one page" : undefined);
const beside = (tui: Tui) =>
  tui.layout.detailWidth === 0 ? "the details have no room here: <list.details> gives them the screen" : undefined;

const moves: readonly Action[] = [
  { id: "list.down", keys: ["j", "down"], context, label: "down", help: "next row", run: (tui) => tui.lists.move(1) },
  { id: "list.up", keys: ["k", "up"], context, label: "up", help: "previous row", run: (tui) => tui.lists.move(-1) },
  {
    id: "list.pagedown",
    keys: ["pagedown", "ctrl-d", "ctrl-f"],
    context,
    label: "page down",
    help: "a screen down",
    run: (tui) => tui.lists.move(tui.layout.listRows),
  },
  {
    id: "list.pageup",
    keys: ["pageup", "ctrl-u"],
    context,
    label: "page up",
    help: "a screen up",
    run: (tui) => tui.lists.move(-tui.layout.listRows),
  },
  {
    id: "list.first",
    keys: ["g", "home"],
    context,
    label: "first",
    help: "first row",
    run: (tui) => tui.lists.move(Number.NEGATIVE_INFINITY),
  },
  { id: "list.last", keys: ["G", "end"], context, label: "last", help: "last row", run: (tui) => tui.lists.move(Number.POSITIVE_INFINITY) },
];

const tabs: readonly Action[] = [
  ...allTabs.map(
    (each): Action => ({
      id: `tab.${each.id}`,
      keys: [each.key!],
      context,
      label: each.title.toLowerCase(),
      help: `show ${each.title.toLowerCase()}`,
      run: (tui) => tui.lists.open(each.id),
    }),
  ),
  { id: "tab.next", keys: ["tab", "right", "]"], context, label: "next tab", help: "next tab", run: (tui) => tui.lists.step(1) },
  {
    id: "tab.previous",
    keys: ["shift-tab", "left", "["],
    context,
    label: "previous tab",
    help: "previous tab",
    run: (tui) => tui.lists.step(-1),
  },
  {
    id: "tab.nextletter",
    keys: ["l"],
    context,
    resources: allBut("containers", "builds", "projects", "services"),
    label: "next tab",
    help: "next tab (in containers and builds l shows the log)",
    run: (tui) => tui.lists.step(1),
  },
  {
    id: "tab.previousletter",
    keys: ["h"],
    context,
    resources: allBut("images", ...inParts),
    label: "previous tab",
    help: "previous tab (in images h shows the layers)",
    run: (tui) => tui.lists.step(-1),
  },
];

const choosing: readonly Action[] = [
  {
    id: "list.mark",
    keys: ["space"],
    context,
    label: "mark",
    help: "mark or unmark the row; actions then apply to all marked rows",
    disabled: hasRow,
    run: (tui) => tui.lists.mark(),
  },
  {
    id: "list.markall",
    keys: ["*"],
    context,
    label: "mark all",
    help: "mark all shown rows, or none",
    disabled: hasRow,
    run: (tui) => tui.lists.markAll(),
  },
  {
    id: "list.filter",
    keys: ["/"],
    context,
    label: "filter",
    help: "filter as you type: words in any order, !word excludes, state:running health:unhealthy label:x … look in one field",
    hint: 10,
    run: (tui) => tui.prompts.openFilter(),
  },
  {
    id: "list.clear",
    keys: ["esc"],
    context,
    resources: allBut(...inParts),
    label: "clear",
    help: "clear marks, then the filter",
    run: (tui) => tui.lists.clear(),
  },
  { id: "list.reverse", keys: ["O"], context, label: "reverse", help: "reverse the order", run: (tui) => tui.lists.reverse() },
  {
    id: "list.details",
    keys: ["enter"],
    context,
    resources: allBut("projects", "hosts", "registries", "repositories"),
    label: "details",
    help: "show what matters of it: state, ports, mounts, environment, layers, …; of a group its rows, or not",
    hint: 23,
    disabled: hasRow,
    run: (tui) => (tui.lists.row === undefined ? tui.lists.fold() : tui.details.open()),
  },
  {
    id: "list.files",
    keys: ["F"],
    context,
    resources: ["containers", "images", "volumes"],
    label: "files",
    help: "browse its files: look into them, search, copy in and out, edit",
    needs: ["files.list"],
    hint: 23.5,
    disabled: onRow,
    run: (tui) => tui.details.open("Files"),
  },
  {
    id: "detail.next",
    keys: [">"],
    context,
    label: "next page",
    help: "the next page of the details: overview, log, charts, processes, …",
    hint: 24,
    disabled: paged,
    run: (tui) => tui.lists.turnDetail(1),
  },
  {
    id: "detail.previous",
    keys: ["<"],
    context,
    label: "page before",
    help: "the page of the details before",
    disabled: paged,
    run: (tui) => tui.lists.turnDetail(-1),
  },
  {
    id: "detail.down",
    keys: ["J"],
    context,
    label: "details down",
    help: "the details some rows down",
    disabled: beside,
    run: (tui) => tui.lists.scrollDetail(detailStep),
  },
  {
    id: "detail.up",
    keys: ["K"],
    context,
    label: "details up",
    help: "the details some rows up",
    disabled: beside,
    run: (tui) => tui.lists.scrollDetail(-detailStep),
  },
  {
    id: "list.inspect",
    keys: ["i"],
    context,
    label: "inspect",
    help: "show everything about it, as JSON",
    hint: 26,
    disabled: onRow,
    run: (tui) => tui.pagers.openInspect(),
  },
  {
    id: "list.copy",
    keys: ["y"],
    context,
    resources: allBut("events"),
    label: "copy id",
    help: "copy its id to the clipboard (OSC 52)",
    disabled: hasRow,
    run: (tui) =>
      tui.copy(
        tui.lists
          .targets()
          .map((row) => tui.lists.resource.identify(row))
          .join(" "),
      ),
  },
  {
    id: "list.copymenu",
    keys: ["C"],
    context,
    label: "copy",
    help: "choose what to copy: name, id, image, address, ports, the run line that would make it",
    disabled: onRow,
    run: openCopyMenu,
  },
  {
    id: "list.copyname",
    keys: ["Y"],
    context,
    label: "copy name",
    help: "copy its name to the clipboard",
    disabled: hasRow,
    run: (tui) =>
      tui.copy(
        tui.lists
          .targets()
          .map((row) => tui.lists.resource.name(row))
          .join(" "),
      ),
  },
];

const elsewhere: readonly Action[] = [
  {
    id: "app.palette",
    keys: [":"],
    context,
    label: "command",
    help: "type any command line",
    hint: 11,
    run: (tui) => tui.prompts.openPalette(""),
  },
  { id: "app.help", keys: ["?", "f1"], context, label: "help", help: "show all keys", hint: 12, run: (tui) => tui.openHelp() },
  {
    id: "app.build",
    keys: ["b"],
    context,
    label: "build",
    help: "build an image: a form",
    needs: buildForm.needs,
    hint: 24,
    run: (tui) => tui.forms.open(buildForm, buildHere),
  },
  {
    id: "app.demo",
    keys: ["D"],
    context,
    label: "demo",
    help: "start the demo: a web page, a ticking logger, a shell",
    disabled: (tui) =>
      tui.lists.exists("containers", "demo-web") ? 'the demo is here already: remove it with "demo --remove"' : undefined,
    output: true,
    needs: ["builder.build", "containers.start"],
    words: () => ["demo"],
  },
  {
    id: "app.log",
    keys: ["$"],
    context,
    label: "log",
    help: "what was run, as command lines: run again, copy, save as a script",
    disabled: (tui) => (tui.state.commands.length > 0 ? undefined : "nothing has been run yet"),
    run: openCommandLog,
  },
  {
    id: "app.events",
    keys: ["E"],
    context,
    label: "events",
    help: "show what happened in the last hour, and follow what happens",
    output: "screen",
    needs: [],
    words: () => ["events", "--since", "1h"],
  },
  {
    id: "app.usage",
    keys: ["U"],
    context,
    label: "disk usage",
    help: "show the disk space that images, containers, volumes and the build cache take",
    output: "screen",
    needs: ["system.df"],
    words: () => ["system", "df"],
  },
  {
    id: "app.prune",
    keys: ["Z"],
    context,
    label: "prune all",
    help: "remove everything unused, after a question",
    output: true,
    needs: ["containers.prune", "images.prune", "networks.prune", "builder.prune", "builder.du"],
    confirm: asksToPrune("everything"),
    words: () => ["system", "prune", "-f"],
  },
  {
    id: "app.panes",
    keys: ["w"],
    context,
    label: "terminals",
    help: "go back to the open terminal panes",
    disabled: (tui) =>
      tui.state.panes.length === 0 ? "no terminal is open: <container.attach> attaches one, <container.shell> opens a shell" : undefined,
    run: (tui) => tui.panes.show(),
  },
  {
    id: "app.layouts",
    keys: ["W"],
    context,
    label: "layouts",
    help: "open the terminals of a layout that was kept",
    run: openLayouts,
  },
  {
    id: "app.output",
    keys: ["v"],
    context,
    label: "output",
    help: "show the output of the last command again",
    disabled: (tui) => (tui.pagers.lastOutput ? undefined : "no command has written anything yet"),
    run: (tui) => tui.pagers.reopen(),
  },
  { id: "app.refresh", keys: ["ctrl-r"], context, label: "reload", help: "load every list again", run: (tui) => tui.lists.loadAll() },
  { id: "app.redraw", keys: ["ctrl-l"], context, label: "redraw", help: "draw the screen again", run: (tui) => tui.redraw() },
  { id: "app.suspend", keys: ["ctrl-z"], context, label: "suspend", help: "back to the shell; fg returns", run: (tui) => tui.suspend() },
  {
    id: "app.quit",
    keys: ["q", "ctrl-c"],
    context,
    resources: allBut(...inParts),
    label: "quit",
    help: "leave; containers keep running",
    hint: 13,
    run: (tui) => tui.quit(),
  },
  {
    id: "app.quitparts",
    keys: ["ctrl-c"],
    context,
    resources: inParts,
    label: "quit",
    help: "leave; containers keep running",
    run: (tui) => tui.quit(),
  },
];

export const listActions: readonly Action[] = [...moves, ...tabs, ...choosing, ...arrangingActions, ...elsewhere];
