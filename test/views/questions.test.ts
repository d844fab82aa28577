/** What counts as yes to a question before something is removed, and that nothing else does. */
import { expect, test } from "vitest";
import { absent, cursorOn, fake, open, openWith, press, terminal, typeAhead } from "./tui-scene.ts";

const question = 'Remove container "old"?';

/** "old" is not running: y is enough for it. */
async function ask(): Promise<void> {
  await press("G", cursorOn("old"));
  await press("d", question);
}

test.each(["\r", "n", "\x1b", "\x03", " ", "d", "Y"])("%j is no yes", async (key) => {
  await open();
  await ask();
  await press(key, absent(question));
  expect(fake.calls).toEqual([]);
});

test("y is, once the question can be seen", async () => {
  await open();
  await press("G", cursorOn("old"));
  await press("dy", question);
  expect(fake.calls).toEqual([]);
  await press("y", "$ berth rm old ✓");
});

test("force wants a word: a slip in it, Enter before its end or another key say no", async () => {
  await open();
  for (const keys of ["\r", "ye\r", "yet", "\x1b", "n"]) {
    await press("d", 'type "yes" and ⏎: ___');
    for (const [at, key] of [...keys].entries())
      await press(key, at === keys.length - 1 ? absent("Remove container") : `⏎: ${keys.slice(0, at + 1)}_`);
  }
  expect(fake.calls).toEqual([]);
  await press("d", 'type "yes" and ⏎: ___');
  expect(terminal.screen.text()).not.toContain("y yes"); // at the bottom: it is not enough
  await press("ye", "⏎: ye_");
  await press("\x7f", "⏎: y__");
  await press("es", "⏎: yes");
  await press("\r", "$ berth rm -f web ✓");
});

test("a command that prunes asks for the word, too; with BERTH_CONFIRM=key nothing does", async () => {
  await open();
  await press(":network prune\r", 'type "yes" and ⏎: ___');
  await press("\x1b", absent("type"));
  await press("q", absent("Images 2"));
  await open(100, 24, { BERTH_CONFIRM: "key" });
  await press("d", "y yes   n no");
  await press("y", "$ berth rm -f web ✓");
});

test("what is typed for a terminal that fails goes nowhere", async () => {
  await open();
  await typeAhead(":exec -it nosuch sh\r");
  await press("top -d 1\r", /nobody got what was typed for the terminal: top -d 1⏎/);
  await terminal.screen.waitFor(/no such container: "nosuch"/);
  expect(terminal.screen.text()).not.toContain("Remove");
  expect(fake.calls).toEqual([]);
});

test.each(["rm -rf /\r", "dyy\r", "apt remove x\ry", ":rm old\ry", "*dyes\r"])(
  "%j pasted without marks into a list does nothing",
  async (text) => {
    await open();
    await press(text, "what was pasted is for no key here");
    expect(fake.calls).toEqual([]);
    expect(terminal.screen.text()).not.toContain("Remove");
  },
);

test("a filter and keys that a script sends at once: the filter holds, the keys behind it go nowhere", async () => {
  await open();
  const screen = await press("/name:web\rdy", "what came in one piece with it, behind its ⏎, went nowhere: dy");
  expect(screen).toContain("/name:web 1 of 3");
  expect(screen).not.toContain("Remove container");
  expect(fake.calls).toEqual([]);
});

test.each(["m", "0", "-", "\x01", "\x0b", "\x17", "\x05", "\x13"])("the key %j does nothing in a list, and says so", async (key) => {
  await open();
  const label = key < " " ? `^${String.fromCharCode(key.charCodeAt(0) + 64)}` : key;
  await press(key, ` • ${label} is no key here: ? shows them`);
  await press("=", absent(`${label} is no key`)); // one note of such at a time
  expect(terminal.screen.text()).toContain("• = is no key here");
});

test("a key that does nothing says so in a log, too, in the keys that hold there", async () => {
  await openWith("keys:\n  pager.help: ctrl-g\n");
  await press("l", "logs of web");
  await press("%", "• % is no key here: ^G shows them");
});

test("a line that begins as a command line does may be typed at once", async () => {
  await open();
  await press(":stop web\r", "$ berth stop web ✓");
  await press("/db", absent(" web "));
  await press("\x1b", / web /);
  await press("jjjjjj", cursorOn("old"));
});
