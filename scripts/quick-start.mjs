// What rolldown makes of imports, for a program that starts often. process.getBuiltinModule asks nobody, where `require`
// asks the loader of CommonJS; modules of Node that are not there anyway are loaded when something of them is first used
// (streams, which ps never uses, are 2 ms of 45); rolldown's helpers are in every chunk instead of in a file of their own
// (half a millisecond); and chunks are ASCII, which V8 reads as it is. Without the first three, taking turns, medians of 60:
// `ps` by Node 132 ms instead of 125, a session of one line 152 instead of 140.
import { isBuiltin } from "node:module";

const requireOfBuiltin = /(\w=)?\brequire\([`"']([\w:/]+)[`"']\)(?=([,;])?)/g;
const importOfBuiltin = /\bimport\([`"'](node:[\w/]+)[`"']\)/g; // a script has no import()
const requireOfRuntime = /\brequire\([`"']\.\/(rolldown-runtime-[\w-]+\.cjs)[`"']\)/g;

/** Part of every Node that has started. */
const alwaysThere = new Set(["fs", "path", "events", "buffer", "util", "process", "timers"]);

/** Only a plain `name = require("…")` can be late: helpers of rolldown look at all that a module exports. */
function take(whole, assigned, id, end, _offset, code) {
  if (!isBuiltin(id)) return whole;
  const module = `process.getBuiltinModule("${id}")`;
  const late = assigned && end && !alwaysThere.has(id.replace("node:", "")) && !isLookedThrough(assigned.slice(0, -1), code);
  return `${assigned ?? ""}${late ? `new Proxy({},{get:(_,name)=>${module}[name]})` : module}`;
}

/** "o=e.r(o,1)": the helper makes an object of the members that there are now, and a proxy shows none. */
const isLookedThrough = (name, code) => new RegExp(`\\b${name}=[\\w$.]+\\(${name}(,1)?\\)`).test(code);

const direct = (code) =>
  code.replaceAll(requireOfBuiltin, take).replaceAll(importOfBuiltin, (_whole, id) => `Promise.resolve(process.getBuiltinModule("${id}"))`);

// String, template and regular expression literals are the only places for other characters in minified code.
const escaped = (code) => code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const quickStart = {
  name: "quick-start",
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter(({ type }) => type === "chunk");
    for (const chunk of chunks) {
      const inline = (_whole, name) => `(()=>{const exports={};${bundle[`chunks/${name}`].code};return exports})()`;
      chunk.code = escaped(direct(chunk.code.replaceAll(requireOfRuntime, inline)));
    }
    for (const { name, fileName } of chunks) if (name === "rolldown-runtime") delete bundle[fileName];
  },
};
