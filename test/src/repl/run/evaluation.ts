/** Runs scripts in sessions of their own, for the tests of what the language's statements do. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import { Session } from "../../../../src/repl/session.ts";
import { openScene, type Scene } from "../../commands/scene.ts";

let scene: Scene;
export const here = mkdtempSync(join(tmpdir(), "berth-evaluate-"));
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  rmSync(here, { recursive: true });
  await scene[Symbol.asyncDispose]();
});

export interface Ran {
  /** What was printed. */
  text: string;
  error: EngineError | undefined;
}

/** Runs a script in a session of its own. */
export async function ran(
  source: string,
  {
    args = [] as string[],
    env = {},
    signal = new AbortController().signal,
    onPrint = (_text: string) => {},
    onReport = undefined as Session["report"] | undefined,
  } = {},
): Promise<Ran> {
  const session = new Session({ engine: scene.engine, io: { ...scene.session.io, cwd: here, env }, args, file: "script" });
  if (onReport) session.report = onReport;
  const printed: string[] = [];
  session.place.output = {
    put: (data) => {
      const text = Buffer.from(data).toString();
      printed.push(text);
      onPrint(text);
    },
  };
  let error: EngineError | undefined;
  try {
    await session.run(source, "script", () => signal);
  } catch (thrown) {
    error = thrown as EngineError;
  }
  await session.close();
  return { text: printed.join(""), error };
}

/** The text of a script that ends well. */
export async function printed(source: string, options?: Parameters<typeof ran>[1]): Promise<string> {
  const { text, error } = await ran(source, options);
  expect(error).toBeUndefined();
  return text;
}

/** "line:column" of the failure. */
export const placeOf = ({ error }: Ran) => `${error?.location?.line}:${error?.location?.column}`;
