/** Ctrl-R at the prompt: searches the history backwards as one types, as the shells do. */
import type { Interface } from "node:readline";

interface Key {
  name?: string;
  ctrl?: boolean;
  meta?: boolean;
  sequence?: string;
}

/** What Node's own REPL uses of its line editor to do the same. */
interface Editor {
  line: string;
  cursor: number;
  _ttyWrite(text: string | undefined, key: Key): void;
  _refreshLine(): void;
}

/** The lines that hold a text, newest first, each once. Pure. */
export function findInHistory(lines: readonly string[], text: string): string[] {
  return text === "" ? [] : [...new Set(lines.filter((line) => line.includes(text)))];
}

/** Teaches a line editor Ctrl-R (older), Ctrl-S (newer), Enter (run it), Esc and Ctrl-G (give up); other keys edit the found line. */
export function addReverseSearch(editor: Interface, lines: readonly string[], prompt: string): void {
  const inner = editor as unknown as Editor;
  const write = inner._ttyWrite.bind(editor);
  let search: { text: string; at: number; before: string } | undefined;

  const show = (state: NonNullable<typeof search>) => {
    const found = findInHistory(lines, state.text);
    state.at = Math.max(0, Math.min(state.at, found.length - 1));
    const line = found[state.at] ?? "";
    editor.setPrompt(`(${found.length === 0 && state.text ? "not found" : "search"}) ${state.text}: `);
    inner.line = line;
    inner.cursor = Math.max(0, line.indexOf(state.text));
    inner._refreshLine();
  };
  const leave = (line: string) => {
    search = undefined;
    editor.setPrompt(prompt);
    inner.line = line;
    inner.cursor = line.length;
    inner._refreshLine();
  };

  inner._ttyWrite = (text, key) => {
    const isSearchKey = key.ctrl === true && (key.name === "r" || key.name === "s");
    if (!search) {
      if (!isSearchKey || key.name === "s") return write(text, key);
      return show((search = { text: "", at: 0, before: inner.line }));
    }
    if (isSearchKey) search.at += key.name === "r" ? 1 : -1;
    else if (key.name === "backspace") search.text = search.text.slice(0, -1);
    else if (key.name === "escape" || (key.ctrl && (key.name === "g" || key.name === "c"))) return leave(search.before);
    else if (!key.ctrl && !key.meta && text !== undefined && text >= " " && text !== "\x7f") search.text += text;
    else {
      leave(inner.line);
      return write(text, key);
    }
    show(search);
  };
}
