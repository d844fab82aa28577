// The library's types as other packages see them: dist/types/*.d.ts, made of what engine/index.ts shows and nothing else.
// The sources name each other with ".ts", which only a compiler that was told so takes from somebody else's package: in the
// declarations they are ".js".
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { home } from "./sources.mjs";

/** Specifiers of what a module's types are made from: imports of values are its own business. */
const typeSource = /^(?:import type|export(?: type)?) [^;]*? from "(\.[^"]+)";/gm;
const relativeSource = /(from |import\()"(\.[^"]+)\.ts"/g;

/** The door and all that its types are made from. */
function reachable(door) {
  const found = new Set([door]);
  for (const file of found)
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(typeSource)) found.add(join(dirname(file), specifier));
  return [...found];
}

/** Without the files between, no type can be inferred: what is shown says what it is. */
function emit(files, outDir) {
  const project = join(outDir, "tsconfig.json");
  const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true, noCheck: true, noResolve: true, types: [] };
  const places = { rootDir: join(home, "engine"), outDir };
  writeFileSync(
    project,
    JSON.stringify({ extends: join(home, "tsconfig.json"), compilerOptions: { ...compilerOptions, ...places }, include: [], files }),
  );
  const { status, stdout, error } = spawnSync(join(home, "node_modules/.bin/tsc"), ["-p", project], { encoding: "utf8" });
  rmSync(project);
  if (status !== 0) throw new Error(`cannot make the library's types: ${error?.message ?? stdout}`);
}

/** One module for other packages; what it names must be there. */
function publish(file) {
  const text = readFileSync(file, "utf8");
  for (const [, , specifier] of text.matchAll(relativeSource)) {
    const target = join(dirname(file), `${specifier}.d.ts`);
    if (!existsSync(target)) throw new Error(`the library's types lack "${relative(home, target)}", which "${relative(home, file)}" names`);
  }
  writeFileSync(file, text.replace(relativeSource, '$1"$2.js"'));
}

/** Makes the types in a directory, beside a note that they are those of a CommonJS module, as the bundle is. */
export function makeDeclarations(outDir) {
  mkdirSync(outDir, { recursive: true });
  emit(reachable(join(home, "engine/index.ts")), outDir);
  const made = readdirSync(outDir, { recursive: true }).filter((name) => name.endsWith(".d.ts"));
  for (const name of made) publish(join(outDir, name));
  writeFileSync(join(outDir, "package.json"), '{ "type": "commonjs" }\n');
}
