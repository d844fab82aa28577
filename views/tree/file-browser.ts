/** What can be done with files in the tree that has the screen: looking into them, taking them out, putting others in, editing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineError, toEngineError } from "../../engine/errors.ts";
import type { Engine, FileEntry, FilePiece, TreeName } from "../../engine/index.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import { humanSize } from "../../src/format/size.ts";
import { joinWords } from "../../src/repl/language/command-line.ts";
import { LineBuffer } from "../logs/line-buffer.ts";
import type { LineSource } from "../logs/line-source.ts";
import type { Notes } from "../notes.ts";
import type { PagerOptions } from "../pagers.ts";
import type { Questions } from "../questions.ts";
import type { TreeState } from "../state.ts";
import { FilesSource, pathText } from "./files-source.ts";
import { keyOf, type TreeNode } from "./node.ts";
import { looksBinary, previewText } from "./preview.ts";
import type { Trees } from "./trees.ts";

/** Milliseconds the cursor must rest on a file before it is read. */
const rest = 60;
/** Bytes beside the tree, and of a piece that has the screen. */
const besideSize = 64 << 10;
const pieceSize = 256 << 10;
/** Bytes of a file that an editor is given. */
const mostEdited = 8 << 20;

export interface FileBrowserParts {
  engine: Engine;
  trees: Trees;
  notes: Notes;
  questions: Questions;
  env: Record<string, string | undefined>;
  /** Cells that a file's lines have. */
  width(where: "beside" | "screen"): number;
  /** The lines that have the screen. */
  onScreen(): LineSource | undefined;
  openPager(title: string, buffer: LineBuffer, options: PagerOptions): void;
  /** Gives the terminal to a program of the host until that ends. */
  lend(words: readonly string[]): Promise<void>;
}

export class FileBrowser {
  #parts: FileBrowserParts;
  #timer: NodeJS.Timeout | undefined;
  /** The file that has the screen. */
  #shown: { tree: TreeName; path: string; offset: number; size: number; hex: boolean | undefined; buffer: LineBuffer } | undefined;

  constructor(parts: FileBrowserParts) {
    this.#parts = parts;
  }

  /** The tree on the screen, when it is one of files. */
  get tree(): TreeName | undefined {
    const { source } = this.#parts.trees.state ?? {};
    return source instanceof FilesSource ? source.tree : undefined;
  }

  /** Why the file under the cursor cannot be read; undefined when it can. */
  unreadable(): string | undefined {
    const { node } = this.#parts.trees;
    if (!node?.entry) return "there is no file here";
    if (node.entry.Change === "removed") return "it is removed: it can be seen in the layers below";
    const { Type } = node.entry;
    return Type === "file" || Type === "link" ? undefined : `it is ${Type === "directory" ? "a directory" : "no regular file"}`;
  }

