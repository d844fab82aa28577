import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineError } from "../../../../engine/errors.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import { writeXattr } from "../../../../engine/sys/files.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { buildProject, collect, createProject, outputOf } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

/** Put together here, so that nobody who looks for secrets finds one in this file. */
const token = `ghp_${"a1B2".repeat(9)}`;
const privateKey = [
  "-----BEGIN ",
  `PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(2)}\n-----END `,
  "PRIVATE KEY-----\n",
].join("");

async function build(lines: string[], files: Record<string, string> = {}, options: object = {}) {
  using project = createProject({ Dockerfile: `${lines.join("\n")}\n`, ...files });
  const { events, end } = await collect(opened.engine, { context: project.directory, tags: ["demanding"], ...options });
  const error = await end.then(
    () => undefined,
    (thrown: EngineError) => thrown,
  );
  return { error, output: outputOf(events), events };
}

const steps = (events: { type: string; name?: string; status?: string }[]) =>
  events.flatMap(({ type, name, status }) =>
    type === "step" && name?.startsWith("checking") && status !== "started" ? [`${name}: ${status}`] : [],
  );

const add = (passwd: string) => `RUN echo '${passwd}' >> /etc/passwd`;

describe("berth:user", () => {
  test.each([
    ["no USER", [], 1, "it runs as root: it has no USER"],
    ["root by name", ["USER root"], 3, "it runs as root: USER root"],
    ["root by number", ["USER 00:12"], 3, "it runs as root: USER 00:12"],
    ["another name of root's", [add("admin:x:0:0::/:/bin/sh"), "USER admin"], 4, "it runs as root: USER admin"],
    // docker: a name goes before a number
    ["a number that is root's name", [add("1000:x:0:0::/:/bin/sh"), "USER 1000"], 4, "it runs as root: USER 1000"],
    ["a name that is no user's", ["USER stranger"], 3, 'its /etc/passwd has no user "stranger"'],
    ["the last counts", ["USER 1000", "USER 0"], 4, "it runs as root: USER 0"],
  ])("refuses %s", async (_, lines, line, message) => {
    const { error } = await build(["# berth:user non-root", "FROM busybox", ...lines]);
    expect(error).toMatchObject({ code: "build-step", exit: 1, location: { line, column: 1 } });
    expect(error?.message).toContain(message);
  });

  test.each([
    ["a number", ["USER 1000"]],
    ["a user of the image, by a link", [add("app:x:12:12::/:/bin/sh"), "RUN mv /etc/passwd /p && ln -s ../p /etc/passwd", "USER app:0"]],
  ])("takes %s", async (_, lines) => {
    expect((await build(["# berth:user non-root", "FROM busybox", ...lines])).error).toBeUndefined();
  });
});

