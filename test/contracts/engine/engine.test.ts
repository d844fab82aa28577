/**
 * Every engine behind the commands keeps one contract: the local one, the one in memory that the screen tests use, and one at the other
 * end of Docker's API. That it does with other people's servers behind it, too: test/contracts/servers/.
 */
import { openRemoteEngine } from "../../../engine/remote/index.ts";
import { serveOver } from "../../support/api-client.ts";
import { importBusybox, openTestEngine } from "../../support/engine.ts";
import { fakeEngine, image, network } from "../../support/fake-engine.ts";
import { type Contender, contract } from "./suite.ts";

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

contract(contenders);
