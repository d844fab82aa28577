/** A build in a process of its own, for tests that kill it: `node build-process.ts ROOT CONTEXT`; RUN output goes to stdout. */
import { openHouse } from "../../../engine/house.ts";

const [root = "", context = ""] = process.argv.slice(2);
const engine = openHouse({ root });
for await (const event of engine.builder.build({ context })) {
  if (event.type === "step-log") process.stdout.write(event.data);
}
await engine.close();
