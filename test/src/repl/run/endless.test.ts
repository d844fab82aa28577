/** What never ends by itself before `| first N`: it is read until there are enough rows, and closed as `| head` closes it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../../commands/scene.ts";

let scene: Scene;
const here = mkdtempSync(join(tmpdir(), "berth-endless-"));

beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  rmSync(here, { recursive: true });
  await scene[Symbol.asyncDispose]();
});

const wide = "x".repeat(1000);
const run = (source: string) => scene.session.run(source, "script", () => new AbortController().signal);

test("a program of the host is closed as soon as there are enough lines", async () => {
  await run(`
    let one = ! yes | lines | first 1
    expect $one == y
    expect ! yes | first 3 | count == 3
    expect ! yes | cat | first 2 | count == 2
    let rows = ! yes "a b" | words | where . == b | first 2
    expect \${rows.length} == 2
    expect \${rows[1]} == b
    for each in (! yes | first 2) { expect $each == y }
    let rows = ! sh -c 'printf "a\\r\\nb\\r\\n"; exec yes' | lines | first 2
    expect \${rows[0]} == a
    expect ! yes | first 1 | cat == y
    expect $? == 0
  `);
});

test("fewer than were asked for are all that there are, and a last line needs no end", async () => {
  await run(`
    expect ! printf 'a\\nb' | first 5 | count == 2
    expect ! printf 'a\\nb' | where . == b | first == b
    expect ! true | first 1 | count == 0
    expect status 3 ! sh -c 'echo a; exit 3' | first 2
  `);
});

test("what is longer than can be kept is looked through all the same", async () => {
  await run(`
    expect ! sh -c 'yes ${wide} | head -c 20000000; echo; echo found; exec yes' | where . == found | first 1 == found
    expect fails "larger than 16 MiB" ! sh -c 'head -c 20000000 /dev/zero; exec yes' | lines | first 1
  `);
});

test("a filter that fails says so, and its source ends", async () => {
  await expect(run(`let x := "("; ! yes | where . matches $x | first 1`)).rejects.toThrow(/cannot apply where/);
});

test("logs that are followed, events, containers in the foreground and functions end, too", async () => {
  await run(`
    run -d --name endless busybox sh -c 'echo ready; while :; do echo tick; sleep 0.1; done'
    expect logs -f endless | where . == tick | first 2 | count == 2
    expect exec endless yes | first 1 == y
    expect events --since 0 --filter container=endless | where .Action == start | first 1 | count == 1
    expect run --rm --name passing busybox yes | lines | first 2 | count == 2
    expect 10s ps -a --filter name=passing -q == ""
    expect run --name staying busybox yes | first 1 == y
    expect 10s inspect staying .State.Running == false
    func talk() { repeat 1000000000 print on and on }
    expect talk | first 1 == "on and on"
    rm -f endless staying
  `);
});
