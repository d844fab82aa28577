/** Keys of the lists of images, volumes, networks and builds. */
import type { BuildSummary, ImageSummary, NetworkInspect, VolumeInspect } from "../../engine/index.ts";
import { openStepMenu } from "../builds/logs.ts";
import { networkForm, pullForm, volumeForm } from "../forms/objects.ts";
import { runForm, runOfImage } from "../forms/run.ts";
import type { Action } from "../keymap.ts";
import { asksToPrune } from "../prunes.ts";
import type { Tui } from "../tui.ts";
import { named } from "./named.ts";

const context = "list" as const;

const names = (tui: Tui) => tui.lists.targets().map((row) => tui.lists.resource.name(row));
const quoted = (tui: Tui) => named(names(tui));
const isMany = (tui: Tui) => names(tui).length > 1;
const anything = (tui: Tui) => (names(tui).length === 0 ? `there is no ${tui.lists.resource.noun} here` : undefined);
const single = (tui: Tui) =>
  names(tui).length > 1 ? `choose one ${tui.lists.resource.noun}: <list.clear> clears the marks` : anything(tui);

const predefined = ["bridge", "host", "none"];

/** An image that containers use is only untagged or refused by the engine; the question says how many do. */
const imageUse = (tui: Tui) => {
  const used = (tui.lists.targets() as ImageSummary[]).reduce((sum, image) => sum + Math.max(0, image.Containers), 0);
  return used > 0 ? [`${used} container${used === 1 ? " uses" : "s use"} it: the engine will refuse unless they are removed.`] : [];
};

const imageRows = (tui: Tui) => tui.state.lists.images.rows as ImageSummary[];
const dangling = (tui: Tui) => imageRows(tui).filter((image) => image.Dangling && image.Containers <= 0);
const unused = (tui: Tui) => imageRows(tui).filter((image) => image.Containers <= 0);

const byAge = (images: readonly ImageSummary[]) => images.toSorted((a, b) => a.Created - b.Created);

const imageActions: readonly Action[] = [
  {
    id: "image.run",
    keys: ["c", "r"],
    context,
    resources: ["images"],
    label: "run",
    help: "run a container of it: a form",
    needs: ["containers.run"],
    hint: 1,
    disabled: single,
    run: (tui) => tui.forms.open(runForm, runOfImage(names(tui)[0]!)),
  },
  {
    id: "image.remove",
    keys: ["d", "delete"],
    context,
    resources: ["images"],
    label: "remove",
    help: "remove, after a question",
    needs: ["images.remove"],
    hint: 2,
    disabled: anything,
    confirm: (tui) => ({ question: `Remove image ${quoted(tui)}?`, detail: imageUse(tui), grave: isMany(tui) }),
    words: (tui) => ["rmi", ...names(tui)],
  },
  {
    id: "image.layers",
    keys: ["h"],
    context,
    resources: ["images"],
    label: "layers",
    help: "show its layers, its largest files, and what is wasted",
    needs: ["images.layers"],
    hint: 3,
    disabled: single,
    output: "screen",
    words: (tui) => ["image", "layers", "--files", "50", ...names(tui)],
  },
  {
    id: "image.history",
    keys: ["H"],
    context,
    resources: ["images"],
    label: "history",
    help: "show the steps that made it, newest first",
    needs: ["images.history"],
    disabled: single,
    output: "screen",
    words: (tui) => ["history", "--no-trunc", ...names(tui)],
  },
  {
    id: "image.compare",
    keys: ["="],
    context,
    resources: ["images"],
    label: "compare",
    help: "compare the files of two marked images, the older one first",
    needs: ["files.compare"],
    disabled: (tui) => (names(tui).length === 2 ? undefined : "mark two images to compare them"),
    run: (tui) => {
      const pair = byAge(tui.lists.targets() as ImageSummary[]).map((image) => tui.lists.resource.name(image));
      tui.lists.unmark();
      void tui.runner.run([...tui.hosts.flagsOf(), "image", "diff", ...pair], { output: "screen" });
    },
  },
  {
    id: "image.tag",
    keys: ["t"],
    context,
    resources: ["images"],
    label: "tag",
    help: "give it another tag: the command line is prefilled",
    needs: ["images.tag"],
    hint: 4,
    typedInto: true,
    disabled: single,
    run: (tui) => tui.prompts.openPalette(`tag ${names(tui)[0]} `),
  },
  {
    id: "image.pull",
    keys: ["u"],
    context,
    resources: ["images"],
    label: "pull",
    help: "pull an image: a form",
    needs: pullForm.needs,
    hint: 5,
    run: (tui) => tui.forms.open(pullForm, { image: names(tui)[0] ?? "" }),
  },
  {
    id: "image.prune",
    keys: ["P"],
    context,
    resources: ["images"],
    label: "prune",
    help: "remove dangling images, after a question",
    needs: ["images.prune"],
    output: true,
    disabled: (tui) => (dangling(tui).length > 0 ? undefined : "no image is dangling: A removes all that no container uses"),
    confirm: asksToPrune("images"),
    words: () => ["image", "prune", "-f"],
  },
  {
    id: "image.pruneall",
    keys: ["A"],
    context,
    resources: ["images"],
    label: "prune all",
    help: "remove all images that no container uses, after a question",
    needs: ["images.prune"],
    output: true,
    disabled: (tui) => (unused(tui).length > 0 ? undefined : "containers use every image"),
    confirm: asksToPrune("all images"),
    words: () => ["image", "prune", "-a", "-f"],
  },
];

