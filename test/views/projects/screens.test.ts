/** Projects as they look: list, services, what up would change, the graph, the files and an error in them, at four sizes. */
import { expect, test } from "vitest";
import { fake, open, press, terminal } from "../tui-scene.ts";
import { makeShop, shop, upShop } from "./project-scene.ts";

/** What is on the screen, without what differs from one run to another. */
function screen(): string {
  const [, ...lines] = terminal.screen.text().split("\n");
  const same = (text: string) => "x".repeat(text.length);
  const text = lines.map((line) => line.trimEnd()).join("\n");
  return `${text.replace(/(?<=tmp\/shop-)\w+/g, same).replace(/\b0[0-9a-f]{11}\b/g, same)}\n`;
}

const sizes = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

test.each(sizes)("at %d columns and %d rows", async (columns, rows) => {
  const here = makeShop();
  fake.containers.length = 0;
  await upShop(here);
  const golden = (name: string) => expect(screen()).toMatchFileSnapshot(`screens/${name}-${columns}x${rows}.txt`);
  await open(columns, rows, {}, here.directory);
  await press("6", /shop +4\/5 up/);
  if (columns >= 110) await terminal.screen.waitFor("What up would change");
  await golden("projects");
  await press("\r", columns >= 110 ? "As the files say" : /● web-1/);
  await golden("services");
  here.write(shop.replace("MODE: fast", "MODE: slow").replace("scale: 2", "scale: 1"));
  await press("c", /web-1 +recreate/);
  await golden("changes");
  await press("q", /› shop/);
  await press("t", /▶|└─/);
  await golden("graph");
  here.write(shop.replace("    image: busybox\n    command: sleep 1000\n    scale", "    imag: busybox\n    scale"));
  await press("q", /› shop/);
  await press("q", /error at 9:5/);
  await press("f", /did you mean "image"/);
  await golden("files");
});
