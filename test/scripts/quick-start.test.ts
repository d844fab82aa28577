/** What the bundler's output becomes: modules of Node's that are loaded late are still whole. */
import { expect, test } from "vitest";
// @ts-expect-error: a plain script, used by npm too
import { quickStart } from "../../scripts/quick-start.mjs";

const written = (code: string): string => {
  const chunk = { type: "chunk", name: "views", fileName: "chunks/views.cjs", code };
  quickStart.generateBundle({}, { [chunk.fileName]: chunk });
  return chunk.code;
};

test("what is only asked for its members is loaded with the first of them, what is always there at once", () => {
  expect(written('let a=require("node:os");a.tmpdir();')).toContain(
    'a=new Proxy({},{get:(_,name)=>process.getBuiltinModule("node:os")[name]})',
  );
  expect(written('let a=require("node:fs");')).toBe('let a=process.getBuiltinModule("node:fs");');
});

test("what a helper copies the members of is there when it does", () => {
  const code = written('let a=require("node:os");a=e.r(a,1);(0,a.tmpdir)();');
  const helper = { r: (module: object) => ({ ...module, default: module }) };
  expect(new Function("e", `${code};return (0,a.tmpdir)()`)(helper)).toBe(process.getBuiltinModule("node:os").tmpdir());
});
