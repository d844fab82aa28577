/** Keys on projects and their services: the command lines they run, what they ask before, and why they do nothing. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { absent, cursorOn, fake, open, press, terminal } from "../tui-scene.ts";
import { makeShop, shop, upShop } from "./project-scene.ts";

const lastLine = (words: string) => (text: string) => text.includes(`$ berth ${words} `);

test("a project of this directory that was never up is there, goes up without a question, and stays when it is down", async () => {
  const { directory } = makeShop("name: one\nservices: { web: { image: busybox } }\n");
  await open(100, 24, { BERTH_CONFIRM: "key" }, directory);
  await press("6", /one +down/);
  await press("u", /one +1\/1 up/);
  expect(terminal.screen.text()).toContain("$ berth compose up -d");
  await press("d", 'Take project "one" down?');
  await press("y", /one +down/);
  await press("c", /\+ web-1 +create/);
});

test("one of another directory is named by its files, and is remembered while they are there", async () => {
  const here = makeShop();
  await upShop(here);
  await open(140, 24, { BERTH_CONFIRM: "key" });
  await press("6", /shop +4\/5 up/);
  const compose = `compose -p shop -f ${here.file}`;
  await press("s", lastLine(`${compose} stop`));
  await press("d", 'Take project "shop" down?');
  expect(terminal.screen.text()).toContain("Volumes stay");
  await press("n", absent("Take project"));
  await press("d", 'Take project "shop" down?');
  await press("y", /shop +down/);
  rmSync(here.file);
  await terminal.screen.waitFor("No projects yet.");
});

test("up says what it would make anew and why, and does nothing without a yes", async () => {
  const here = makeShop();
  await upShop(here);
  fake.calls.length = 0;
  await open(100, 24, {}, here.directory);
  await press("6", /shop +4\/5 up/);
  here.write(shop.replace("MODE: fast", "MODE: slow"));
  const question = await press("u", 'Make "web-1", "web-2" anew?');
  expect(question).toContain("web: environment MODE=fast → slow");
  await press("\r", absent("anew?"));
  expect(fake.calls).toEqual([]);
  here.write(shop.replace("scale: 2", "scale: 1"));
  await press("u", 'Remove "web-2"?');
  expect(terminal.screen.text()).toContain('type "yes"');
});

test("files that it includes and extends, and those of variables, are followed as its own", async () => {
  const here = makeShop(
    "name: shop\ninclude: [sub/more.yaml]\nservices:\n  web:\n    extends: { file: base.yaml, service: b }\n    env_file: web.env\n",
  );
  const write = (name: string, text: string) => writeFileSync(join(here.directory, name), text);
  mkdirSync(join(here.directory, "sub"));
  write("sub/more.yaml", "services: { db: { image: busybox } }");
  write("base.yaml", "services: { b: { image: busybox } }");
  write("web.env", "MODE=fast");
  fake.containers.length = 0;
  await open(140, 30, {}, here.directory);
  await press("6", /\+ db-1 +create[\s\S]*\+ web-1 +create/);
  write("sub/more.yaml", "services: { db: { image: busybox }, cache: { image: busybox } }");
  await terminal.screen.waitFor(/\+ cache-1 +create/);
  write("base.yaml", "services: { b: { imag: busybox } }");
  await terminal.screen.waitFor(/error at 1:/);
  write("base.yaml", "services: { b: { image: busybox, scale: 2 } }");
  await terminal.screen.waitFor(/\+ web-1, web-2 +create/);
  rmSync(join(here.directory, "sub/more.yaml"));
  await terminal.screen.waitFor(/error at 2:/);
  write("sub/more.yaml", "services: { other: { image: busybox } }");
  await terminal.screen.waitFor(/\+ other-1 +create/);
  write("web.env", "not a line of variables");
  await terminal.screen.waitFor(/web\.env/);
});

test("services and their containers have lines of their own", async () => {
  const here = makeShop();
  await upShop(here);
  await open(140, 30, {}, here.directory);
  await press("6", /shop +4\/5 up/);
  await press("\r", cursorOn("cache"));
  await press("r", lastLine("compose restart cache"));
  await press("j", cursorOn("cache-1"));
  await press("r", lastLine("restart shop-cache-1"));
  await press("/web-2\r", cursorOn("web-2"));
  await press("s", lastLine("start shop-web-2"));
  await press("\x1b", absent("/web-2"));
  await press("d", 'Remove container "shop-web-2"?');
  await press("n", absent("Remove container"));
  await press("x", /^:compose$/m);
  await press("\x1b", / Esc back/);
  await press("l", /logs of shop-web-2/);
  await press("q", cursorOn("web-2"));
  await press("q", /shop +5\/5 up/);
});

test("the logs of all are one, with names in colour", async () => {
  const here = makeShop();
  await upShop(here);
  fake.log.push("hello");
  await open(100, 24, {}, here.directory);
  await press("6", /shop +4\/5 up/);
  await press("l", /berth compose --ansi always logs -f --tail 1000/);
  await press("q", /shop +4\/5 up/);
});

test("an error in the files opens them, says where, and is gone with its mend", async () => {
  const here = makeShop(shop.replace("scale: 2", "scael: 2"));
  await open(100, 24, {}, here.directory);
  await press("6", /shop-\w+ +error at 11:5/i);
  await press("u", "its files have an error: f shows it");
  await press("\r", 'did you mean "scale"?');
  const next = `${here.file}.new`;
  writeFileSync(next, shop);
  renameSync(next, here.file); // as editors save
  await terminal.screen.waitFor(absent("did you mean"));
});

test("an error in the files of a project that runs makes no second one of it, and its graph is still known", async () => {
  const here = makeShop();
  await upShop(here);
  here.write(shop.replace("scale: 2", "scael: 2"));
  await open(140, 24, {}, here.directory);
  await press("6", /Projects 1 /);
  await terminal.screen.waitFor(/shop +error at 11:5/);
  await press("t", /─ healthy ─+▶ ● db/);
});

test("a project whose files are not here can be stopped, and says why it cannot go up", async () => {
  const here = makeShop();
  await upShop(here);
  rmSync(here.file);
  await open(140, 24);
  await press("6", /shop +4\/5 up/);
  await press("u", /cannot read project "shop": its files are not here/);
  await press("s", lastLine(`compose -p shop --project-directory ${here.directory} stop`));
  await terminal.screen.waitFor(/shop +stopped/);
});

test("what a command does to each service is shown while it does it", async () => {
  const here = makeShop("services: { web: { image: busybox }, far: { image: far.example/away } }\n");
  const going = Promise.withResolvers<void>();
  delete fake.cannot["images.pull"];
  fake.engine.images.pull = async function* () {
    yield { type: "transfer", id: "layer", status: "Downloading", current: 30, total: 120 };
    await going.promise;
    throw new Error("the line is dead");
  };
  await open(100, 24, {}, here.directory);
  await press("6", /shop-\w+ +down/i);
  await press("u", /⟳ up 0\/1/);
  await press("\r", /far +⟳ pulling 25%/);
  going.resolve();
  await terminal.screen.waitFor(/the line is dead/);
  await terminal.screen.waitFor(/far +no container/);
});
