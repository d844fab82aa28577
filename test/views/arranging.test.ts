/** A list folded by a label, ranges of marks, what a filter was found in: with keys, on the screen. */
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { container, network } from "../support/fake-engine.ts";
import { absent, cursorOn, fake, open, openWith, press, terminal } from "./tui-scene.ts";

const project = (name: string, extra = {}) => ({ Labels: { "com.docker.compose.project": name, team: "red" }, ...extra });

function shop(): void {
  fake.containers.length = 0;
  fake.containers.push(
    container("shop-web-1", { ...project("shop"), Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: "tcp" }] }),
    container("lab-x-1", project("lab")),
    container("scratch"),
    container("shop-db-1", project("shop", { State: "exited", Status: "Exited (1) 2 minutes ago" })),
  );
}

test("z groups by project, folds and unfolds; a group says what its rows come to", async () => {
  shop();
  await open();
  await press("z", /▾ {2}lab \(1\)/);
  expect(terminal.screen.text()).toMatch(/▾ {2}shop \(2\).* 1\/2 up +12% +4\.3M/);
  expect(terminal.screen.text()).toMatch(/● {4}shop-web-1/);
  expect(terminal.screen.text()).toMatch(/● {2}scratch/);
  expect(terminal.screen.text()).toContain("in groups of project");
  await press("g", cursorOn("lab (1)"));
  await press("jj", cursorOn("shop (2)"));
  await press("z", /▸ {2}shop \(2\).* 1\/2 up +12% +4\.3M/);
  expect(terminal.screen.text()).not.toContain("shop-web-1");
  await press("\r", /▾ {2}shop/);
  await press("j", cursorOn("shop-web-1"));
  await press("z", /▸ {2}shop/);
  expect(cursorOn("shop (2)")()).toBe(true);
  await press("i", "this is a group: z shows or hides its rows");
  await terminal.screen.waitFor(absent("this is a group"));
  await press("C", "this is a group: z shows or hides its rows");
});

test("beside the list a group says which rows it has", async () => {
  shop();
  await open(140, 30);
  await press("z", /▾ {2}lab/);
  await press("g", cursorOn("lab (1)"));
  await press("jj", cursorOn("shop (2)"));
  const text = await terminal.screen.waitFor(/│ +shop-db-1 +busybox:latest +Exited \(1\) 2 minutes ago/);
  expect(text).toMatch(/│ +name +image +status/);
});

test("what is said of a group's rows goes on counting", async () => {
  fake.containers.length = 0;
  const young = () => new Date(Date.now() - 1000).toISOString();
  fake.containers.push(container("shop-web-1", project("shop", { Status: "Up 1 second", StartedAt: young() })));
  await openWith("lists:\n  containers: { group: project }\n", 140, 30);
  const said = (text: string) => /│ +shop-web-1 +busybox:latest +(Up .*)/.exec(text)?.[1];
  const seen = new Set([said(await press("g", (text) => said(text) !== undefined))]);
  const isNew = (text: string) => said(text) !== undefined && !seen.has(said(text));
  for (let count = 0; count < 3; count++) seen.add(said(await terminal.screen.waitFor(isNew)));
});

test("actions on a group are for all of its rows, after a question that says how many", async () => {
  shop();
  await open();
  await press("z", /▾ {2}shop/);
  await press("g", cursorOn("lab (1)"));
  await press("jj", cursorOn("shop (2)"));
  const question = await press("d", "Remove 2 containers");
  expect(question).toContain('"shop-web-1", "shop-db-1"');
  await press("n", absent("Remove 2"));
  await press(" ", "2 marked");
  await press("g", cursorOn("lab (1)"));
  await press("r", "$ berth restart shop-web-1 shop-db-1 ✓");
  await eventually(() => expect(fake.calls).toEqual(["restart shop-web-1", "restart shop-db-1"]));
});

test("L groups by any label that rows have, or not", async () => {
  shop();
  await open();
  const menu = await press("L", "Group containers by label");
  expect(menu).toMatch(/none +no groups[\s\S]*com\.docker\.compose\.project +2 values[\s\S]*team +1 value/);
  await press("team", /\/team/);
  await press("\r", /▾ {2}red \(3\)/);
  await press("L", "Group containers by label");
  await press("none", /\/none/);
  await press("\r", absent("red (3)"));
});

test("the file says how a list is grouped", async () => {
  shop();
  await openWith("lists:\n  containers: { group: project, columns: [name, status] }\n");
  await terminal.screen.waitFor(/▾ lab \(1\) +1\/1 up/);
});

test("V marks from here to where one moves, and moving back unmarks", async () => {
  await open();
  await press("V", "1 marked …");
  await press("j", "2 marked …");
  await press("j", "3 marked …");
  await press("k", "2 marked …");
  await press("V", /2 marked(?! …)/);
  await press("j", cursorOn("old"));
  expect(terminal.screen.text()).toContain("2 marked");
  await press("\x1b", absent("marked"));
});

test("A shows only what runs, or all; the filter says so, and in what its words were found", async () => {
  await open();
  await press("A", "/state:running 2 of 3");
  await press("A", absent("/state"));
  await press("/8080", "/8080 1 of 3 in ports");
  await press("\x1b", absent("/8080"));
  await press("/dbb", 'nothing matches "dbb"');
  await press("\x1b", absent("/dbb"));
  await press("/ol", "/ol 1 of 3 in name");
});

test("a word of the filter can look in any column, and in labels", async () => {
  fake.networks.push(network("shop_default", { Labels: { team: "red" } }), network("lab"));
  await open();
  await press("4", /shop_default[\s\S]*lab/);
  await press("/label:team=red", /\/label:team=red 1 of 2/);
  expect(terminal.screen.text()).not.toMatch(/^ *lab /m);
  await press("\x1b", absent("/label"));
  await press("/driver:bridge", "/driver:bridge 2 of 2");
  await press("\x1b", absent("/driver"));
  await press("/!name:shop", "/!name:shop 1 of 2");
});

test("sort by a column of the menu, reversed, and back", async () => {
  await open();
  const menu = await press("o", "Sort containers by");
  expect(menu).toMatch(/name[\s\S]*image[\s\S]*status[\s\S]*restarts[\s\S]*none +as it comes/);
  await press("nam", /\/nam/);
  await press("\r", "by name ↓");
  expect(terminal.screen.lines()[3]).toContain("db");
  await press("O", "by name ↑");
  expect(terminal.screen.lines()[3]).toContain("web");
  await press("o", "↑ now");
  await press("\r", "by name ↓");
  await press("o", "again reverses it");
  await press("none", /\/none/);
  await press("\r", absent("by name"));
});
