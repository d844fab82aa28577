/** `--ssh`: an agent's socket, or keys, for RUN --mount=type=ssh. The agents are OpenSSH's, in the test and in the build. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../../../engine/process/spawn.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { processesNaming } from "../../../support/leaks.ts";
import { programOrSkip } from "../../../support/programs.ts";
import { buildProject, collect, createProject, type Project } from "../project.ts";

let opened: TestEngine;
let keys: Project;
/** Shows what keys the agent of the mount has, by the ssh-add that `importClient` puts in place. */
const list = "RUN --mount=type=ssh,id=ID ssh-add -l || echo none\n";
const using = (id: string, command = list) => ({ Dockerfile: `FROM client\n${command.replace("ID", id)}` });

beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
  keys = createProject({});
  await importClient();
});

/** busybox with this machine's ssh-add and the libraries that it is linked to; without it where there is none. */
async function importClient(): Promise<void> {
  const program = findProgram("ssh-add");
  using project = createProject({ Dockerfile: "FROM busybox\nCOPY root /\n", "root/bin/placeholder": "" });
  const libraries = program ? (execFileSync("ldd", [program], { encoding: "utf8" }).match(/\/\S+/g) ?? []) : [];
  for (const path of libraries) project.write(`root${path}`, readFileSync(path), 0o755);
  if (program) project.write("root/bin/ssh-add", readFileSync(program), 0o755);
  await buildProject(opened.engine, project, { tags: ["client"] });
}

afterAll(async () => {
  keys[Symbol.dispose]();
  await opened[Symbol.asyncDispose]();
});

function makeKey(name: string, passphrase = ""): string {
  const file = join(keys.directory, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", `${name}@test`, "-f", file]);
  return file;
}

/** Agents of the builds: their socket is named so. */
const agents = () => processesNaming("agent-").filter((line) => line.includes("ssh-agent"));

describe("keys", () => {
  test("are in an agent that ends with the step, whatever the modes of their files", async (context) => {
    programOrSkip(context, "ssh-agent");
    const [one, two] = [makeKey("one"), makeKey("two")];
    chmodSync(two, 0o644);
    using project = createProject(using("mine"));
    const { output } = await buildProject(opened.engine, project, { ssh: [{ id: "mine", paths: [one, two] }] });
    expect(output).toMatch(/one@test[\s\S]*two@test/);
    expect(output).not.toContain(readFileSync(one, "utf8").split("\n")[2]);
    expect(agents()).toEqual([]);
  });

  test.for([
    ["with a passphrase", () => makeKey("locked", "secret"), "invalid", /^cannot use SSH key ".*locked": /],
    ["that are none", () => `${makeKey("public")}.pub`, "invalid", /^cannot use SSH key ".*public.pub": /],
    ["that are not there", () => join(keys.directory, "nothing"), "system", /^cannot read SSH key ".*nothing"/],
  ] satisfies [string, () => string, string, RegExp][])("%s are refused, and no agent stays", async ([, path, code, message], context) => {
    programOrSkip(context, "ssh-agent");
    using project = createProject(using("default"));
    const { end } = await collect(opened.engine, { context: project.directory, ssh: [{ id: "default", paths: [path()] }], noCache: true });
    await expect(end).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(agents()).toEqual([]);
  });
});

test("an agent's socket is forwarded; not together with keys", async (context) => {
  programOrSkip(context, "ssh-agent");
  const socket = join(keys.directory, "socket");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    await once(agent.stdout, "data");
    execFileSync("ssh-add", ["-q", makeKey("own")], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    using project = createProject(using("default"));
    const ssh = (...paths: string[]) => ({ ssh: [{ id: "default", paths }] });
    expect((await buildProject(opened.engine, project, { ...ssh(socket), noCache: true })).output).toContain("own@test");
    const { end } = await collect(opened.engine, { context: project.directory, ...ssh(socket, "key"), noCache: true });
    await expect(end).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("give one agent's socket, or keys") });
  } finally {
    agent.kill();
    await once(agent, "exit");
  }
});

test("the socket has the owner and the mode of the mount, and answers whom it belongs to", async (context) => {
  programOrSkip(context, "ssh-agent");
  const mount = "RUN --mount=type=ssh,id=ID,uid=1000,gid=7,mode=0600 stat -c '%a %u:%g' $SSH_AUTH_SOCK; ssh-add -l\n";
  using project = createProject(using("mine", `USER app\n${mount}`));
  const { output } = await buildProject(opened.engine, project, { ssh: [{ id: "mine", paths: [makeKey("given")] }] });
  expect(output).toMatch(/^600 1000:7\n.* given@test /);
  expect(agents()).toEqual([]);
});

test("an id that nobody gave is an error when it is required", async () => {
  using project = createProject(using("nobody", "RUN --mount=type=ssh,id=ID,required true\n"));
  const { end } = await collect(opened.engine, { context: project.directory });
  await expect(end).rejects.toMatchObject({ code: "not-found", message: 'cannot forward the SSH agent "nobody": none was given' });
  using lenient = createProject(using("nobody", "RUN --mount=type=ssh,id=ID echo $SSH_AUTH_SOCK.\n"));
  expect((await buildProject(opened.engine, lenient)).output).toBe(".\n");
  await eventually(() => expect(agents()).toEqual([]));
});
