/** Keys of a tree that has the screen: files of a container, a volume or an image, and JSON. */
import type { Action } from "../keymap.ts";
import { treeRows } from "../tree/trees.ts";
import type { Tui } from "../tui.ts";

const context = "tree" as const;

const onlyFiles = (tui: Tui) => (tui.details.files.tree ? undefined : "only files have that");
const searched = (tui: Tui) => (tui.state.tree?.found ? undefined : "search for something first with /");
const readable = (tui: Tui) => onlyFiles(tui) ?? tui.details.files.unreadable();
const writable = (tui: Tui) => onlyFiles(tui) ?? (tui.details.files.tree?.kind === "image" ? "images do not change" : undefined);
const layered = (tui: Tui) => (tui.state.tree?.layers ? undefined : "only images have layers");

/** A command line is drawn as it is; it can be typed with what stands for such bytes in a shell. */
const speakable = (tui: Tui) => {
  const path = tui.details.trees.node?.path ?? tui.details.trees.state?.rows[tui.details.trees.state.cursor]?.parent.path ?? [];
  return path.some((name) => /[\x00-\x1f\x7f-\x9f]/.test(name) || !name.isWellFormed())
    ? "a name on its path has bytes that no line can hold: copy the directory above"
    : undefined;
};
const present = (tui: Tui) => (tui.details.trees.node?.entry?.Change === "removed" ? "it is removed" : undefined);

/** Enter: a branch unfolds or folds, a file shows. */
function enter(tui: Tui): void {
  if (tui.details.trees.toggle() || tui.state.tree?.kind !== "files") return;
  const reason = tui.details.files.unreadable();
  if (reason) tui.notes.info(reason);
  else tui.details.files.show();
}

const isBeside = (tui: Tui) => tui.layout.tree.x > 0;

/** The next page; beside the list that is the pane's, and the keyboard stays there with a tree. */
function turn(tui: Tui, step: 1 | -1): void {
  if (!isBeside(tui)) tui.details.turn(step);
  else {
    tui.details.trees.close();
    tui.lists.turnDetail(step);
    if (tui.lists.detailTab.opens) tui.details.open();
  }
}

const page = (tui: Tui) => treeRows(tui.state) - 1;

const moves: readonly Action[] = [
  { id: "tree.down", keys: ["j", "down"], context, label: "down", help: "next row", run: (tui) => tui.details.trees.move(1) },
  { id: "tree.up", keys: ["k", "up"], context, label: "up", help: "previous row", run: (tui) => tui.details.trees.move(-1) },
  {
    id: "tree.pagedown",
    keys: ["pagedown", "ctrl-d", "ctrl-f"],
    context,
    label: "page down",
    help: "a screen down",
    run: (tui) => tui.details.trees.move(page(tui)),
  },
  {
    id: "tree.pageup",
    keys: ["pageup", "ctrl-u", "ctrl-b"],
    context,
    label: "page up",
    help: "a screen up",
    run: (tui) => tui.details.trees.move(-page(tui)),
  },
  {
    id: "tree.first",
    keys: ["g", "home"],
    context,
    label: "first",
    help: "first row",
    run: (tui) => tui.details.trees.move(Number.NEGATIVE_INFINITY),
  },
  {
    id: "tree.last",
    keys: ["G", "end"],
    context,
    label: "last",
    help: "last row",
    run: (tui) => tui.details.trees.move(Number.POSITIVE_INFINITY),
  },
  {
    id: "tree.enter",
    keys: ["enter", "space"],
    context,
    label: "unfold, show",
    help: "unfold or fold; a file shows with the screen for itself",
    hint: 1,
    run: enter,
  },
  {
    id: "tree.into",
    keys: ["l", "right"],
    context,
    label: "into",
    help: "unfold, then go into it",
    run: (tui) => tui.details.trees.into(),
  },
  {
    id: "tree.out",
    keys: ["h", "left"],
    context,
    label: "out",
    help: "fold, then go to what it is in",
    run: (tui) => tui.details.trees.out(),
  },
];

const searching: readonly Action[] = [
  {
    id: "tree.search",
    keys: ["/"],
    context,
    label: "search",
    help: "search names in all of it, in JSON values, too; lower case finds any case, in files a / looks at whole paths",
    hint: 2,
    run: (tui) => tui.prompts.openNames(),
  },
  {
    id: "tree.next",
    keys: ["n"],
    context,
    label: "next",
    help: "next of what was found",
    disabled: searched,
    run: (tui) => void tui.details.trees.findNext(1),
  },
  {
    id: "tree.previous",
    keys: ["N"],
    context,
    label: "previous",
    help: "what was found before",
    disabled: searched,
    run: (tui) => void tui.details.trees.findNext(-1),
  },
];

