// `import { readFileSync } from "node:fs"` makes Node look at everything that module exports, and fs, os or module then
// load streams, promises and readline that a short command never uses: 10 ms of 45. This rolldown plugin takes such
// imports by process.getBuiltinModule, which looks at nothing, and writes chunks in ASCII, which V8 reads as it is.

const importOfBuiltin = /\bimport(?: ([\w$]+) ?,?)?(?:\*as ([\w$]+) )?(?:\{([^{}]*)\})?from"(node:[\w/]+)";?/g;

/** Modules of functions alone: not even loaded before one is called. */
const loadedWhenCalled = new Set(["node:fs/promises", "node:timers/promises"]);

function take(_whole, byDefault, namespace, names, id) {
  const module = `process.getBuiltinModule("${id}")`;
  const pairs = (names ?? "").split(",").filter(Boolean);
  const bindings = pairs.map((pair) => pair.trim().split(" as ")).map(([outer, inner = outer]) => [outer, inner]);
  const whole = [byDefault, namespace].filter(Boolean).map((name) => `${name}=${module}`);
  const parts = loadedWhenCalled.has(id)
    ? bindings.map(([outer, inner]) => `${inner}=(...a)=>${module}.${outer}(...a)`)
    : bindings.length > 0
      ? [`{${bindings.map(([outer, inner]) => `${outer}:${inner}`).join(",")}}=${module}`]
      : [];
  return `const ${[...whole, ...parts].join(",")};`;
}

// String, template and regular expression literals are the only places for other characters in minified code.
const escaped = (code) => code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const directBuiltins = {
  name: "direct-builtins",
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") chunk.code = escaped(chunk.code.replaceAll(importOfBuiltin, take));
    }
  },
};
