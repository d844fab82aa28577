/** Terminals, logs and HTTP in scripts, against real containers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "../../../../src/repl/language/parse.ts";
import { Session } from "../../../../src/repl/session.ts";
import { Program } from "../../../e2e/program.ts";
import { Driver } from "../../../support/driver.ts";
import { busyboxTar } from "../../../support/rootfs.ts";
import { openScene, type Scene } from "../../commands/scene.ts";

let scene: Scene;
const here = mkdtempSync(join(tmpdir(), "berth-terminals-"));
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  rmSync(here, { recursive: true });
  await scene[Symbol.asyncDispose]();
});

/** Runs a script; gives what it printed. */
async function run(source: string, prepare: (session: Session) => void = () => {}): Promise<string> {
  const session = new Session({ engine: scene.engine, io: { ...scene.session.io, cwd: here } });
  const printed: string[] = [];
  session.place.output = { put: (data) => void printed.push(Buffer.from(data).toString()) };
  prepare(session);
  try {
    await session.run(source, "script", () => new AbortController().signal);
  } finally {
    await session.close();
  }
  return printed.join("");
}

test("cases: the block of what comes first, the end, the time, and groups by name", async () => {
  const asking = `sh -c 'echo "user: me"; printf "password: "; read x; echo "got $x"; exit 3'`;
  const text = await run(`
    spawn @a run -it --rm busybox ${asking}
    expect 20s @a {
      "login:" or "nothing" { print wrong }
      '/user: (?<who>\\w+)/' { print "it is $who, $matched" }
      eof { print wrong }
    }
    expect @a { "password:" { sendline @a "a\\\\tb" } timeout { print wrong } }
    expect @a { never { print wrong } eof { print ended } }
    expect @a closed == 3
    spawn @b run -it --rm busybox sh
    expect 200ms @b { never { print wrong } timeout { print late } }`);
  expect(text).toBe("it is me, 3\nended\nlate\n");
  await expect(run("spawn @c run -it --rm busybox echo seen\nexpect 20s @c { never { print } timeout { print } }")).rejects.toMatchObject({
    code: "expectation",
    exit: 3,
    message: expect.stringContaining('@c wrote nothing that is expected: it ended after "seen'),
    location: { line: 2, column: 1 },
  });
});

test("send echo: what is shown late, and broken at the edge, is waited for; what is never shown is told", async () => {
  const long = `echo ${"x".repeat(90)}`;
  const text = await run(`
    spawn @a run -it --rm busybox sh -c 'stty -echo; echo ready; sleep 0.3; printf "one tw"; printf "o"; read x; echo "got $x"; stty echo; sh'
    expect 20s @a ready
    sendline echo 20s @a "one two"
    expect 20s @a "got one two"
    expect 20s @a "#"
    sendline echo 20s @a "${long}"
    expect @a ${"x".repeat(10)}
    sendline @a "exit 3"
    expect 20s @a closed == 3
    print done`);
  expect(text).toBe("done\n");
  await expect(
    run("spawn @b run -it --rm busybox sh -c 'stty -echo; echo ready; read x'\nexpect 20s @b ready\nsend echo 50ms @b hidden"),
  ).rejects.toMatchObject({
    exit: 3,
    message: expect.stringContaining('it did not echo "hidden"'),
    location: { line: 3 },
  });
});

test("screens: rows, all of it, and golden files that --update makes", async () => {
  const draw = `printf "\\\\033[2J\\\\033[2;3Hhello\\\\033[4;1Hstatus: ok"; sleep 100`;
  const start = `spawn @s run -it --rm busybox sh -c '${draw}'\n`;
  await run(
    `${start}expect 20s screen @s row 4 == "status: ok" and screen @s row 2 == "  hello"\nassert screen @s contains hello and not ps`.replace(
      " and not ps",
      "",
    ),
  );
  await run(`${start}expect 20s screen @s contains status\nexpect screen @s file golden`, (session) => void (session.updatesFiles = true));
  expect(readFileSync(join(here, "golden"), "utf8")).toBe("\n  hello\n\nstatus: ok\n");
  await run(`${start}expect 20s screen @s file golden`);
  writeFileSync(join(here, "golden"), "\n  hello\n\nstatus: bad\n");
  await expect(run(`${start}expect 20s screen @s contains status\nexpect screen @s file golden`)).rejects.toMatchObject({
    message: expect.stringContaining('row 4 is "status: ok", not "status: bad"'),
    location: { line: 3, column: 23 },
  });
});