const files: readonly Action[] = [
  {
    id: "tree.extract",
    keys: ["s"],
    context,
    label: "copy out",
    help: "copy it to the host: the command line is prefilled",
    hint: 3,
    typedInto: true,
    disabled: (tui) => onlyFiles(tui) ?? present(tui) ?? speakable(tui),
    run: (tui) => tui.prompts.openPalette(tui.details.files.extraction()),
  },
  {
    id: "tree.upload",
    keys: ["u"],
    context,
    label: "copy in",
    help: "copy a file or a directory of the host here: the command line is prefilled",
    hint: 4,
    typedInto: true,
    disabled: (tui) => writable(tui) ?? present(tui) ?? speakable(tui),
    run: (tui) => {
      const [before, after] = tui.details.files.upload();
      tui.prompts.openPalette(before + after, before.length);
    },
  },
  {
    id: "tree.edit",
    keys: ["e"],
    context,
    label: "edit",
    help: "open the file in $EDITOR, and write back what it saves",
    needs: ["files.write"],
    hint: 5,
    disabled: (tui) => writable(tui) ?? readable(tui),
    run: (tui) => void tui.details.files.edit(),
  },
  {
    id: "tree.hex",
    keys: ["b"],
    context,
    label: "bytes",
    help: "show bytes, or text",
    hint: 7,
    disabled: onlyFiles,
    run: (tui) => tui.details.files.toggleHex(),
  },
  {
    id: "tree.weigh",
    keys: ["z"],
    context,
    label: "weigh",
    help: "what the directories here weigh, with all that is in them",
    needs: ["files.usage"],
    hint: 6,
    disabled: onlyFiles,
    run: (tui) => void tui.details.files.weigh(),
  },
  {
    id: "tree.layerup",
    keys: ["]"],
    context,
    label: "next layer",
    help: "of an image the next layer, after the last the sum of all",
    hint: 12,
    disabled: layered,
    run: (tui) => tui.details.files.turnLayer(1),
  },
  {
    id: "tree.layerdown",
    keys: ["["],
    context,
    label: "layer before",
    help: "of an image the layer before",
    disabled: layered,
    run: (tui) => tui.details.files.turnLayer(-1),
  },
];

const elsewhere: readonly Action[] = [
  {
    id: "tree.reload",
    keys: ["r", "ctrl-r"],
    context,
    label: "reload",
    help: "read it again",
    run: (tui) => void tui.details.trees.reload(),
  },
  {
    id: "tree.nextpage",
    keys: [">"],
    context,
    label: "next page",
    help: "the next page of the details",
    hint: 9,
    run: (tui) => turn(tui, 1),
  },
  {
    id: "tree.pagebefore",
    keys: ["<"],
    context,
    label: "page before",
    help: "the page of the details before",
    run: (tui) => turn(tui, -1),
  },
  {
    id: "tree.whole",
    keys: ["f"],
    context,
    label: (tui) => (isBeside(tui) ? "full screen" : "beside"),
    help: "give it all of the screen, with a file or the layers beside it; or its place beside the list",
    hint: 8,
    disabled: (tui) => (tui.layout.detailWidth > 0 ? undefined : "there is no room beside the list"),
    run: (tui) => {
      tui.details.trees.update({ isBeside: !tui.state.tree?.isBeside });
      tui.details.refit();
    },
  },
  { id: "tree.back", keys: ["q"], context, label: "back", help: "back to the list", hint: 10, run: (tui) => tui.details.trees.close() },
  {
    id: "tree.leave",
    keys: ["esc", "ctrl-c"],
    context,
    label: "leave",
    help: "end the search that runs; else back to the list",
    run: (tui) => {
      if (!tui.details.trees.stopSearch()) tui.details.trees.close();
    },
  },
  { id: "tree.palette", keys: [":"], context, label: "command", help: "type any command line", run: (tui) => tui.prompts.openPalette("") },
  { id: "tree.redraw", keys: ["ctrl-l"], context, label: "redraw", help: "draw the screen again", run: (tui) => tui.redraw() },
  { id: "tree.help", keys: ["?", "f1"], context, label: "help", help: "show all keys", hint: 11, run: (tui) => tui.openHelp() },
];

export const treeActions: readonly Action[] = [...moves, ...searching, ...files, ...elsewhere];
