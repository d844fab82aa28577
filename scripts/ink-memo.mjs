// Ink measures and splits every row of the screen for every frame, though between two frames most rows are the same.
// These hooks of the bundler let its measuring remember: a key press in a full list of 200 columns costs two thirds of the CPU time
// (14 ms instead of 20, on a busy machine). An upgrade that changes the patched lines fails the bundle here instead of becoming slow
// unseen. One more keeps standard error clean.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { home } from "./sources.mjs";

/** Texts remembered with their widths; a screen has a hundred rows. */
const bound = 4000;
/** Texts remembered with their characters, which take a hundred bytes each: a log that pours would leave 50 MB of them. */
const splitBound = 500;

function replaced(source, path, pairs) {
  let text = source;
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`cannot patch "${path}": it no longer contains "${from}"`);
    text = text.replaceAll(from, () => to);
  }
  return text;
}

/** One table of widths for Ink and everything else; it remembers, too. */
const ownWidth = {
  name: "own-width",
  load: {
    filter: { id: /node_modules\/string-width\/index\.js$/ },
    handler: () => `import stripAnsi from "strip-ansi";
import { cellWidth } from ${JSON.stringify(join(home, "src/format/cells.ts"))};
export default (text) => (typeof text === "string" ? cellWidth(/[\\x1b\\x9b]/.test(text) ? stripAnsi(text) : text) : 0);`,
  },
};

const rememberCharacters = [
  ["caches = new OutputCaches();", "caches = sharedCaches;"],
  ["export default class Output", "const sharedCaches = new OutputCaches();\nexport default class Output"],
  [
    "this.styledChars.set(line, cached);",
    `if (this.styledChars.size >= ${splitBound}) this.styledChars.clear();\n            this.styledChars.set(line, cached);`,
  ],
  ["this.widths.set(text, cached);", `if (this.widths.size >= ${bound}) this.widths.clear();\n            this.widths.set(text, cached);`],
  [
    "this.blockWidths.set(text, cached);",
    `if (this.blockWidths.size >= ${bound}) this.blockWidths.clear();\n            this.blockWidths.set(text, cached);`,
  ],
];

/** Rows are remembered (ink-rows.mjs); what is as wide as its place is not cut to it. */
const rememberRows = [
  ["const sharedCaches =", `import { rowsOf } from ${JSON.stringify(join(home, "scripts/ink-rows.mjs"))};\nconst sharedCaches =`],
  [
    "    get() {",
    `    get() {
        return { output: rowsOf(this, intersectClips), height: this.height };
    }
    getWhole() {`,
  ],
  [
    "return this.sliceLineToColumns(line, from, to);",
    "return from === 0 && to === width ? line : this.sliceLineToColumns(line, from, to);",
  ],
];

/** One file of a dependency with lines replaced, as a rolldown plugin. */
const patch = (name, id, pairs) => ({
  name,
  load: { filter: { id }, handler: (path) => replaced(readFileSync(path, "utf8"), path, pairs) },
});

/** Shows the cursor on standard error when the process ends, wherever that leads; the host does it on the terminal. */
const cursorAtExit = {
  name: "no-cursor-at-exit",
  load: { filter: { id: /node_modules\/restore-cursor\/index\.js$/ }, handler: () => "export default () => {};" },
};

/** With DEV=true in the environment Ink looks for React's devtools, waits for them and complains. */
const noDevtools = patch("no-devtools", /node_modules\/ink\/build\/(ink|reconciler)\.js$/, [["process.env['DEV'] === 'true'", "false"]]);

export const inkMemo = [
  cursorAtExit,
  noDevtools,
  ownWidth,
  patch("remember-characters", /node_modules\/ink\/build\/output\.js$/, [...rememberCharacters, ...rememberRows]),
];
