/** Anything at all, read and run: it ends, and what is wrong has a place. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { parse } from "../../../../src/repl/language/parse.ts";
import { withoutSecrets } from "../../../../src/repl/language/secrets.ts";
import { Session } from "../../../../src/repl/session.ts";
import fc from "../../../support/property.ts";
import { openScene, type Scene } from "../../commands/scene.ts";
import { nearScripts, scripts } from "../language/scripts.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

/** Pieces of the language, so that what is put together is often nearly right. */
const pieces = fc.constantFrom(
  ..."let x = := list print a 'b c' \"d $x\" $x ${x.y[0]} $((x+1)) $(( $? $_ $args $env.HOME if while for in ( ) { } else try catch e defer".split(
    " ",
  ),
  ..."timeout 1ms retry 2 every repeat func f(a) f(a, b) return parallel break continue assert expect not and or == < > >> | <<E E\n".split(
    " ",
  ),
  ..."where .a sort .Id count first json table lines words wait web healthy port:1 1ms images ps -aq --nosuch -- @t send spawn closed".split(
    " ",
  ),
  ...["\n", ";", "\\", "#", "'", '"', "$", "é", "\u{1f600}", "\0", "1..3", "exit", "vars", "source", "cd", "set stop off"],
);
const sources = fc.oneof(
  fc.array(pieces, { maxLength: 30 }).map((all) => all.join(" ")),
  fc.string({ unit: "grapheme", maxLength: 80 }),
);

test("reading fails in one way: with a place in the source", () => {
  fc.assert(
    fc.property(sources, (source) => {
      try {
        parse(source, "script");
      } catch (error) {
        expect(error).toBeInstanceOf(EngineError);
        const { code, location } = error as EngineError;
        expect(code).toBe("syntax");
        expect(location).toMatchObject({ file: "script" });
        expect(location!.line).toBeLessThanOrEqual(source.split("\n").length);
        expect(location!.column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 3000 },
  );
});

test("what is kept out of recordings leaves a source that reads as before", () => {
  fc.assert(
    fc.property(sources, (source) => {
      expect(withoutSecrets(withoutSecrets(source))).toBe(withoutSecrets(source));
    }),
    { numRuns: 1000 },
  );
});

test("running ends, and what fails is located", async () => {
  await fc.assert(
    fc.asyncProperty(sources, async (source) => {
      const session = new Session({ engine: scene.engine, io: { ...scene.session.io, env: { HOME: "/" } } });
      session.place.output = { put() {} };
      const signal = AbortSignal.timeout(300);
      try {
        await session.run(source.replaceAll(/spawn|!/g, "print"), "script", () => signal);
      } catch (error) {
        const { code, location, message } = error as EngineError;
        expect(error).toBeInstanceOf(EngineError);
        expect(code, message).not.toBe("internal");
        if (code !== "cancelled") expect(location).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
      } finally {
        await session.close();
      }
    }),
    { numRuns: 400 },
  );
});

/** It is about a word that only its value makes wrong. */
function isOfValue(source: string, { location }: EngineError): boolean {
  const { line = 1, column = 1 } = location ?? {};
  return /^\S*\$/.test(source.split("\n")[line - 1]!.slice(column - 1));
}

async function failureOf(running: () => Promise<unknown>): Promise<EngineError | undefined> {
  try {
    await running();
    return undefined;
  } catch (error) {
    return error as EngineError;
  }
}

test("a check and a run agree on what is an error; nothing is done where there is one, and what fails is located", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(scripts, nearScripts), async (source) => {
      const session = new Session({ engine: scene.engine, io: { ...scene.session.io, env: { HOME: "/" } } });
      const printed: unknown[] = [];
      session.place.output = { put: (data) => void printed.push(data) };
      try {
        const found = await failureOf(async () => {
          const [problem] = await session.check(parse(source, "script"), session.textOf(source, "script"));
          if (problem) throw problem.error;
        });
        const error = await failureOf(() => session.run(source, "script", () => new AbortController().signal));
        if (error) expect(error.location).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
        if (found) expect([error?.message, printed]).toEqual([found.message, []]);
        else if (error && !isOfValue(source, error)) expect(["syntax", "usage", "internal"], error.message).not.toContain(error.code);
      } finally {
        await session.close();
      }
    }),
    { numRuns: 60 },
  );
});
