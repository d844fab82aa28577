/** Projects as they look: list, services, what up would change, the graph, the files and an error in them. */
import { expect, test } from "vitest";
import { everyLook, openLook, shot } from "../shot.ts";
import { fake, press, terminal } from "../tui-scene.ts";
import { makeShop, shop, upShop } from "./project-scene.ts";

test.each(everyLook)("%d columns, %d rows, %s", async (columns, rows, look) => {
  const here = makeShop();
  fake.containers.length = 0;
  await upShop(here);
  const shots: string[] = [];
  /** What has the screen to itself has no tabs of lists. */
  const take = (name: string, tabs = false) => shots.push(shot(name, look, { tabs }));
  await openLook(look, columns, rows, here.directory);
  await press("6", /shop +4\/5 up/);
  if (columns >= 110) await terminal.screen.waitFor("What up would change");
  take("projects");
  await press("\r", columns >= 110 ? "As the files say" : /web-1/);
  take("services");
  here.write(shop.replace("MODE: fast", "MODE: slow").replace("scale: 2", "scale: 1"));
  await press("c", /shop: Changes[\s\S]*web-1 +recreate/);
  take("changes", true);
  await press("q", /[›>] shop/);
  await press("t", /shop: Graph[\s\S]*proxy[\s\S]*web[\s\S]*db/);
  take("graph", true);
  here.write(shop.replace("    image: busybox\n    command: sleep 1000\n    scale", "    imag: busybox\n    scale"));
  await press("q", /[›>] shop/);
  await press("q", /error at 9:5/);
  await press("f", /shop: Files[\s\S]*did you mean "image"/);
  take("files", true);
  await expect(shots.join("\n")).toMatchFileSnapshot(`screens/${look}-${columns}x${rows}.txt`);
});
