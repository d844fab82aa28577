/**
 * Every engine behind the commands keeps one contract: the local one, the one in memory that the screen tests use, and one at the other
 * end of Docker's API. That it does with other people's servers behind it, too: servers.test.ts.
 */
import { afterAll, beforeAll, describe } from "vitest";
import { openRemoteEngine } from "../../../engine/remote/index.ts";
import { serveOver } from "../../support/api-client.ts";
import { importBusybox, openTestEngine } from "../../support/engine.ts";
import { fakeEngine, image, network } from "../../support/fake-engine.ts";
import { capabilities } from "./capabilities.ts";
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
  "the engine in memory": {
    async open() {
      const { engine, images, networks } = fakeEngine();
      images.push(image("busybox:latest"));
      networks.push(network("bridge"), network("host"), network("none"));
      return { engine, [Symbol.asyncDispose]: () => engine.close() };
    },
    exceptions: {
      containerFiles: "it has no files: what needs them is in its list of what it cannot do",
      builds: "it builds nothing",
    },
  },
  "an engine behind berth's API": {
    async open() {
      const made = openTestEngine();
      await importBusybox(made.engine);
      const served = await serveOver(made.engine);
      const engine = openRemoteEngine(`unix://${served.socket}`);
      return {
        engine,
        async [Symbol.asyncDispose]() {
          await engine.close();
          await served[Symbol.asyncDispose]();
          await made[Symbol.asyncDispose]();
        },
      };
    },
    exceptions: {},
  },
};

const parts = { containerLife, containerStreams, containerExec, containerFiles, images, builds, networks, volumes, events, capabilities };

describe.each(Object.entries(contenders))("%s", (_, { open, exceptions }) => {
  let host: Host;
  beforeAll(async () => {
    host = await open();
  });
  afterAll(() => host?.[Symbol.asyncDispose]());
  for (const [name, part] of Object.entries(parts)) if (!exceptions[name]) describe(name, () => part(() => host));
});
