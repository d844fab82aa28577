/**
 * A process that changes the image store until it is killed: `doomed.ts ROOT VERB ARGUMENT`. It says "begin" when
 * everything is loaded and the verb starts, and "end" when it is done.
 */

import { cpSync, createReadStream, mkdirSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { openHouse } from "../../../engine/house.ts";
import { commitLayer } from "../../../engine/image/layers/commit-layer.ts";
import { commitImage } from "../../../engine/image/store/commit-image.ts";
import { takeLease } from "../../../engine/state/leases.ts";
import { finish } from "../../support/engine.ts";

const [root = "", verb = "", argument = ""] = process.argv.slice(2);
const house = openHouse({ root, self: [] });
void house.db;

const verbs: Record<string, () => Promise<unknown>> = {
  import: () => finish(house.images.import(createReadStream(argument), { reference: "doomed:import" })),
  "import-stream": () => finish(house.images.import(process.stdin, { reference: "doomed:import" })),
  load: () => finish(house.images.load(createReadStream(argument))),
  pull: () => finish(house.images.pull(argument)),
  "pull-all": () => finish(house.images.pull(argument, { allPlatforms: true })),
  prune: () => house.builder.prune({ all: true }),
  rmi: () => house.images.remove(argument, { force: true }),
  commit: async () => {
    // As a build does it: a snapshot of its own, held by a lease, becomes a layer.
    const name = `doomed-${process.pid}`;
    const lease = takeLease(house, "temporary", name);
    const upper = join(house.paths.tmp, name, "upper");
    mkdirSync(join(house.paths.tmp, name));
    cpSync(argument, upper, { recursive: true });
    const { diffId } = await commitLayer(house, upper, "");
    const rootfs = { type: "layers" as const, diff_ids: [diffId] };
    await commitImage(house, { architecture: "amd64", os: "linux", rootfs }, { references: ["doomed:commit"] });
    const { rmSync } = await import("node:fs");
    rmSync(join(house.paths.tmp, name), { recursive: true });
    lease.release();
  },
};

flushCompileCache();
process.stdout.write("begin\n");
await verbs[verb]!();
process.stdout.write("end\n");
await house.close();