describe("berth:no-setuid", () => {
  const directive = "# berth:no-setuid except=/usr/local/**";

  test("names the file, its mode and the instruction, and makes no image", async () => {
    using before = createProject({ Dockerfile: "FROM busybox\nLABEL before=1\n" });
    const { result } = await buildProject(opened.engine, before, { tags: ["demanding"] });
    const count = (await opened.engine.images.list({ all: true })).length;
    const { error, output, events } = await build([
      directive,
      "FROM busybox",
      "RUN cp /bin/true /su && chmod 4755 /su",
      "RUN cp /bin/true /mail && chmod 2755 /mail && mkdir -p /usr/local && cp -p /su /usr/local/su",
    ]);
    expect(error).toMatchObject({ code: "build-step", exit: 1, location: { line: 3, column: 1 } });
    expect(error?.message).toBe(
      'the image is not what berth:no-setuid demands: "/su" has mode 4755 (and 1 more); it came with "RUN cp /bin/true /su && chmod 4755 /su"',
    );
    expect(error?.hint).toContain("Dockerfile:1 demands it");
    expect(output).toMatch(/^"\/su" has mode 4755 {2}\("RUN cp .*\n"\/mail" has mode 2755 /);
    expect(error?.details?.["findings"]).toMatchObject([
      { Path: "/su", Mode: "4755", Layer: 2 },
      { Path: "/mail", Mode: "2755", Layer: 3 },
    ]);
    expect(steps(events)).toEqual(["checking berth:no-setuid: failed"]);
    expect(resolveImage(opened.engine, "demanding")?.id).toBe(result.ImageID);
    expect((await opened.engine.images.list({ all: true })).length).toBe(count);
  });

  test("what is gone from the sum, or has lost its powers, is none", async () => {
    const { error, events } = await build([
      directive,
      "FROM busybox",
      "RUN mkdir /a /b && cp /bin/true /a/su && cp /bin/true /b/su && cp /bin/true /c && chmod u+s /a/su /b/su /c",
      "RUN rm -r /a && mkdir /a && rm /b/su && chmod u-s /c && mkdir /d && chmod 2777 /d",
    ]);
    expect(error).toBeUndefined();
    expect(steps(events)).toEqual(["checking berth:no-setuid: done"]);
  });

  test("capabilities of files count", async () => {
    using project = createProject({ Dockerfile: `${directive}\nFROM busybox\nCOPY --chmod=755 ping /bin/ping2\n`, ping: "#!/bin/sh\n" });
    writeXattr(`${project.directory}/ping`, "security.capability", Buffer.from("0100000200200000000000000000000000000000", "hex"));
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toThrow('"/bin/ping2" has CAP_NET_RAW');
  });
});

describe("berth:no-secrets", () => {
  const directive = "# berth:no-secrets except=/srv/*.pem";

  test("finds them in files, also where a later layer hides them, and shows none", async () => {
    const { error, output, events } = await build(
      [directive, "FROM busybox", "COPY key app.env /etc/", "RUN rm /etc/key", "COPY key /srv/test.pem"],
      { key: privateKey, "app.env": `A=1\nTOKEN=${token}\n` },
    );
    expect(error).toMatchObject({ code: "build-step", location: { line: 3, column: 1 } });
    expect(output).toContain('"/etc/key" holds what looks like a secret (private key, line 1), which a later layer hides');
    expect(output).toContain('"/etc/app.env" holds what looks like a secret (GitHub token, line 2)  ("COPY');
    expect(output).not.toContain("/srv/test.pem");
    expect(JSON.stringify([events, error])).not.toContain(token);
  });

  test("finds them in variables, arguments, labels and commands, with the instruction", async () => {
    const { error, output } = await build([
      directive,
      "FROM busybox",
      "ARG DEPLOY_TOKEN=hunter22",
      "RUN true",
      `ENV CI=${token}`,
      "ENV DB_PASSWORD=correct-horse DB_PASSWORD_FILE=/run/secrets/db",
      `LABEL note="use ${token}"`,
      `CMD ["curl", "-H", "Authorization: ${token}"]`,
    ]);
    expect(output.split("\n").filter(Boolean)).toEqual([
      'ENV "CI" holds what looks like a secret (GitHub token)  (the ENV instruction)',
      'ENV "DB_PASSWORD" holds what looks like a secret, by its name  (the ENV instruction)',
      'LABEL "note" holds what looks like a secret (GitHub token)  (the LABEL instruction)',
      "CMD holds what looks like a secret (GitHub token)  (the CMD instruction)",
      'ARG "DEPLOY_TOKEN" holds what looks like a secret, by its name  (the ARG instruction)',
      'ARG "DEPLOY_TOKEN" holds what looks like a secret, by its name  (the RUN instruction)',
    ]);
    expect(error).toMatchObject({ location: { line: 5, column: 1 } });
    expect(error?.message).not.toContain(token);
  });

  test("finds what only the history still has", async () => {
    const { error } = await build([directive, "FROM busybox", `ENV A=${token}`, "ENV A="]);
    expect(error).toMatchObject({ location: { line: 3 } });
  });

  test("secrets that are mounted leave nothing", async () => {
    const files = { "token.txt": token, ".dockerignore": "token.txt\n" };
    using project = createProject({
      Dockerfile: `${directive}\nFROM busybox\nRUN --mount=type=secret,id=t cat /run/secrets/t >/dev/null\n`,
      ...files,
    });
    const secrets = [{ id: "t", file: `${project.directory}/token.txt` }];
    await buildProject(opened.engine, project, { secrets });
  });
});

describe("berth:no-shell", () => {
  test("busybox is one under any name, and so is a link to one", async () => {
    const { error, output } = await build(
      [
        "# berth:no-shell",
        "FROM busybox AS tools",
        "FROM scratch",
        "COPY --from=tools /bin/busybox /app/server",
        "COPY --from=tools /bin/busybox /app/dash",
        "COPY links /bin/",
        "COPY --chmod=644 links/note /bin/zsh",
      ],
      { "links/note": "text" },
    );
    expect(error).toMatchObject({ location: { line: 4, column: 1 } });
    expect(output.split("\n").map((line) => line.split("  ")[0])).toEqual([
      '"/app/server" is a shell (busybox)',
      '"/app/dash" is a shell (dash)',
      "",
    ]);
  });

  test("an image without any passes, from the cache as well", async () => {
    const lines = ["# berth:no-shell", "FROM scratch", "COPY --chmod=755 app /app", 'ENTRYPOINT ["/app"]'];
    for (let time = 0; time < 2; time++) expect((await build(lines, { app: "#!/nothing\n" })).error).toBeUndefined();
  });
});

test("all demands are checked before the first that is not met fails the build", async () => {
  const { error, events } = await build(["# berth:user non-root", "# berth:no-secrets", "# berth:no-shell", "FROM busybox"]);
  expect(error?.message).toContain("berth:user");
  expect(steps(events)).toEqual(["checking berth:user: failed", "checking berth:no-secrets: done", "checking berth:no-shell: failed"]);
});

test("they speak of the target, whatever else the file makes", async () => {
  const lines = ["# berth:user non-root", "FROM busybox AS plain", "USER 7", "FROM plain AS rooted", "USER 0"];
  expect((await build(lines, {}, { target: "plain" })).error).toBeUndefined();
  expect((await build(lines)).error).toMatchObject({ location: { line: 5 } });
});

describe("berth:pinned", () => {
  const pinned = (...lines: string[]) => build(["# berth:pinned", ...lines]);

  test("stops a build before anything runs", async () => {
    const { error, events } = await pinned("FROM scratch", "COPY Dockerfile /", "FROM busybox");
    expect(error).toMatchObject({ code: "dockerfile", location: { line: 4, column: 1 } });
    expect(steps(events)).toEqual(["checking berth:pinned: failed"]);
    expect(events.filter((event) => event.type === "step" && event.name.includes("COPY"))).toEqual([]);
  });

  test("judges what variables say, and what triggers of a base bring", async () => {
    const { error } = await pinned("FROM scratch", "ARG URL=http://127.0.0.1:9/x", "ADD $URL /x");
    expect(error).toMatchObject({ code: "dockerfile", location: { line: 4 } });
    expect(error?.message).toContain('"http://127.0.0.1:9/x" is fetched without a checksum');
    using base = createProject({ Dockerfile: "FROM scratch\nONBUILD COPY --from=busybox /bin/sh /sh\n" });
    const { result } = await buildProject(opened.engine, base);
    const { error: triggered } = await pinned(`FROM ${result.ImageID}`);
    expect(triggered).toMatchObject({ location: { line: 2 } });
    expect(triggered?.message).toContain('image "busybox" is not named by its digest');
  });
});
