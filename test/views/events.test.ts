/** The list of events: past and live, filtered, held, and the way to what they are about. */
import { expect, test } from "vitest";
import { absent, cursorOn, fake, open, press, selected, terminal } from "./tui-scene.ts";

function happened(): void {
  const [web] = fake.containers;
  fake.emit("container", "start", web!.Id, { name: "web", image: "busybox:latest" });
  fake.emit("container", "exec_create: sh -c 'true'", web!.Id, { name: "web", execID: "e1".padEnd(64, "0") });
  fake.emit("container", "die", "f".repeat(64), { name: "gone", exitCode: "137" });
  fake.emit("image", "tag", fake.images[0]!.Id, { name: "busybox:latest" });
}

const rows = () =>
  terminal.screen
    .lines()
    .slice(3)
    .filter((line) => /\d\d:\d\d:\d\d/.test(line))
    .map((line) => line.split("│")[0]!.trim().split(/ {2,}/).slice(1).join(" "));

test("past ones, the newest first, then what comes, with the cursor on the newest", async () => {
  happened();
  await open(160, 30);
  await press("9", /container +start +web/);
  expect(rows()).toEqual([
    "image tag busybox:latest",
    "container die gone exitCode=137",
    "container exec_create web sh -c 'true' execID=e10000000000",
    "container start web image=busybox:latest",
  ]);
  fake.emit("volume", "create", "data", { driver: "local" });
  await terminal.screen.waitFor(() => /volume +create +data +driver=local/.test(selected()));
  await press("jj", cursorOn("gone"));
  fake.emit("network", "create", "n".repeat(64), { name: "net" });
  await terminal.screen.waitFor(/network +create +net/);
  expect(selected()).toContain("gone");
});

test("by the words of one field, and of the attributes", async () => {
  happened();
  await open(140, 30);
  await press("9", /container +start +web/);
  await press("/type:image\r", /\/type:image 1 of 4/);
  expect(rows()).toEqual(["image tag busybox:latest"]);
  await press("\x1b", /container +start +web/);
  await press("/action:die\r", /\/action:die 1 of 4/);
  await press("\x1b", /container +start +web/);
  await press("/exitcode=137\r", /1 of 4/);
  expect(rows()).toEqual(["container die gone exitCode=137"]);
});

test("held, it stands still; let go, it has all", async () => {
  happened();
  await open(140, 30);
  await press("9", /container +start +web/);
  await press("p", "paused");
  fake.emit("volume", "create", "data");
  fake.emit("container", "die", "e".repeat(64), { name: "later" });
  await terminal.screen.waitFor((text) => text.includes("paused")); // the list of containers was read meanwhile
  expect(rows()).toHaveLength(4);
  await press("p", /later[\s\S]*data/);
  expect(terminal.screen.text()).not.toContain("paused");
});

test("f goes to the object, and says so when that is gone", async () => {
  happened();
  await open(140, 30);
  await press("9", /container +start +web/);
  await press("j", cursorOn("gone"));
  await press("f", "it is not there any more");
  await press("G", cursorOn("start"));
  await press("f", /^ +NAME +IMAGE/m);
  expect(selected()).toContain("web");
});

test("beside it stands all that it says; y copies the object's id", async () => {
  happened();
  await open(140, 30);
  await press("9", /Attributes[\s\S]*name +busybox:latest/);
  await press(">", /"Type": "image"/);
  await press("y", "copied");
  expect(terminal.screen.raw).toContain(Buffer.from(fake.images[0]!.Id).toString("base64"));
});

test("nothing is read while another list is in front, and a flood is read in portions", async () => {
  let reads = 0;
  const events = fake.engine.events.bind(fake.engine);
  fake.engine.events = (options) => {
    if (!options?.follow) reads++;
    return events(options);
  };
  await open(100, 24);
  happened();
  await terminal.screen.waitFor("web");
  expect(reads).toBe(0);
  await press("9", /container +start +web/);
  for (let index = 0; index < 6000; index++) fake.emit("container", "exec_start", "f".repeat(64), { name: `flood-${index}` });
  await press("/flood-5999\r", /1 of 5000/);
  expect(reads).toBeLessThan(20);
  await press("\x1b", absent("1 of 5000"));
});
