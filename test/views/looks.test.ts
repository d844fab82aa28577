/**
 * The main screens as they look: at four sizes in colour, without colours, and in ASCII.
 */
import { expect, test } from "vitest";
import { container, image } from "../support/fake-engine.ts";
import { everyLook, openLook, shot } from "./shot.ts";
import { absent, fake, press, terminal } from "./tui-scene.ts";

const compose = (name: string) => ({ "com.docker.compose.project": name });

function makeScene(): void {
  const Created = Date.now() / 1000 - 7200;
  fake.containers.length = 0;
  fake.containers.push(
    container("shop-web-1", {
      Status: "Up 2 hours (healthy)",
      Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: "tcp" }],
      Labels: compose("shop"),
      Created,
    }),
    container("shop-worker-1", {
      State: "exited",
      Status: "Exited (137) 3 minutes ago",
      RestartCount: 3,
      Labels: compose("shop"),
      Created,
    }),
    container("lab-db-1", { Status: "Up 3 minutes (unhealthy)", Labels: compose("lab"), Created }),
    container("scratch", { State: "paused", Status: "Up 5 seconds (Paused)", Created }),
  );
  fake.images.push(image("registry.example/team/shop-web:2026.11", 412_000_000));
  fake.log.push("2026-11-29T09:58:01Z INFO GET /items 200", "2026-11-29T09:58:02Z ERROR POST /order 500", "\x1b[35mits own colour\x1b[0m");
}

test.each(everyLook)("%d columns, %d rows, %s", async (columns, rows, look) => {
  makeScene();
  const isWide = columns >= 110;
  const sign = (text: string) => (look === "ascii" ? text.replaceAll("▾", "v") : text);
  await openLook(look, columns, rows);
  const shots: string[] = [];
  const take = async (name: string, keys: string, condition: RegExp) => {
    await press(keys, (text) => condition.test(text) && (!isWide || !/\| *$|│ *$/.test(text.split("\n")[4]!)));
    shots.push(shot(name, look));
  };
  const measured = columns >= 80 ? /shop-web-1 .*12% +4\.3M/ : /shop-web-1/;
  await terminal.screen.waitFor((text) => measured.test(text) && /4242[\s\S]*its own colour/.test(isWide ? text : "4242 its own colour"));
  await take("containers", "", measured);
  await take("question", "d", /Remove container "shop-web-1"/);
  await press("n", absent("Remove container"));
  await take("sort", "o", /Sort containers by/);
  await press("\x1b", absent("Sort containers by"));
  await take("groups", "z", new RegExp(sign(String.raw`▾ +shop \(2\)[\s\S]*scratch`)));
  await take("log", "l", /logs of shop-web-1[\s\S]*its own colour/);
  await press("q", /shop-web-1/);
  await take("images", "2", isWide ? /registry\.example[\s\S]*Created/ : /registry\.example/);
  await expect(shots.join("\n")).toMatchFileSnapshot(`screens/looks-${look}-${columns}x${rows}.txt`);
});
