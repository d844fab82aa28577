/** berth's own commands, in this process: a case costs tenths of what it does by the program. */

import { PassThrough } from "node:stream";
import { openView } from "../../../../engine/build/workspace/workspace.ts";
import { EngineError } from "../../../../engine/errors.ts";
import type { House } from "../../../../engine/house.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import type { Io } from "../../../../src/commands/command.ts";
import { execute } from "../../../../src/commands/execute.ts";
import { finish } from "../../../support/engine.ts";
import type { Builder } from "./observe.ts";

/** An image's files are what a step that takes from it sees. */
export function berthOn(engine: House): Builder {
  const io: Io = {
    streams: { stdout: new PassThrough(), stderr: new PassThrough() },
    confirm: async () => false,
    cwd: process.cwd(),
    env: {},
  };
  const { signal } = new AbortController();
  const run = async (words: string[]) => {
    await finish(execute({ engine, io, signal }, words));
  };
  return {
    importImage: (tar, name) => run(["import", "--change", 'CMD ["sh"]', tar, name]),
    async build(words) {
      try {
        await run(["build", ...words]);
        return { status: 0 };
      } catch (error) {
        if (error instanceof EngineError) return { status: error.exit, said: error.message };
        throw error;
      }
    },
    remove: (names) => run(["rmi", "-f", ...names]),
    async open(name) {
      const image = resolveImage(engine, name);
      if (!image) throw new Error(`there is no image "${name}"`);
      const view = await openView(engine, image.chainId);
      return {
        config: image.config,
        rootfs: view.root,
        [Symbol.asyncDispose]: () => view[Symbol.asyncDispose](),
      };
    },
  };
}