test("logs until: shows the log up to what is waited for; fails when it ends, or the time does", async () => {
  const writes = "sh -c 'echo one; sleep 0.3; echo ready on 80; sleep 0.2; echo later; exec sleep 100'";
  const text = await run(`
    run -d --name talks busybox ${writes}
    logs talks until '/ready on (?<port>\\d+)/' 20s
    print "port $port"
    logs --tail 1 talks until one or later 20s`);
  expect(text).toMatch(/^[0-9a-f]{64}\none\nready on 80\nport 80\n/);
  await expect(run("logs talks until never 100ms")).rejects.toMatchObject({ code: "timeout", exit: 4, location: { column: 18 } });
  await expect(run("kill talks; logs talks until never 20s")).rejects.toMatchObject({ code: "expectation", exit: 3 });
  await expect(run("logs talks until")).rejects.toMatchObject({ code: "syntax" });
  await run("rm talks");
});

test("http: what a script started is tested, again and again where asked", async () => {
  const text = await run(
    `
    run -d --name www busybox sh -c 'sleep 0.5; mkdir /w; echo "hello you" > /w/x; exec httpd -f -p 80 -h /w'
    let at := "http://\${www.x}"
    print unused`
      .replace('    let at := "http://${www.x}"\n', "")
      .replace(
        "print unused",
        `
    let web = inspect www
    let ip := \${web.NetworkSettings.IPAddress}
    expect 20s http GET "http://$ip/x" status 200 body '/hello \\w+/' header content-length 10
    let r = http GET "http://$ip/x"
    print "\${r.Status} \${r.Headers.content-length} $r"
    expect http GET "http://$ip/nosuch" .Status == 404
    http HEAD "http://$ip/x" status 200 within 5s`,
      ),
  );
  expect(text).toMatch(/^[0-9a-f]{64}\n200 10 hello you\n\n$/);
  const at = "run --rm busybox true\nlet ip = inspect www\n";
  const piped = `${at}for c in ip { let url := "http://\${ip.NetworkSettings.IPAddress}/x"; http GET $url | lines; http GET $url | wc -c
    let n = http GET $url | lines | count
    print "$n lines"
    assert http GET $url == 'hello you' }`;
  expect(await run(piped)).toBe("hello you\n10\n1 lines\n");
  await expect(run(`${at}http GET "http://\${ip.NetworkSettings.IPAddress}/x" status 404`)).rejects.toMatchObject({
    code: "expectation",
    exit: 3,
    message: expect.stringContaining("answered with status 200"),
    location: { line: 3 },
  });
  await expect(run("http GET http://127.0.0.1:1/")).rejects.toMatchObject({ code: "network", location: { line: 1, column: 10 } });
  await run("rm -f www");
});

test.each([
  ["http FETCH http://x/", "http knows GET, HEAD, POST, PUT, PATCH, DELETE", 6],
  ["http GET ftp://x/", "http needs an address such as http://127.0.0.1:8080/", 10],
  ["http GET http://x/ status ok", "a status is a number such as 200", 27],
  ["http GET http://x/ stauts 200", "http knows status, body, header, send, with and within", 20],
  ["http POST http://x/ < file", "http sends what stands behind 'send'", 23],
  ["expect http GET http://x/ header a", "header needs a name and a text", 27],
  ["logs x until a b c", 'expected "or" between two patterns', 16],
  ["spawn @s run -it x\nexpect @s { }", "expect needs a case: PATTERN { … }", 12],
  ["spawn @s run -it x\nexpect screen @s row 3", "a screen is compared", 23],
  ["spawn @s run -it x\nexpect screen @s is x", "a screen is compared", 18],
  ["interact @nosuch", "there is no session @nosuch", 10],
])("%s is refused before it runs", async (source, message, column) => {
  await expect(run(source)).rejects.toMatchObject({ message: expect.stringContaining(message), location: { column } });
});

test("cases that are not closed ask for more lines", () => {
  expect(() => parse("expect @s {\n a { print }")).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ incomplete: true }) }),
  );
});

test("interact: a person takes the terminal over, and Ctrl-] gives it back", async () => {
  await using program = new Program();
  await program.ok(["import", busyboxTar(), "busybox"]);
  const script =
    'spawn @s run -it --rm busybox sh; expect 20s @s "/ #"; print yours; interact @s; sendline @s "exit 4"; expect @s closed == 4; print done';
  await using person = new Driver(["repl", "-c", script], { env: program.env });
  await person.screen.waitFor("yours");
  person.type("echo $((6 * 7))\r");
  await person.screen.waitFor(/^42$/m);
  person.type("\x1d");
  await person.screen.waitFor("done");
  expect(await person.exited).toBe(0);
});
