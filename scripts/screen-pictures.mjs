// Draws the screens of the terminal UI that the README shows: `node scripts/screen-pictures.mjs`, as root, after a bundle. The built
// program runs over containers in a state directory of their own, in docs/tui.svg and docs/screens/ is what a user would see, and
// docs/screens/tour.svg plays half a minute of it. With names of screens ("screens/tour") only those are drawn.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { castSvg } from "../src/repl/picture/cast-svg.ts";
import { screenSvg } from "../src/repl/picture/screen-svg.ts";
import { importBusybox, openTestEngine } from "../test/support/engine.ts";
import { capture } from "./picture.mjs";

const launcher = fileURLToPath(new URL("../bin/berth", import.meta.url));
const out = fileURLToPath(new URL("../docs/", import.meta.url));
const talk = `i=0; while true; do i=$((i+1)); case $((i % 5)) in
0) echo "WARN  slow answer from db: $((i * 7 % 900)) ms";; 3) echo "ERROR POST /order: 500";; *) echo "INFO  GET /items/$i 200";;
esac; sleep 0.2; done`;

/** Words of `run` after -d, by name. */
const containers = {
  web: ["-p", "8080:80", "-e", "MODE=production", "-v", "site:/www:ro", "--restart", "on-failure:3", "shop", "httpd", "-f", "-h", "/www"],
  api: ["-p", "9090:90", "--health-cmd", "true", "--health-interval", "2s", "-e", `TALK=${talk}`, "shop", "sh", "-c", 'eval "$TALK"'],
  worker: ["--cpus", "0.1", "shop", "sh", "-c", "while true; do :; done"],
  cache: ["shop", "sleep", "86400"],
  db: ["-v", "data:/data", "shop", "sh", "-c", "sleep 1000 & sleep 2000 & wait"],
};

/** Each screen: its name, its size, the keys that lead to it. */
const screens = [
  ["tui", 124, 32, ["/name:api\\r", "until:1 of 6", "\\u001b", "sleep:15000"]],
  ["screens/logs", 110, 26, ["/name:api\\r", "until:1 of 6", "l", "until:logs of api", "h", "order\\r"]],
  ["screens/form", 110, 26, ["/name:web\\r", "until:1 of 6", "c", "until:Run a container"]],
  [
    "screens/terminals",
    110,
    26,
    [
      ...["/name:db\\r", "until:1 of 6", "e", "until:/ #", "\\u0002d", "until:/name:db"],
      ...[
        "/\\u0015name:web\\r",
        "until:/name:web",
        "e",
        "until:2 exec web sh",
        "until:/ #",
        "sleep:500",
        "\\u0002b",
        "hostname\\r",
        "sleep:500",
      ],
    ],
  ],
  ["screens/processes", 110, 26, ["/name:db\\r", "until:1 of 6", "T", "until:Processes of db"]],
];

/** Keys one after the other, as they are typed. */
const typed = (text) => [...text].map((key) => (key === "\r" ? "\\r" : key));

/** What is played: a log, its errors alone, a shell, a menu, and the list again. */
const tour = [
  ...["sleep:1500", "j", "j", "sleep:600", "j", "k", "sleep:1200"],
  ...[...typed("/api"), "\\r", "sleep:800", "l", "until:logs of api", "sleep:2500"],
  ...["&", ...typed("ERROR\r"), "sleep:2500", "\\u001b", "sleep:600", "q", "sleep:600", "\\u001b"],
  ...[...typed("/db"), "\\r", "sleep:600", "e", "until:/ #", ...typed("ls -l /data; hostname\r"), "sleep:1500", ...typed("exit\r")],
  ...["until:/db", "sleep:600", "\\u001b", "sleep:400", "C", "until:run line", "sleep:1800", "\\u001b", "sleep:1500"],
];

const only = process.argv.slice(2);
const isWanted = (name) => only.length === 0 || only.includes(name);

// What else the machine does at the time is no part of the picture: its load is that of one at rest.
const load = join(mkdtempSync(join(tmpdir(), "berth-picture-")), "loadavg");
writeFileSync(load, "0.21 0.17 0.12 1/180 4711\n");
const atRest = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /proc/loadavg && exec "$@"', load];

const home = openTestEngine();
try {
  await importBusybox(home.engine);
  const berth = (...words) => execFileSync(launcher, ["--root", home.root, ...words], { stdio: "ignore", cwd: "/" });
  berth("tag", "busybox", "shop");
  for (const [name, words] of Object.entries(containers)) berth("run", "-d", "--name", name, "--hostname", name, ...words);
  berth("create", "--name", "migrate", "shop", "true");
  berth("pause", "cache");
  const play = async (size, keys, wrote) => {
    const state = mkdtempSync(join(tmpdir(), "berth-picture-"));
    process.env.XDG_STATE_HOME = state;
    try {
      return await capture({ ...size, keys: ["until:7 Hosts 1", ...keys], command: [...atRest, launcher, "--root", home.root], wrote });
    } finally {
      rmSync(state, { recursive: true });
    }
  };
  const write = (name, svg) => writeFileSync(join(out, `${name}.svg`), svg.replaceAll(home.root, "/var/lib/berth"));
  for (const [name, columns, rows, keys] of screens.filter(([name]) => isWanted(name)))
    write(name, screenSvg(await play({ columns, rows }, keys), "berth"));
  if (isWanted("screens/tour")) {
    const events = [];
    const size = { columns: 110, rows: 26 };
    await play(size, tour, (text, at) => events.push({ at, text }));
    write("screens/tour", await castSvg({ width: size.columns, height: size.rows, events }, { idle: 1.5, title: "berth" }));
  }
} finally {
  await home[Symbol.asyncDispose]();
  rmSync(dirname(load), { recursive: true });
}
process.exit(0);
