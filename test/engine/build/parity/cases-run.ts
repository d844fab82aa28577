/** Cases of RUN, WORKDIR, USER and VOLUME, and of stages: what commands see and leave behind. */
import { file, type ParityCase } from "./case.ts";

const run = (name: string, ...lines: string[]): ParityCase => ({
  name,
  dockerfile: ["FROM busybox:parity", ...lines],
});

export const runCases: readonly ParityCase[] = [
  run("run in both forms", "RUN echo  one   > /a", 'RUN ["sh", "-c", "echo two > /b"]'),
  run("run that changes nothing", "RUN true"),
  run("run that removes", "RUN rm /etc/passwd && rm -r /tmp", "RUN mkdir /tmp && echo x > /etc/passwd"),
  run("run replaces a directory", "RUN mkdir -p /d/e && echo 1 > /d/e/f", "RUN rm -r /d && mkdir /d && echo 2 > /d/g"),
  run(
    "run that moves a directory of a lower layer",
    "RUN mkdir -p /d/e && echo 1 > /d/e/f && touch -d @1000000000 /d/e/f",
    "RUN mv /d /moved",
  ),
  run("run that changes modes and owners", "RUN echo 1 > /f && chmod 4755 /f && chown 5:6 /tmp && chmod 700 /etc"),
  run("run that makes links", "RUN echo 1 > /a && ln /a /b && ln -s a /c && mkfifo /p", "RUN ln /a /d"),
  run("run sees env and arg", "ENV a=1", "ARG b=2", "ARG c", "RUN echo $a-$b-$c > /x"),
  {
    name: "run notes the args in scope",
    dockerfile: ["FROM busybox:parity", "ARG b=2", "ARG a", "RUN true", 'RUN ["true"]', "ENV b=3", "RUN true"],
    flags: ["--build-arg", "a=x y"],
  },
  run("run as a user", "RUN mkdir /w && chmod 777 /w", "USER 12:34", "RUN id -u > /w/u && id -g > /w/g && touch /w/f"),
  run(
    "run as a named user",
    "RUN echo 'neo:x:700:701::/home/neo:/bin/sh' >> /etc/passwd && mkdir -p /home/neo && chown neo /home/neo",
    "USER neo",
    "RUN echo $HOME > ~/home && id -u > ~/u",
  ),
  run("run as root has its home", "RUN echo $HOME > /h && env | cut -d= -f1 | sort > /names"),
  run("run in the working directory", "WORKDIR /w/v", "RUN pwd > here", "WORKDIR ../x", "RUN pwd > here"),
  run("run that fails is refused", "RUN exit 3"),
  run("run continued over lines", "RUN echo a \\\n    b \\\n  # comment\n    c > /x"),
  run("run with quotes", `RUN echo 'a  "b"' "c  'd'" \\$HOME > /x`),
  run(
    "run leaves nothing of its mounts",
    "RUN echo 1 > /dev/null; ls /proc > /dev/null; echo x > /etc/hosts || true",
    "RUN cat /etc/hostname > /h || true",
  ),
  run("run with a tmpfs", "RUN --mount=type=tmpfs,target=/t echo x > /t/x && ls /t > /out"),
  run("run with a cache", "RUN --mount=type=cache,target=/c,id=parity-c,mode=0700,uid=3 stat -c '%a %u' /c > /out"),
  {
    name: "run with a bind",
    dockerfile: [
      "FROM busybox:parity",
      "RUN --mount=type=bind,target=/m,rw cp -r /m/d /out && echo x > /m/new",
      "RUN --mount=target=/m/f,source=d/f cat /m/f > /file",
    ],
    files: { "d/f": "f\n", ".dockerignore": "Dockerfile\n" },
  },
  {
    name: "run with a bind from a stage",
    dockerfile: [
      "FROM busybox:parity AS one",
      "RUN echo one > /o",
      "FROM busybox:parity",
      "RUN --mount=from=one,source=/o,target=/m/o cat /m/o > /out",
      "RUN --mount=from=busybox:parity,target=/m ls /m/bin/sh > /out2",
    ],
  },
  {
    name: "run with a secret",
    dockerfile: [
      "FROM busybox:parity",
      "RUN --mount=type=secret,id=s cat /run/secrets/s > /out",
      "RUN --mount=type=secret,id=s,target=/x/y,mode=0444,uid=5 stat -c '%a %u' /x/y > /out2",
      "RUN --mount=type=secret,id=none true",
    ],
    files: { secret: "hidden" },
    flags: ["--secret", "id=s,src={dir}/secret"],
  },
  run("workdir makes directories", "WORKDIR /a/b/c"),
  run("workdir of a user", "USER 12:34", "WORKDIR /a/b", "RUN true"),
  run("workdir of a named user", "RUN echo 'neo:x:700:701::/:' >> /etc/passwd", "USER neo", "WORKDIR /a/b"),
  run("workdir that is there", "WORKDIR /tmp", "WORKDIR /"),
  run("workdir relative and from variables", "ENV d=x", "WORKDIR a", "WORKDIR $d/${d}y", "WORKDIR .."),
  run("workdir through a symlink", "RUN mkdir /real && ln -s /real /to", "WORKDIR /to/sub", "RUN pwd -P > /out"),
  {
    name: "workdir on nothing",
    dockerfile: ["FROM scratch", "WORKDIR /a", "WORKDIR b"],
  },
  run("volume, then write", "RUN mkdir /v && echo before > /v/a", "VOLUME /v", "RUN echo after > /v/b", "WORKDIR /v/w"),
  {
    name: "volume, then copy",
    dockerfile: ["FROM scratch", "VOLUME /v", "COPY f /v/"],
    files: { f: "f" },
  },
  {
    name: "a stage on a stage",
    dockerfile: [
      "FROM busybox:parity AS one",
      "ENV a=1",
      "WORKDIR /w",
      "RUN echo 1 > f",
      "FROM one AS two",
      "RUN echo 2 > g",
      "FROM one",
      "COPY --from=two /w/g .",
    ],
  },
  {
    name: "a target in the middle",
    dockerfile: [
      "FROM busybox:parity AS one",
      "RUN echo 1 > /one",
      "FROM scratch AS two",
      "COPY --from=one /one /",
      "FROM busybox:parity",
      "RUN exit 1",
    ],
    flags: ["--target", "two"],
  },
  { name: "nothing at all", dockerfile: ["FROM busybox:parity"] },
  {
    name: "run a copied script",
    dockerfile: ["FROM busybox:parity", "COPY s /s", "RUN /s"],
    files: { s: file("#!/bin/sh\necho ran > /ran\n", 0o755) },
  },
  {
    name: "build-arg that nobody declares",
    dockerfile: ["FROM busybox:parity", "RUN echo $a > /x"],
    flags: ["--build-arg", "a=1"],
  },
  {
    name: "proxy arguments leave no trace",
    dockerfile: ["FROM busybox:parity", "RUN echo $http_proxy > /x"],
    flags: ["--build-arg", "HTTP_PROXY=http://proxy:1"],
  },
  {
    name: "add-host",
    dockerfile: ["FROM busybox:parity", "RUN grep thehost /etc/hosts > /x"],
    flags: ["--add-host", "thehost:10.1.2.3"],
  },
];
