/** A tree as lines: its title, a heading, the rows in sight; beside them an image's layers and the file under the cursor. Pure. */
import type { FileEntry } from "../../engine/index.ts";
import { cellWidth, fill, truncate } from "../../src/format/cells.ts";
import { modeText } from "../../src/format/file-mode.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { humanSize } from "../../src/format/size.ts";
import { paint, parseLine, wrapSegments } from "../ansi.ts";
import { layoutOf } from "../layout.ts";
import { changeLetters } from "../resources/resource.ts";
import type { AppState, TreeState } from "../state.ts";
import type { Theme, Tone } from "../theme.ts";
import { FilesSource } from "../tree/files-source.ts";
import { keyOf, note, type TreeNode, type TreeRow } from "../tree/node.ts";
import { widthsOf } from "../tree/widths.ts";
import { titleLine } from "./bottom.ts";
import { pageBar } from "./tabs.ts";

/** A tree that has room for all of ls(1)'s columns. */
const columnsFrom = 64;

/** All lines of a tree, its title first. */
export function treeLines(state: AppState, theme: Theme): string[] {
  const tree = state.tree!;
  const layout = layoutOf(state);
  const height = layout.tree.height + 1;
  const widths = widthsOf(state, tree);
  const parts = [
    widths.layers > 0 ? layerLines(tree, widths.layers, height, theme) : undefined,
    nodeLines(tree, widths.tree, height, theme),
    widths.preview > 0 ? previewLines(tree, widths.preview, height, theme) : undefined,
  ].filter((lines) => lines !== undefined);
  const bar = theme.paint("dim", "│");
  const body = Array.from({ length: height }, (_, row) => parts.map((lines) => lines[row] ?? "").join(bar));
  return [titleLine(titleOf(tree), state.columns, theme), ...(layout.pageRows > 0 ? [pageBar(state, theme)] : []), ...body];
}

/** A tree in the place of the details, below the titles of their pages. */
export function treeLinesBeside(state: AppState, theme: Theme): string[] {
  const tree = state.tree!;
  const { width, height } = layoutOf(state).tree;
  return nodeLines(tree, width, height + 1, theme, notesOf(tree).join("  "));
}

const titleOf = (tree: TreeState) => [neutraliseLine(tree.title), ...notesOf(tree)].join("  ");

function notesOf({ busy, cursor, found, gone, rows, search, source, trouble, layers }: TreeState): string[] {
  const layer = source instanceof FilesSource ? source.tree.layer : undefined;
  const notes = [
    layers && (layer === undefined ? "all layers" : `layer ${layer}/${layers.length}`),
    `${rows.length === 0 ? 0 : cursor + 1}/${rows.length}`,
    gone && "removed",
    !gone && trouble,
    busy && `${busy} …`,
    search && `/${search}`,
    found && `${found.at + 1} of ${found.isCut ? "at least " : ""}${found.paths.length}`,
  ];
  return notes.filter(Boolean).map((each) => neutraliseLine(String(each)));
}

/** @param notes what stands at the end of the heading */
function nodeLines(tree: TreeState, width: number, height: number, theme: Theme, notes = ""): string[] {
  const isWide = tree.kind === "files" && width >= columnsFrom;
  const heading = tree.kind === "json" ? "" : `   ${isWide ? "MODE        OWNER        " : ""}    SIZE  NAME`;
  const rows = tree.rows.slice(tree.top, tree.top + height - 1).map((row, at) => {
    const { text, tone } = rowText(row, tree, isWide);
    const line = fill(truncate(text, width), width);
    return theme.paint(tree.top + at === tree.cursor ? "selected" : tone, line);
  });
  const blank = " ".repeat(width);
  const room = width - cellWidth(heading) - 1;
  return [
    theme.paint("title", fill(`${heading} ${fill(notes, Math.max(0, room), "right")}`, width)),
    ...rows,
    ...Array<string>(Math.max(0, height - 1 - rows.length)).fill(blank),
  ];
}

