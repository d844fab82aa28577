/**
 * The journey of the README, with the built binary: build, run with a terminal, detach, look from outside, stop, start,
 * remove; from the shell and as scripts. The base image is a Debian root file system with Python.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Driver } from "../support/driver.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { pythonTar } from "../support/rootfs.ts";
import { Program } from "./program.ts";

const program = new Program();
const folder = mkdtempSync(join(tmpdir(), "berth-app-"));
let port: number;

const page = (at: number) =>
  eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${at}/`, { headers: { connection: "close" } });
    return response.text();
  });

beforeAll(async () => {
  cpSync(new URL("../testdata/python-app", import.meta.url).pathname, folder, { recursive: true });
  await program.ok(["import", pythonTar(), "python:3.9"]);
  port = await freePort();
}, 300_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await program[Symbol.asyncDispose]();
});

describe("from the shell", () => {
  test("build makes the image, and a second build finds every step in the cache", async () => {
    const first = await program.run(["build", "--progress=plain", "-t", "myimage", "."], { cwd: folder });
    expect(first.stderr).toContain("RUN pip install --no-cache-dir -r requirements.txt");
    expect(first.status).toBe(0);
    expect(await program.ok(["images", "--format", "{{.Repository}}:{{.Tag}}"])).toContain("myimage:latest");
    const second = await program.run(["build", "--progress=plain", "-t", "myimage", "."], { cwd: folder });
    expect(second.status).toBe(0);
    for (const step of [
      "WORKDIR /app",
      "COPY requirements.txt /app/",
      "RUN pip install --no-cache-dir -r requirements.txt",
      "COPY . /app",
    ]) {
      expect(second.stderr).toMatch(new RegExp(`^#(\\d+) \\[\\d/5\\] ${step.replaceAll(".", "\\.")}\n#\\1 CACHED$`, "m"));
    }
  });

  test("run -it, detach, look, stop, start, remove", async () => {
    await using terminal = new Driver(["run", "-it", "--name", "mycontainer", "-p", `${port}:80`, "myimage"], { env: program.env });
    await terminal.screen.waitFor("serving on port 80");
    expect(await page(port)).toMatch(/^hello from [0-9a-f]{12}\n$/);
    terminal.type("\x10\x11");
    expect(await terminal.exited).toBe(0);

    expect(await page(port)).toMatch(/^hello from/);
    const running = await program.ok(["ps"]);
    expect(running).toMatch(/^CONTAINER ID\s+IMAGE\s+COMMAND\s+CREATED\s+STATUS\s+PORTS\s+NAMES\n/);
    expect(running).toMatch(new RegExp(`myimage\\s+"python app.py"\\s+.*Up .*0\\.0\\.0\\.0:${port}->80/tcp.*mycontainer\n`));

    expect(await program.ok(["stop", "mycontainer"])).toBe("mycontainer\n");
    expect(await program.ok(["ps", "-q"])).toBe("");
    expect(await program.ok(["ps", "-a"])).toMatch(/Exited \(0\).*mycontainer/);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();

    expect(await program.ok(["start", "mycontainer"])).toBe("mycontainer\n");
    expect(await page(port)).toMatch(/^hello from/);
    expect(await program.ok(["logs", "mycontainer"])).toMatch(/serving on port 80[\s\S]*serving on port 80/);

    const id = (await program.ok(["inspect", "-f", "{{.Id}}", "mycontainer"])).trim();
    expect(await program.ok(["rm", "-f", "mycontainer"])).toBe("mycontainer\n");
    expect(await program.ok(["ps", "-aq"])).toBe("");
    await program.settled([id]);
  });
});

describe("as a script", () => {
  // Python needs a moment before it heeds SIGTERM: a stop right after the start waits its time out.
  const lines = (name: string, stop = "stop -t 1") => [
    `build -q -t myimage ${folder}`,
    `run -d --name ${name} -p ${port}:80 myimage`,
    "ps",
    `${stop} ${name}`,
    "ps -a",
    `start ${name}`,
    `rm -f ${name}`,
  ];
  const expectJourney = (stdout: string, name: string) => {
    expect(stdout).toMatch(new RegExp(`sha256:[0-9a-f]{64}\n[0-9a-f]{64}\nCONTAINER ID[^\n]*\n[^\n]*Up[^\n]*${name}\n`));
    expect(stdout).toMatch(new RegExp(`\n${name}\nCONTAINER ID[^\n]*\n[^\n]*Exited[^\n]*${name}\n${name}\n${name}\n$`));
  };
  const script = (text: string) => {
    const file = join(folder, "..", `berth-script-${process.pid}.berth`);
    writeFileSync(file, text);
    return { file, [Symbol.dispose]: () => rmSync(file) };
  };

  test("from a file", async () => {
    using saved = script(`# the journey\n${lines("from-file", "stop").join("\n")}\n`);
    expectJourney(await program.ok(["repl", saved.file]), "from-file");
  });

  test("from -c", async () => {
    expectJourney(await program.ok(["repl", "-c", lines("from-words").join("; ")]), "from-words");
  });

  test("from standard input", async () => {
    expectJourney(await program.ok(["repl"], { input: `${lines("from-stdin").join("\n")}\n` }), "from-stdin");
  });

  test("stops at the first failure and says where", async () => {
    using saved = script("ps -q\n  rm no-such-one other\nps -a\n");
    const { status, stdout, stderr } = await program.run(["repl", saved.file]);
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(`${saved.file}:2:6: No such container: no-such-one`);
    expect(stderr).toMatch(/^( *\d+ \|) {3}rm no-such-one other\n {2}(?: *\|) {6}\^/m);
  });

  test("an unknown command is found before anything runs", async () => {
    const { status, stderr } = await program.run(["repl", "-c", "version; pss"]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/:1:10: unknown command/);
  });
});

test("COPY. is answered with what was meant", async () => {
  const text =
    'FROM python:3.9\nWORKDIR /app\nCOPY requirements.txt /app/\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY. /app\nCMD [ "python", "app.py" ]\n';
  const wrong = mkdtempSync(join(tmpdir(), "berth-typo-"));
  try {
    writeFileSync(join(wrong, "Dockerfile"), text);
    const { status, stderr } = await program.run(["build", "-t", "typo", "."], { cwd: wrong });
    expect(status).toBe(1);
    expect(stderr).toContain('Dockerfile:5:1: unknown instruction "COPY."');
    expect(stderr).toContain('did you mean "COPY . /app"?');
    expect(stderr).toMatch(/5 │? ?\|? ?COPY\. \/app\n[^\n]*\^/);
    expect(await program.ok(["images", "-q", "typo"])).toBe("");
  } finally {
    rmSync(wrong, { recursive: true, force: true });
  }
});
