/** Menus: choosing by keys and by typing; what they do with signals and with what is copied. */
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { container } from "../support/fake-engine.ts";
import { absent, cursorOn, fake, open, press, terminal, typeAhead } from "./tui-scene.ts";

/** The texts that went to the clipboard. */
const copied = () =>
  [...terminal.screen.raw.matchAll(/\x1b\]52;c;([\w+/=]*)\x07/g)].map(([, text]) => Buffer.from(text!, "base64").toString());

test("a signal is chosen, asked for and sent; Enter alone sends none", async () => {
  await open();
  await press("!", 'Send a signal to "web"');
  await press("\x1b[B\x1b[B", "HUP");
  await press("\r", 'Send SIGHUP to "web"?');
  await press("\r", absent("Send SIGHUP"));
  expect(terminal.screen.text()).not.toContain("berth kill");
  await press("!", 'Send a signal to "web"');
  await typeAhead("usr2");
  await press("\r", 'Send SIGUSR2 to "web"?');
  await press("y", "$ berth kill -s USR2 web ✓");
});

test("a signal that harms nobody is not asked for; several get it", async () => {
  await open();
  await press("*", "3 marked");
  await press("!", '"old" is not running');
  await press("\x1b", absent("marked"));
  await press("  ", "2 marked");
  await press("!", 'Send a signal to "web", "db"');
  await typeAhead("cont");
  await press("\r", "$ berth kill -s CONT web db ✓");
});

test("a menu lets go of nothing else while it is open", async () => {
  await open();
  await press("!", "Send a signal");
  await press("zzz", "nothing is called so");
  await press("\r", "nothing is called so");
  terminal.type("\x7f\x7f");
  await press("\x7f", "TERM");
  await press("\x1b", absent("Send a signal"));
  await press("j", cursorOn("db"));
});

test("what is pasted into a menu chooses nothing", async () => {
  await open();
  await press("!", "Send a signal");
  await press("kill\ry", "what was pasted");
  expect(terminal.screen.text()).toContain("Send a signal");
});

test("the copy menu has what there is of an object", async () => {
  fake.containers.push(container("bare", {}));
  await open();
  const menu = await press("C", "Copy of container web");
  expect(menu).toMatch(/name +web/);
  expect(menu).toMatch(/image +/);
  expect(menu).toMatch(/url +http:\/\/localhost:8080/);
  await typeAhead("url");
  await press("\r", "copied http://localhost:8080");
  expect(copied()).toEqual(["http://localhost:8080"]);
  await press("2", "busybox:latest");
  await press("C", "Copy of image busybox:latest");
  await press("\r", "copied busybox:latest");
});

test("the run line of a container is copied", async () => {
  await open();
  await press("C", "Copy of container web");
  await typeAhead("run line");
  await press("\r", "copied berth run");
  await eventually(() => expect(copied()[0]).toMatch(/^berth run .*--name web .*/));
});

test("on a small screen a menu keeps its cursor in sight", async () => {
  await open(60, 12);
  await press("!", "Send a signal");
  const lines = await press("\x1b[6~", "10 of 10");
  expect(lines).toContain("KILL");
  expect(lines).not.toContain("TERM");
});

test("the processes of a container, in an order of one's choice; one of them gets a signal", async () => {
  Object.assign(fake.engine.containers, {
    top: async () => ({
      Titles: ["PID", "USER", "%CPU", "COMMAND"],
      Processes: [
        ["10", "root", "0.5", "nginx: master"],
        ["200", "web", "31.0", "nginx: worker"],
        ["30", "web", "4.0", "a shell"],
      ],
    }),
  });
  await open();
  const menu = await press("T", "Processes of web, by %CPU");
  expect(menu).toMatch(/PID +USER +%CPU +COMMAND/);
  expect(menu).toMatch(/200 .*worker(.|\n)*30 .*shell(.|\n)*10 .*master/);
  await press("\x0f", /by COMMAND(.|\n)*30 .*shell(.|\n)*10 .*master(.|\n)*200 .*worker/);
  await typeAhead("worker");
  await press("\r", 'Send a signal to process 200 of "web"');
  await press("\r", 'Send SIGTERM to process 200 of "web"?');
  await press("y", "$ berth kill -s TERM --process 200 web ✓");
  expect(fake.calls).toEqual(["kill web 200 TERM"]);
});
