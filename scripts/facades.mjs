// A dynamic import of a module that lies in a larger chunk goes through a chunk of one line that re-exports it, and each
// such file costs a cold process half a millisecond to find, read and link. This rolldown plugin takes them out of the
// way: import("./facade.mjs") becomes an import of the chunk itself, which is loaded already, with the exports renamed.

/** `export{a as b,c as default}from"./chunk.mjs";` and nothing else. */
const facade = /^export\{([^{}]*)\}from"\.\/([^"]+)";?\s*$/;

/** Where each facade leads: its target's file name, and its exports as [name, name in the target]. */
function findFacades(bundle) {
  const found = new Map();
  for (const chunk of Object.values(bundle)) {
    const [, names, target] = (chunk.type === "chunk" && !chunk.isEntry && facade.exec(chunk.code)) || [];
    if (target === undefined) continue;
    const pairs = names.split(",").map((each) => each.split(" as "));
    found.set(chunk.fileName, { target, exports: pairs.map(([inner, outer = inner]) => [outer, inner]) });
  }
  return found;
}

/** import(`./facade.mjs`) → import(`./target.mjs`).then(m=>({name:m.a})) */
function shortCut(code, facades) {
  return code.replaceAll(/\bimport\(([`"'])(\.\/(?:chunks\/)?)([^`"']+)\1\)/g, (whole, _quote, folder, file) => {
    const known = facades.get(`chunks/${file}`);
    if (!known) return whole;
    const members = known.exports.map(([outer, inner]) => `${outer}:m.${inner}`).join(",");
    return `import("${folder}${known.target}").then(m=>({${members}}))`;
  });
}

export const withoutFacades = {
  name: "without-facades",
  generateBundle(_options, bundle) {
    const facades = findFacades(bundle);
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") chunk.code = shortCut(chunk.code, facades);
    }
    for (const name of facades.keys()) delete bundle[name];
  },
};
