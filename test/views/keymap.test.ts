/** The action table is complete: one action per key and context, every action does something and says what. */
import { expect, test } from "vitest";
import { resolve } from "../../src/commands/execute.ts";
import { type Action, actionsIn, findAction, type KeyContext, keymap } from "../../views/keymap.ts";
import { resources, tabOf } from "../../views/resources/index.ts";
import { Tui } from "../../views/tui.ts";
import { container, fakeEngine, image } from "../support/fake-engine.ts";

const contexts: KeyContext[] = ["list", "pager", "panes", "scrollback", "prompt", "confirm", "help"];

test("every id is unique, every action has a label, a help and exactly one way to act", () => {
  expect(new Set(keymap.map((action) => action.id)).size).toBe(keymap.length);
  for (const action of keymap) {
    expect(action.help, action.id).toMatch(/^\S.*[^.]$/);
    expect(typeof action.label === "function" || action.label.length > 0, action.id).toBe(true);
    expect(Boolean(action.words) !== Boolean(action.run), action.id).toBe(true);
    if (action.words) expect(action.needs, `${action.id} says which verbs of the engine it needs`).toBeDefined();
    if (action.confirm) expect(action.words, action.id).toBeDefined();
  }
});

test("no key means two things in one context", () => {
  for (const context of contexts) {
    for (const { id } of resources) {
      const keys = actionsIn(context, id).flatMap((action) => action.keys);
      expect(keys, `${context} ${id}`).toEqual([...new Set(keys)]);
    }
  }
});

test("every context can be left, and shows its most useful keys in the footer", () => {
  for (const context of contexts) {
    const actions = actionsIn(context, "containers");
    expect(
      actions.some((action) => action.keys.some((key) => ["esc", "q", "n", "d"].includes(key))),
      context,
    ).toBe(true);
    expect(actions.filter((action) => action.hint !== undefined).length, context).toBeGreaterThan(0);
  }
});

test("where people type on at once, what they type for nothing is no key", () => {
  const opens = keymap.filter(({ help }) => /prefilled|open a shell|attach a terminal|give it another name/.test(help));
  expect(opens.length).toBeGreaterThan(9);
  expect(opens.filter(({ typedInto }) => !typedInto).map(({ id }) => id)).toEqual([]);
});

test("a list's own entry and the general one are both found", () => {
  expect(findAction("list", "s", "containers")?.id).toBe("container.stop");
  expect(findAction("list", "s", "images")).toBeUndefined();
  expect(findAction("list", "j", "images")?.id).toBe("list.down");
});

async function tuiOver(resource: (typeof resources)[number]["id"]): Promise<Tui> {
  const fake = fakeEngine();
  const Labels = { "com.docker.compose.project": "shop", "com.docker.compose.service": "web", "com.docker.compose.container-number": "1" };
  fake.containers.push(container("web one", {}), container("db"), container("shop-web-1", { Labels }));
  fake.images.push(image("busybox:latest"));
  fake.volumes.push({
    Name: "data",
    Driver: "local",
    Mountpoint: "/v",
    CreatedAt: new Date(0).toISOString(),
    Labels: {},
    Options: {},
    Scope: "local",
  });
  const IPAM = { Driver: "default", Options: {}, Config: [] };
  const flags = { EnableIPv6: false, Internal: false, Attachable: false, Ingress: false, Containers: {}, Options: {}, Labels: {} };
  const fixed = { EnableIPv4: true, ConfigFrom: { Network: "" }, ConfigOnly: false } as const;
  fake.networks.push({ Name: "back", Id: "f00", Created: "", Scope: "local", Driver: "bridge", IPAM, ...flags, ...fixed });
  const host = { exit: () => {}, redraw: () => {}, suspend: () => {}, send: () => {}, lend: async () => {} };
  const tui = new Tui({ engine: fake.engine, env: {}, cwd: "/", version: "0", root: "/x", columns: 80, rows: 24, host });
  await tui.lists.loadAll();
  tui.lists.open(tabOf(resource));
  if (resource === "tags") {
    const { lists } = tui.state;
    const row = { repository: "localhost:5000/app", tag: "1", name: "localhost:5000/app:1" };
    tui.store.set({
      resource,
      opened: row.repository,
      lists: { ...lists, tags: { ...lists.tags, rows: [row], shown: [row], loaded: true } },
    });
  }
  if (resource === "services") {
    tui.lists.openParts(resource);
    await tui.lists.load(resource);
  }
  return tui;
}

const lines = keymap.filter((action): action is Action & Required<Pick<Action, "words">> => Boolean(action.words));

test.each(lines.map((action) => [action.id, action] as const))("%s runs a command line that the dispatcher takes", async (_id, action) => {
  const tui = await tuiOver(action.resources?.[0] ?? "containers");
  const words = action.words(tui);
  await expect(resolve(words), words.join(" ")).resolves.toBeDefined();
  // What a prune asks is read from a real engine: prunes.test.ts.
  const question = action.id.includes(".prune") ? undefined : await action.confirm?.(tui);
  const target = tui.lists.targets()[0];
  if (question && target) expect(question.question).toContain(tui.lists.resource.name(target));
  tui.dispose();
});
