/** Names while they change: whoever asks meanwhile is answered. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { beforeAll, expect, test } from "vitest";
import { leaveHostNetwork, openScene } from "../scene.ts";

beforeAll(leaveHostNetwork);

/** Asks one question, once: false when nobody listens. */
async function isAnswered(server: string, name: string): Promise<boolean> {
  const question = Buffer.from([7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length, ...Buffer.from(name), 0, 0, 1, 0, 1]);
  const socket = createSocket("udp4");
  try {
    socket.connect(53, server);
    await once(socket, "connect");
    const answer = once(socket, "message");
    socket.send(question);
    const [message] = (await answer) as [Buffer];
    return message.readUInt16BE(6) === 1;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

test("who starts a container does not meet the reload of names", async () => {
  await using scene = openScene();
  await scene.network({ Name: "front" });
  const first = await scene.attach("first", { mode: "front" });
  const gateway = first.endpoints["front"]?.Gateway as string;
  for (let round = 0; round < 12; round++) {
    await scene.attach(`late${round}`, { mode: "front" });
    expect(await isAnswered(gateway, `late${round}`), `round ${round}`).toBe(true);
  }
});
