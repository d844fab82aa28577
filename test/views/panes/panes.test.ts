/** Terminals beside each other: what one of them may do while another has the keyboard, and how they share memory. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { defaults, type PaneSettings } from "../../../views/config/settings.ts";
import type { Pane } from "../../../views/panes/pane.ts";
import { Panes } from "../../../views/panes/panes.ts";
import { type AppState, initialState } from "../../../views/state.ts";
import { createStore, type Store } from "../../../views/store.ts";
import { eventually } from "../../support/eventually.ts";

let store: Store<AppState>;
let panes: Panes;
let outside: string[];

function openPanes(settings: Partial<PaneSettings> = {}): void {
  store = createStore(initialState({ columns: 80, rows: 40, version: "1", root: "/", now: 0 }));
  outside = [];
  panes = new Panes(
    store,
    { ...defaults.panes, ...settings },
    {
      bell: (pane) => void outside.push(`bell of ${pane.title}`),
      clipboard: (pane, text) => void outside.push(`${pane === panes.focused} ${text}`),
      pasted: () => {},
      colour: () => {},
    },
  );
}

/** Resolves when it is parsed. */
const write = (pane: Pane, text: string) => new Promise<void>((resolve) => pane.output.write(Buffer.from(text), () => resolve()));

beforeEach(() => openPanes());
afterEach(() => panes.dispose());

test("a bell marks a terminal without the keyboard until it gets that, and is heard once for a burst of them", async () => {
  const [first, second] = [await panes.open("first", []), await panes.open("second", [])];
  store.subscribe(() => panes.followFocus());
  panes.followFocus();
  await write(first, "\x07\x07\x07");
  await write(second, "\x07");
  expect([first.rang, second.rang]).toEqual([true, false]);
  expect(outside).toEqual(["bell of first"]);
  panes.focus(0);
  expect(first.rang).toBe(false);
  panes.leave();
  await write(first, "\x07");
  expect(first.rang).toBe(true);
});

test("the bell can be turned off; its mark stays", async () => {
  openPanes({ bell: false });
  const first = await panes.open("first", []);
  panes.leave();
  await write(first, "\x07");
  expect([first.rang, outside]).toEqual([true, []]);
});

test("whoever fills the clipboard is known by its keyboard", async () => {
  const [first, second] = [await panes.open("first", []), await panes.open("second", [])];
  for (const pane of [first, second]) await write(pane, `\x1b]52;c;${Buffer.from(pane.title).toString("base64")}\x07`);
  expect(outside).toEqual(["false first", "true second"]);
});

test("programs that ask for it hear of the keyboard: between terminals, and of the terminal they are in", async () => {
  const [first, second] = [await panes.open("first", []), await panes.open("second", [])];
  store.subscribe(() => panes.followFocus());
  panes.followFocus();
  const heard: string[] = [];
  for (const pane of [first, second]) {
    pane.setRaw(true);
    pane.input.on("data", (bytes: Buffer) => heard.push(`${pane.title} ${bytes.toString().replace("\x1b[", "")}`));
    await write(pane, "\x1b[?1004h");
  }
  panes.focus(0);
  panes.hostFocus(false);
  panes.hostFocus(true);
  panes.leave();
  await eventually(() => expect(heard).toEqual(["second O", "first I", "first O", "first I", "first O"]));
});

test("all terminals together keep what there is memory for", async () => {
  openPanes({ scrollback: 300_000 });
  const first = await panes.open("first", []);
  const lines = "x\r\n".repeat(250_000);
  await write(first, lines);
  const room = Math.floor((192 << 20) / 12 / 80);
  expect(first.history.dropped).toBe(250_001 - room - first.rows);
  const before = first.history.dropped;
  await panes.open("second", []);
  expect(first.history.dropped).toBeGreaterThan(before + 100_000);
});