const tones: Record<NonNullable<FileEntry["Change"]>, Tone> = { added: "good", changed: "busy", removed: "bad" };

function rowText({ depth, node, parent, place }: TreeRow, tree: TreeState, isWide: boolean): { text: string; tone: Tone } {
  const indent = "  ".repeat(depth);
  if (!node) return { text: `${before(undefined, tree, isWide)}${indent}  ${missing(parent, place)}`, tone: "dim" };
  const fold = node.isBranch ? (node.isOpen ? "▾ " : "▸ ") : "  ";
  const { entry } = node;
  const tone = entry?.Change ? tones[entry.Change] : node.isBranch && entry ? "accent" : "plain";
  return { text: `${before(node, tree, isWide)}${indent}${fold}${neutraliseLine(nameOf(node))}`, tone };
}

function missing(parent: TreeNode, place: number): string {
  if (place !== note || !parent.isRead) return "reading …";
  return parent.error === undefined ? "empty" : neutraliseLine(parent.error);
}

function nameOf({ entry, label }: TreeNode): string {
  if (!entry) return label;
  return `${label}${entry.Type === "directory" ? "/" : ""}${entry.Target === undefined ? "" : ` -> ${entry.Target}`}`;
}

/** What ls(1) writes before a name. */
function before(node: TreeNode | undefined, tree: TreeState, isWide: boolean): string {
  if (tree.kind === "json") return " ";
  const entry = node?.entry;
  const mark = entry?.Change ? changeLetters[entry.Change] : " ";
  const facts = entry ? `${modeText(entry.Type, entry.Mode)}  ${fill(`${entry.Uid}:${entry.Gid}`, 11)}  ` : " ".repeat(25);
  return ` ${mark} ${isWide ? facts : ""}${fill(sizeOf(node, tree), 8, "right")}  `;
}

function sizeOf(node: TreeNode | undefined, { sizes }: TreeState): string {
  if (!node?.entry) return "";
  const bytes = node.entry.Type === "directory" ? sizes.get(keyOf(node.path)) : node.entry.Type === "file" ? node.entry.Size : undefined;
  return bytes === undefined ? "" : humanSize(bytes);
}

function layerLines({ layers = [], source }: TreeState, width: number, height: number, theme: Theme): string[] {
  const shown = (source instanceof FilesSource ? source.tree.layer : undefined) ?? 0;
  const total = layers.reduce((sum, { size = 0 }) => sum + size, 0);
  const texts = [
    ` all ${fill(humanSize(total), 8, "right")}`,
    ...layers.map(
      ({ size, step }, at) => `${fill(String(at + 1), 4, "right")} ${fill(size === undefined ? "" : humanSize(size), 8, "right")}  ${step}`,
    ),
  ];
  const top = Math.max(0, Math.min(shown - Math.floor(height / 2), texts.length - height + 1));
  const rows = texts
    .slice(top, top + height - 1)
    .map((text, at) => theme.paint(top + at === shown ? "marked" : "plain", fill(truncate(neutraliseLine(text), width), width)));
  const blank = " ".repeat(width);
  return [
    theme.paint("title", fill("   #     SIZE  STEP", width)),
    ...rows,
    ...Array<string>(Math.max(0, height - 1 - rows.length)).fill(blank),
  ];
}

function previewLines({ cursor, hex, preview, rows }: TreeState, width: number, height: number, theme: Theme): string[] {
  const node = rows[cursor]?.node;
  const name = node?.entry ? neutraliseLine(`/${node.path.join("/")}`) : "";
  const inner = width - 1;
  const isShown = preview !== undefined && node !== undefined && preview.key.startsWith(`${keyOf(node.path)}\0`);
  const lines = (isShown ? preview.lines : [])
    .slice(0, height - 1)
    .map((line) => ` ${paint(wrapSegments(parseLine(line.slice(0, inner * 4)), inner, 1)[0] ?? [], theme.colour)}`);
  return [theme.paint("title", fill(truncate(` ${name}${hex ? " (bytes)" : ""}`, width), width)), ...lines];
}
