/**
 * A second process for the tests: attaches owners in a loop, until it is killed, or the given number and says what they got.
 * `attacher.ts ROOT PREFIX [COUNT [NETWORK]]`; "dies at retirement" as the network: the moment a bridge is given up.
 */

import { flushCompileCache } from "node:module";
import { openHouse } from "../../../../engine/house.ts";
import { attachNetwork, detachNetwork } from "../../../../engine/network/attachment.ts";
import { requestOf } from "../request.ts";

const [root = "", prefix = "", count = "0", mode = "bridge"] = process.argv.slice(2);
const house = openHouse({ root });
if (count === "0" && mode !== "dies at retirement") {
  // Everything is loaded when the killing begins.
  await attachNetwork(house, requestOf(`${prefix}first`, { mode }));
  await detachNetwork(house, `${prefix}first`);
}
flushCompileCache();
console.log("ready");
if (mode === "dies at retirement") {
  await attachNetwork(house, requestOf(`${prefix}last`));
  const processes = process.getBuiltinModule("node:child_process");
  const { spawn } = processes;
  processes.spawn = ((...args: Parameters<typeof spawn>) => {
    if (args[1]?.includes("berth-retire")) process.kill(process.pid, "SIGKILL");
    return spawn(...args);
  }) as typeof spawn;
  await detachNetwork(house, `${prefix}last`);
}

if (Number(count) > 0) {
  const owners = Array.from({ length: Number(count) }, (_, number) => `${prefix}${number}`);
  const attachments = await Promise.all(owners.map((owner) => attachNetwork(house, requestOf(owner))));
  console.log(JSON.stringify(attachments.map(({ endpoints }) => endpoints["bridge"]?.IPAddress)));
} else {
  // Not after the test itself, should that be killed.
  for (let turn = 0, test = process.ppid; process.ppid === test; turn++) {
    const owner = `${prefix}${turn}`;
    const { reserved } = await attachNetwork(house, { ...requestOf(owner), mode, ports: { "80/tcp": [{ HostIp: "", HostPort: "" }] } });
    for (const fd of reserved) process.getBuiltinModule("node:fs").closeSync(fd);
    if (turn % 2) await detachNetwork(house, owner);
  }
}
