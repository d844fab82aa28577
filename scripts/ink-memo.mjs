// Ink measures and splits every row of the screen for every frame, though between two frames most rows are the same.
// These hooks of the bundler let its measuring remember: a key press in a full list costs half of the CPU time. An upgrade
// that changes the patched lines fails the bundle here instead of becoming slow unseen. One more keeps standard error clean.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { home } from "./sources.mjs";

/** Texts remembered; a screen has a hundred rows. */
const bound = 4000;

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
    `if (this.styledChars.size >= ${bound}) this.styledChars.clear();\n            this.styledChars.set(line, cached);`,
  ],
  ["this.widths.set(text, cached);", `if (this.widths.size >= ${bound}) this.widths.clear();\n            this.widths.set(text, cached);`],
  [
    "this.blockWidths.set(text, cached);",
    `if (this.blockWidths.size >= ${bound}) this.blockWidths.clear();\n            this.blockWidths.set(text, cached);`,
  ],
];

/** Characters of one style share its array (nobody changes one), so that the codes between two styles can be remembered. */
const rememberTransitions = [
  ["styles: [...codes],", "styles: codes,"],
  ["ansiCodesToString(diffAnsiCodes(chars[i - 1].styles, char.styles))", "transition(chars[i - 1].styles, char.styles)"],
  ["ansiCodesToString(diffAnsiCodes(char.styles, []))", "transition(char.styles, unstyled)"],
  [
    "export function styledCharsToString",
    `const unstyled = [];
const transitions = new WeakMap();
function transition(from, to) {
  let known = transitions.get(from);
  if (known === undefined) transitions.set(from, (known = new WeakMap()));
  let codes = known.get(to);
  if (codes === undefined) known.set(to, (codes = ansiCodesToString(diffAnsiCodes(from, to))));
  return codes;
}
export function styledCharsToString`,
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
  patch("remember-transitions", /ansi-tokenize\/build\/styledChars\.js$/, rememberTransitions),
  patch("remember-characters", /node_modules\/ink\/build\/output\.js$/, rememberCharacters),
];
