/** The other lists and a form as they look: at four sizes in colour, without colours, and in ASCII. */
import { expect, test } from "vitest";
import { network } from "../support/fake-engine.ts";
import { makeBuilds } from "./build-scene.ts";
import { everyLook, openLook, shot } from "./shot.ts";
import { absent, cursorOn, fake, press } from "./tui-scene.ts";

function makeScene(): void {
  makeBuilds();
  const CreatedAt = new Date(Date.now() - 7_200_000).toISOString();
  const Mountpoint = "/var/lib/berth/volumes/shop-data/_data";
  const volume = { Name: "shop-data", Driver: "local", Mountpoint, Labels: {}, Options: {}, Scope: "local" as const, CreatedAt };
  fake.volumes.push(volume as never);
  fake.networks.push(network("shop_default", { Labels: { team: "red" } }));
  const [web] = fake.containers;
  fake.emit("container", "start", web!.Id, { name: "web", image: "busybox:latest" });
  fake.emit("container", "die", web!.Id, { name: "web", exitCode: "137" });
  fake.emit("network", "create", fake.networks[0]!.Id, { name: "shop_default", type: "bridge" });
}

/** What runs takes ever longer, and what happened did so just now. */
const still = (text: string) =>
  text
    .replace(/ *2h0m\d+s/g, (time) => "2h0m0s".padStart(time.length))
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "0000-00-00T00:00:00.000Z")
    .replace(/\d\d:\d\d:\d\d(?!\.)/g, "00:00:00");

test.each(everyLook)("%d columns, %d rows, %s", async (columns, rows, look) => {
  makeScene();
  await openLook(look, columns, rows);
  const isWide = columns >= 110;
  const shots: string[] = [];
  const take = async (name: string, keys: string, list: RegExp, detail: RegExp) => {
    await press(keys, (text) => list.test(text) && (!isWide || detail.test(text)));
    shots.push(still(shot(name, look)));
  };
  await take("volumes", "3", /shop-data/, /Mountpoint|Driver/);
  await take("networks", "4", /shop_default/, /Subnet|Driver/);
  await press("5", /shop-web/);
  await press("j", cursorOn("shop-worker"));
  await take("builds", "", /shop-worker/, /exit code: 2/);
  if (isWide) await take("steps", ">", /shop-worker/, /RUN make/);
  await take("log of a step", "l", /Log of a step/, /Log of a step/);
  await press("\x1b", absent("Log of a step"));
  await take("events", "9", /shop_default/, /Attributes/);
  await press("3", /shop-data/);
  await take("form", "c", /berth volume create/, /Mountpoint|Driver/);
  await expect(shots.join("\n")).toMatchFileSnapshot(`screens/lists-${look}-${columns}x${rows}.txt`);
});
