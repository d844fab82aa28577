/** Forms as they look with something in their fields, and a log's JSON lines as columns. */
import { expect, test } from "vitest";
import { everyLook, openLook, shot } from "./shot.ts";
import { absent, fake, press, terminal } from "./tui-scene.ts";

/** All sizes without colours, which say nothing that is not said otherwise; one size in the other looks. */
const some = everyLook.filter(([columns, , look]) => look === "no-color" || columns === 80);

/** The first container as somebody makes one who needs much of it. */
function makeScene(): void {
  // Their forms are looked at; nothing of them is run.
  for (const verb of ["builder.build", "images.pull"] as const) delete fake.cannot[verb];
  const { containers } = fake.engine;
  const inspect = containers.inspect.bind(containers);
  containers.inspect = async (...of) => {
    const found = await inspect(...of);
    const HostConfig = {
      ...found.HostConfig,
      PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }], "443/tcp": [{ HostIp: "127.0.0.1", HostPort: "8443" }] },
      Binds: ["data:/var/lib/data", "/srv/my files:/files:ro"],
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
      Memory: 128 * 2 ** 20,
      CapDrop: ["ALL"],
    };
    const Config = {
      ...found.Config,
      Env: ["MODE=fast", "TEXT=two words"],
      Cmd: ["sh", "-c", "exec serve --port 80"],
      OpenStdin: false,
      Tty: false,
    };
    return { ...found, HostConfig, Config } as never;
  };
  const line = (level: string, msg: string, status: number) => JSON.stringify({ level, msg, status, ms: status / 100 });
  fake.log.push(line("info", "GET /items", 200), line("warn", "GET /cart", 429), "no JSON at all", line("error", "POST /order", 500));
}

/** The form without what is behind it, and the keys that it has. */
function box(): string {
  const lines = terminal.screen.lines();
  const [top, bottom] = [/[╭+][─-]{9}/, /[╰+][─-]{9}/].map((edge, at) =>
    lines[at === 0 ? "findIndex" : "findLastIndex"]((line) => edge.test(line)),
  );
  const left = lines[top!]!.search(/[╭+][─-]{9}/);
  const right = lines[top!]!.search(/[╮+](?![─-])/) + 1;
  return [...lines.slice(top, bottom! + 1).map((line) => line.slice(left, right)), lines.at(-1)!.trimEnd()].join("\n");
}

/** The form of a title with this line, in however many rows. */
const form = (title: string, line: string) => (text: string) =>
  text.includes(title) &&
  text
    .replace(/[│|]?\n *[│|]?|\s+/g, " ")
    .replace(/ +/g, " ")
    .includes(line);

test.each(some)("%d columns, %d rows, %s", async (columns, rows, look) => {
  makeScene();
  await openLook(look, columns, rows);
  const shots: string[] = [];
  const take = (name: string) => shots.push(`=== ${name}\n${box()}\n`);
  const leave = (title: string) => press("\x1b", absent(title));

  await press("c", form("Run a container", "TEXT=two words"));
  take("run");
  await leave("Run a container");
  await press("2", "python:3.9");
  await press("b", form("Build an image", "$ berth build ."));
  await press("shop:2\x1b[B", form("Build an image", "-t shop:2 ."));
  await press("docker/Dockerfile\x1b[B\x1b[B", form("Build an image", "-f docker/Dockerfile ."));
  await press("VERSION=2 'MODE=two words\x1b[B\x1b[B", /VERSION=2 'MODE=two words/);
  await press("--secret=id", form("unterminated", "$ berth build -t shop:2 -f docker/Dockerfile --secret=id ."));
  take("build, with an open quote");
  await leave("Build an image");
  await press("u", form("Pull an image", "$ berth pull busybox:latest"));
  await press("linux/arm64", form("Pull an image", "$ berth pull --platform linux/arm64 busybox:latest"));
  take("pull");
  await leave("Pull an image");
  await press("4", /No networks/);
  await press("c", /Create a network/);
  const line = "$ berth network create --subnet 10.7.0.0/24 --subnet fd00::/64 --internal back";
  const said = form("‹ none ›", line);
  await press(
    "back\x1b[B10.7.0.0/24 fd00::/64\x1b[B\x1b[B\x1b[C",
    (text) => said(text.replace("< none >", "‹ none ›")) && absent("it needs")(text),
  );
  take("network");
  await leave("Create a network");
  await press("1", /● +web|\* +web/);
  await press("l", /logs of web[\s\S]*POST/);
  await press("JJ", /JSON as columns: level, msg[\s\S]*ERROR +POST \/order +500 +5/);
  shots.push(shot("JSON as columns", look, { tabs: false }));
  await expect(shots.join("\n")).toMatchFileSnapshot(`screens/forms-${look}-${columns}x${rows}.txt`);
});
