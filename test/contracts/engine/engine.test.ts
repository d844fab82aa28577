/** Every engine behind the commands keeps one contract: the local one, and the one in memory that the screen tests use. */
import { afterAll, beforeAll, describe } from "vitest";
import { importBusybox, openTestEngine } from "../../support/engine.ts";
import { containerExec, containerFiles, containerLife, containerStreams } from "./containers.ts";
import type { Exceptions, Host } from "./host.ts";
import { builds, events, images, networks, volumes } from "./objects.ts";

interface Contender {
  open(): Promise<Host>;
  exceptions: Exceptions;
}

const contenders: Record<string, Contender> = {
  "the local engine": {
    async open() {
      const made = openTestEngine();
      await importBusybox(made.engine);
      return made;
    },
    exceptions: {},
  },
};

const parts = { containerLife, containerStreams, containerExec, containerFiles, images, builds, networks, volumes, events };

describe.each(Object.entries(contenders))("%s", (_, { open, exceptions }) => {
  let host: Host;
  beforeAll(async () => {
    host = await open();
  });
  afterAll(() => host?.[Symbol.asyncDispose]());
  for (const [name, part] of Object.entries(parts)) if (!exceptions[name]) describe(name, () => part(() => host));
});
