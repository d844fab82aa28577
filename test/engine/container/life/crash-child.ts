/** A process to be killed: does one kind of work on containers over and over, until somebody ends it. */
import { flushCompileCache } from "node:module";
import { PassThrough } from "node:stream";
import { openHouse } from "../../../../engine/house.ts";
import type { Containers } from "../../../../engine/index.ts";
import { finish } from "../../../support/engine.ts";

const [root = "", work = "", launcher = "", network = "none"] = process.argv.slice(2);
const engine = openHouse({ root, self: [launcher] });
const { containers } = engine;

/** A fresh pair each time; nobody reads what the containers say. */
const sink = () => ({ stdout: new PassThrough().resume(), stderr: new PassThrough().resume() });
const spec = (AutoRemove: boolean) => ({
  Image: "busybox",
  Cmd: ["sh", "-c", "echo begun; sleep 0.05"],
  Volumes: { "/data": {} },
  HostConfig: { AutoRemove, NetworkMode: network },
});

const works: Record<string, (containers: Containers) => Promise<void>> = {
  async direct() {
    await finish(containers.run(spec(true), sink(), {}));
  },
  async attached() {
    const { Id } = await finish(containers.run(spec(false), sink(), {}));
    await containers.remove(Id, { volumes: true });
  },
  async detached() {
    const { Id } = await finish(containers.create(spec(false)));
    await containers.start(Id);
    await containers.remove(Id, { force: true, volumes: true });
  },
};

await containers.list();
flushCompileCache();
process.stdout.write("ready\n");
const test = process.ppid;
// Not after the test itself, should that be killed.
while (process.ppid === test) await works[work]?.(containers);