const volumeActions: readonly Action[] = [
  {
    id: "volume.create",
    keys: ["c"],
    context,
    resources: ["volumes"],
    label: "create",
    help: "create one: a form",
    needs: volumeForm.needs,
    hint: 1,
    run: (tui) => tui.forms.open(volumeForm),
  },
  {
    id: "volume.remove",
    keys: ["d", "delete"],
    context,
    resources: ["volumes"],
    label: "remove",
    help: "remove, after a question",
    needs: ["volumes.remove"],
    hint: 2,
    disabled: anything,
    confirm: (tui) => ({
      question: `Remove volume ${quoted(tui)}?`,
      detail: (tui.lists.targets() as VolumeInspect[]).map((volume) => `All data in ${volume.Mountpoint} is lost.`),
      grave: isMany(tui),
    }),
    words: (tui) => ["volume", "rm", ...names(tui)],
  },
  {
    id: "volume.prune",
    keys: ["P"],
    context,
    resources: ["volumes"],
    label: "prune",
    help: "remove unused anonymous volumes, after a question",
    needs: ["volumes.prune"],
    hint: 3,
    output: true,
    confirm: asksToPrune("volumes"),
    words: () => ["volume", "prune", "-f"],
  },
];

const networkActions: readonly Action[] = [
  {
    id: "network.create",
    keys: ["c"],
    context,
    resources: ["networks"],
    label: "create",
    help: "create one: a form",
    needs: networkForm.needs,
    hint: 1,
    run: (tui) => tui.forms.open(networkForm),
  },
  {
    id: "network.remove",
    keys: ["d", "delete"],
    context,
    resources: ["networks"],
    label: "remove",
    help: "remove, after a question",
    needs: ["networks.remove"],
    hint: 2,
    disabled: (tui) => {
      const fixed = (tui.lists.targets() as NetworkInspect[]).find((network) => predefined.includes(network.Name));
      return anything(tui) ?? (fixed && `"${fixed.Name}" is predefined and cannot be removed`);
    },
    confirm: (tui) => ({ question: `Remove network ${quoted(tui)}?`, grave: isMany(tui) }),
    words: (tui) => ["network", "rm", ...names(tui)],
  },
  {
    id: "network.prune",
    keys: ["P"],
    context,
    resources: ["networks"],
    label: "prune",
    help: "remove unused networks, after a question",
    needs: ["networks.prune"],
    hint: 3,
    output: true,
    confirm: asksToPrune("networks"),
    words: () => ["network", "prune", "-f"],
  },
];

const buildActions: readonly Action[] = [
  {
    id: "build.run",
    keys: ["c", "r"],
    context,
    resources: ["builds"],
    label: "run",
    help: "run a container of its image: a form",
    needs: ["containers.run"],
    hint: 1,
    disabled: (tui) => {
      const [build] = tui.lists.targets() as BuildSummary[];
      return single(tui) ?? (build?.ImageID ? undefined : "this build made no image");
    },
    run: (tui) => tui.forms.open(runForm, runOfImage(names(tui)[0]!)),
  },
  {
    id: "build.log",
    keys: ["l"],
    context,
    resources: ["builds"],
    label: "log",
    help: "what a step wrote, or all of them: a menu of the steps",
    needs: ["builder.inspect", "builder.replay"],
    hint: 0.5,
    disabled: single,
    run: (tui) => void openStepMenu(tui, tui.lists.targets()[0] as BuildSummary),
  },
  {
    id: "build.remove",
    keys: ["d", "delete"],
    context,
    resources: ["builds"],
    label: "forget",
    help: "take it out of the list, with what its steps wrote; its image stays",
    needs: ["builder.forget"],
    hint: 1.5,
    disabled: (tui) => {
      const runs = (tui.lists.targets() as BuildSummary[]).find(({ Status }) => Status === "running");
      return anything(tui) ?? (runs && `"${runs.Name}" still runs`);
    },
    confirm: (tui) => {
      const builds = tui.lists.targets() as BuildSummary[];
      return { question: `Forget build ${named(builds.map(({ Name }) => Name))}?`, detail: ["Its image stays."], grave: builds.length > 1 };
    },
    words: (tui) => ["builder", "history", "rm", ...(tui.lists.targets() as BuildSummary[]).map(({ ID }) => ID.slice(0, 12))],
  },
  {
    id: "build.prune",
    keys: ["P"],
    context,
    resources: ["builds"],
    label: "prune",
    help: "remove the build cache, after a question",
    needs: ["builder.prune", "builder.du"],
    hint: 2,
    output: true,
    confirm: asksToPrune("cache"),
    words: () => ["builder", "prune", "-f"],
  },
];

export const objectActions: readonly Action[] = [...imageActions, ...volumeActions, ...networkActions, ...buildActions];
