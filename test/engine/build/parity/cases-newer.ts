/** What docker of the recording cannot build yet: the answers are the Dockerfile reference's. */
import { createHash } from "node:crypto";
import { directory, file, type ParityCase } from "./case.ts";

const made = (path: string, content: string, attributes = "644 0:0") =>
  `+ ${path} file ${attributes} ${content.length} ${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
const copied = (...args: Parameters<typeof made>) => `${made(...args)} old`;
const folder = (path: string, attributes = "755 0:0") => `+ ${path} dir ${attributes}`;
const top = folder("/");
const tree = { "src/a.txt": "a\n", "src/b.md": "b\n", "src/sub/c.txt": "c\n" };

export const newerCases: readonly ParityCase[] = [
  {
    name: "newer: copy of here-documents",
    dockerfile: [
      "FROM scratch",
      "ARG v=1",
      'COPY <<one <<-"two" /x/',
      "v is $v",
      "one",
      "\ttabs go, $v stays",
      "two",
      "COPY --chmod=700 <<EOF /y",
      "$v",
      "EOF",
    ],
    newer: {
      files: [top, folder("/x"), made("/x/one", "v is 1\n"), made("/x/two", "tabs go, $v stays\n"), made("/y", "1\n", "700 0:0")],
      history: ["ARG v=1 | (empty)", "COPY <<one <<two /x/ # buildkit", "COPY --chmod=700 <<EOF /y # buildkit"],
    },
  },
  {
    name: "newer: run of a here-document",
    dockerfile: ["FROM busybox:parity", "RUN <<EOF", "echo one > /x", "echo two >> /x", "EOF", "RUN cat <<A > /y", "text", "A"],
    newer: { files: [made("/x", "one\ntwo\n"), made("/y", "text\n")] },
  },
  {
    name: "newer: chmod in words",
    dockerfile: ["FROM scratch", "COPY --chmod=go-r,u+x src /x", "COPY --chmod=a=rX src /y"],
    files: tree,
    newer: {
      files: [
        top,
        folder("/x", "711 0:0"),
        copied("/x/a.txt", "a\n", "700 0:0"),
        copied("/x/b.md", "b\n", "700 0:0"),
        folder("/x/sub", "711 0:0"),
        copied("/x/sub/c.txt", "c\n", "700 0:0"),
        folder("/y", "555 0:0"),
        copied("/y/a.txt", "a\n", "444 0:0"),
        copied("/y/b.md", "b\n", "444 0:0"),
        folder("/y/sub", "555 0:0"),
        copied("/y/sub/c.txt", "c\n", "444 0:0"),
      ],
    },
  },
  {
    name: "newer: copy --parents",
    dockerfile: ["FROM scratch", "COPY --parents src/a.txt src/sub /x/", "COPY --parents src/./sub/c.txt /y/"],
    files: { ...tree, "src/": directory(0o711) },
    newer: {
      files: [
        top,
        folder("/x"),
        folder("/x/src", "711 0:0"),
        copied("/x/src/a.txt", "a\n"),
        folder("/x/src/sub"),
        copied("/x/src/sub/c.txt", "c\n"),
        folder("/y"),
        folder("/y/sub"),
        copied("/y/sub/c.txt", "c\n"),
      ],
      history: ["COPY --parents src/a.txt src/sub /x/ # buildkit", "COPY --parents src/./sub/c.txt /y/ # buildkit"],
    },
  },
  {
    name: "newer: copy --exclude",
    dockerfile: ["FROM scratch", "COPY --exclude=*.md --exclude=sub/c* src /x"],
    files: tree,
    newer: {
      files: [top, folder("/x"), copied("/x/a.txt", "a\n"), folder("/x/sub")],
    },
  },
  {
    name: "newer: copy --link",
    dockerfile: ["FROM busybox:parity", "RUN mkdir /d && echo 1 > /d/kept", "COPY --link --chown=5:6 src/a.txt /d/", "COPY --link src /e"],
    files: tree,
    newer: {
      files: [
        folder("/d", "755 5:6"), // the layer that is put on top has a directory of its own
        copied("/d/a.txt", "a\n", "644 5:6"),
        made("/d/kept", "1\n"),
        folder("/e"),
        copied("/e/a.txt", "a\n"),
        copied("/e/b.md", "b\n"),
        folder("/e/sub"),
        copied("/e/sub/c.txt", "c\n"),
      ],
    },
  },
  {
    name: "newer: patterns in variables",
    dockerfile: [
      "FROM scratch",
      "ENV p=/usr/local/bin/x.tar.gz",
      "ENV a=${p#*/} b=${p##*/} c=${p%.*} d=${p%%.*} e=${p/local/my} f=${p//\\//_}",
    ],
    newer: {
      config: {
        architecture: "amd64",
        os: "linux",
        WorkingDir: "/",
        Env: [
          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "p=/usr/local/bin/x.tar.gz",
          "a=usr/local/bin/x.tar.gz",
          "b=x.tar.gz",
          "c=/usr/local/bin/x.tar",
          "d=/usr/local/bin/x",
          "e=/usr/my/bin/x.tar.gz",
          "f=_usr_local_bin_x.tar.gz",
        ],
      },
    },
  },
  {
    name: "newer: health check with a start interval",
    dockerfile: ["FROM scratch", "HEALTHCHECK --start-interval=2s CMD true"],
    newer: {
      config: {
        architecture: "amd64",
        os: "linux",
        WorkingDir: "/",
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        Healthcheck: {
          Test: ["CMD-SHELL", "true"],
          StartInterval: 2_000_000_000,
        },
      },
    },
  },
  {
    name: "newer: run without a network",
    dockerfile: ["FROM busybox:parity", "RUN --network=none ls /sys/class/net > /n"],
    newer: { files: [made("/n", "lo\n")] },
  },
  {
    name: "newer: a required variable that is not there is refused",
    dockerfile: ["FROM scratch", "ENV a=${none:?must be there}"],
    newer: {},
    refused: true,
  },
  {
    name: "newer: copy from a stage by a name in another case",
    dockerfile: ["FROM scratch AS One", "COPY f /f", "FROM one", "COPY --from=ONE /f /g"],
    files: { f: file("f", 0o600) },
    newer: {
      files: [top, copied("/f", "f", "600 0:0"), copied("/g", "f", "600 0:0")],
    },
  },
  {
    name: "newer: args of the platform",
    dockerfile: ["FROM scratch", "ARG TARGETOS TARGETVARIANT", "ENV os=$TARGETOS variant=x$TARGETVARIANT"],
    newer: {
      history: ["ARG TARGETOS=linux TARGETVARIANT= | (empty)", "ENV os=linux variant=x | (empty)"],
    },
  },
];