  /** The cursor rests: what it rests on is shown beside the tree, where there is room. */
  rested(state: TreeState): void {
    clearTimeout(this.#timer);
    const node = state.rows[state.cursor]?.node;
    if (state.kind !== "files" || !node?.entry) return;
    const key = `${previewKey(node)}\0${this.#parts.width("beside")}`;
    if (state.preview?.key === key) return;
    this.#timer = setTimeout(() => void this.#preview(node, key), rest).unref();
  }

  async #preview(node: TreeNode, key: string): Promise<void> {
    const { tree } = this;
    if (!tree) return;
    const text = await this.#beside(tree, node).catch((error: unknown) => toEngineError(error).message);
    if (this.#parts.trees.node === node) this.#parts.trees.update({ preview: { key, lines: text.split("\n") } });
  }

  async #beside(tree: TreeName, node: TreeNode): Promise<string> {
    const { entry } = node;
    if (entry?.Type !== "file" || entry.Change === "removed") return "";
    const { Data } = await this.#parts.engine.files.read(tree, pathText(node.path), { length: besideSize });
    return previewText(Data, 0, this.#parts.trees.state?.hex || looksBinary(Data), this.#parts.width("beside"));
  }

  /** Text or bytes. */
  toggleHex(): void {
    const { trees } = this.#parts;
    trees.update({ hex: !trees.state?.hex, preview: undefined });
    if (trees.state) this.rested(trees.state);
  }

  /** The file under the cursor gets the screen. */
  show(): void {
    const { node, state } = this.#parts.trees;
    const { tree } = this;
    if (!node || !tree) return;
    const buffer = new LineBuffer();
    this.#shown = { tree, path: pathText(node.path), offset: 0, size: 0, hex: state?.hex ? true : undefined, buffer };
    void this.#showPiece(0, true);
  }

  /** The next piece of the file that has the screen, or the one before; the same in another look. */
  turnPiece(step: 1 | -1): void {
    const shown = this.#shown;
    if (!shown) return;
    const offset = shown.offset + step * pieceSize;
    if (offset >= 0 && offset < shown.size) void this.#showPiece(offset);
  }

  turnHex(): void {
    if (!this.#shown) return;
    this.#shown.hex = !this.#shown.hex;
    void this.#showPiece(this.#shown.offset);
  }

  /** @param isFirst it does not have the screen yet; else it may have lost it meanwhile */
  async #showPiece(offset: number, isFirst = false): Promise<void> {
    const shown = this.#shown!;
    const { source } = this.#parts.trees.state ?? {};
    try {
      const { Data, Size } = await this.#parts.engine.files.read(shown.tree, shown.path, { offset, length: pieceSize });
      const isWanted = isFirst ? this.#parts.trees.state?.source === source : this.#parts.onScreen() === shown.buffer;
      if (!isWanted || this.#shown !== shown) return;
      shown.hex ??= looksBinary(Data);
      Object.assign(shown, { offset, size: Size });
      shown.buffer.replace(previewText(Data, offset, shown.hex, this.#parts.width("screen")));
      const part = Size > pieceSize ? `, bytes ${offset} to ${offset + Data.length}` : "";
      const title = `${neutraliseLine(shown.path)}: ${humanSize(Size)}${part}`;
      this.#parts.openPager(title, shown.buffer, {
        follow: false,
        top: { line: shown.buffer.first, row: 0 },
        wrap: !shown.hex,
        isFile: true,
      });
    } catch (error) {
      this.#parts.notes.error(toEngineError(error));
    }
  }

  /** The command line that copies what is under the cursor out of its tree; its host's path is to follow. */
  extraction(): string {
    const { node } = this.#parts.trees;
    return `${joinWords([...this.#copyWords(), `${this.#name()}:${pathText(node?.path ?? [])}`])} .`;
  }

  /** The command line that copies something into the directory under the cursor, in two halves: the host's path stands between. */
  upload(): [string, string] {
    const { state } = this.#parts.trees;
    const row = state?.rows[state.cursor];
    const at = row?.node?.isBranch ? row.node : row?.parent;
    return [`${joinWords(this.#copyWords())} `, ` ${joinWords([`${this.#name()}:${pathText(at?.path ?? [])}`])}`];
  }

  #copyWords(): string[] {
    const { tree } = this;
    if (tree?.kind === "volume") return ["volume", "cp"];
    if (tree?.kind === "image") return ["image", "cp", ...(tree.layer === undefined ? [] : ["--layer", String(tree.layer)])];
    return ["cp"];
  }

  #name(): string {
    return this.#parts.trees.state?.name ?? "";
  }

  /** Another layer of an image, or the sum (0). */
  turnLayer(step: 1 | -1): void {
    const { engine, trees } = this.#parts;
    const { state } = trees;
    const { tree } = this;
    if (!state?.layers || !tree) return;
    const count = state.layers.length + 1;
    const layer = ((tree.layer ?? 0) + step + count) % count;
    const { layer: _, ...sum } = tree;
    trees.replace(new FilesSource(engine, layer === 0 ? sum : { ...sum, layer }));
  }

  /** What the directories beside the cursor's row weigh, with all that is in them. */
  async weigh(): Promise<void> {
    const { engine, notes, trees } = this.#parts;
    const { state } = trees;
    const { tree } = this;
    if (!state || !tree) return;
    const parent = state.rows[state.cursor]?.parent ?? state.root;
    trees.update({ busy: "weighing" });
    try {
      const { Directories, Size } = await engine.files.usage(tree, pathText(parent.path));
      if (trees.state?.source !== state.source) return;
      const sizes = new Map(trees.state.sizes).set(keyOf(parent.path), Size);
      for (const [name, size] of Object.entries(Directories)) sizes.set(keyOf([...parent.path, name]), size);
      trees.update({ sizes });
    } catch (error) {
      notes.error(toEngineError(error));
    } finally {
      trees.update({ busy: undefined });
    }
  }

  /** The file under the cursor in the user's editor; what it saves is written back. */
  async edit(): Promise<void> {
    const { node } = this.#parts.trees;
    const { tree } = this;
    if (!node?.entry || !tree) return;
    const path = pathText(node.path);
    const directory = mkdtempSync(join(tmpdir(), "berth-edit-"));
    let isKept = false;
    try {
      const file = join(directory, hostName(node.entry));
      const before = await this.#whole(tree, path);
      writeFileSync(file, before.Data, { mode: 0o600 });
      const { env } = this.#parts;
      await this.#parts.lend(["/bin/sh", "-c", `${env["VISUAL"] || env["EDITOR"] || "vi"} "$1"`, "sh", file]);
      const after = readFileSync(file);
      if (after.equals(before.Data)) this.#parts.notes.info(`${neutraliseLine(path)} stays as it was`);
      else isKept = !(await this.#writeBack(tree, path, after, before.Version, file));
    } catch (error) {
      this.#parts.notes.error(toEngineError(error));
    } finally {
      if (!isKept) rmSync(directory, { recursive: true, force: true });
    }
  }

  async #whole(tree: TreeName, path: string): Promise<FilePiece> {
    const first = await this.#parts.engine.files.read(tree, path);
    if (first.Size > mostEdited)
      throw new EngineError("invalid", `cannot edit "${path}": it is larger than ${humanSize(mostEdited)}`, { hint: "copy it out first" });
    const parts = [first.Data];
    for (let read = first.Data.length; read < first.Size; ) {
      const { Data, Version } = await this.#parts.engine.files.read(tree, path, { offset: read });
      if (Version !== first.Version || Data.length === 0)
        throw new EngineError("conflict", `cannot edit "${path}": it changes while it is read`, { hint: "try again" });
      parts.push(Data);
      read += Data.length;
    }
    return { ...first, Data: Buffer.concat(parts) };
  }

  /** @returns whether it is written; else the user's text stays in the file on the host, and that is said */
  async #writeBack(tree: TreeName, path: string, content: Buffer, version: string, file: string): Promise<boolean> {
    const { engine, notes, questions } = this.#parts;
    const written = () => {
      notes.good(`${neutraliseLine(path)} written, ${humanSize(content.length)}`);
      void this.#parts.trees.reload();
      this.#parts.trees.update({ preview: undefined });
      return true;
    };
    try {
      await engine.files.write(tree, path, content, { version });
      return written();
    } catch (error) {
      const known = toEngineError(error);
      const question = { question: `Write ${path} all the same?`, detail: [`${known.message}. What it has now would be lost.`] };
      try {
        if (known.code === "conflict" && (await questions.ask(question))) {
          await engine.files.write(tree, path, content);
          return written();
        }
        notes.error(new EngineError(known.code, known.message, { hint: `your text is kept in ${file}` }));
      } catch (second) {
        notes.error(new EngineError("system", toEngineError(second).message, { hint: `your text is kept in ${file}` }));
      }
      return false;
    }
  }
}

/** Changes when the file does. */
function previewKey({ entry, path }: TreeNode): string {
  return `${keyOf(path)}\0${entry?.Size}\0${entry?.Modified}\0${entry?.Change}`;
}

/** A name that an editor can show, with its ending: it says what kind of text it is. */
function hostName({ Name }: FileEntry): string {
  return (
    Name.replace(/[^\w.+-]/g, "_")
      .replace(/^[.-]+/, "_")
      .slice(-100) || "file"
  );
}
