/** Cases of the instructions that only change the image's configuration, and of the words in them. */
import type { ParityCase } from "./case.ts";

/** Docker cannot save an image without a layer. */
const seeded = { seed: "" };
const config = (name: string, ...lines: string[]): ParityCase => ({
  name,
  dockerfile: ["FROM scratch", "COPY seed /", ...lines],
  files: seeded,
});

export const configCases: readonly ParityCase[] = [
  config("cmd in both forms", 'CMD ["a", "b c"]', 'CMD echo  "x"   $HOME'),
  config("cmd in the exec form", 'CMD ["/bin/app", "--flag", "a\\"b", "é"]'),
  config("an empty cmd", "CMD []"),
  config("an empty entrypoint", 'CMD ["a"]', "ENTRYPOINT []"),
  config("entrypoint in the shell form", "ENTRYPOINT exec  top -b"),
  config("entrypoint after cmd of the same stage", 'CMD ["a"]', 'ENTRYPOINT ["e"]'),
  {
    name: "entrypoint resets an inherited cmd",
    dockerfile: ["FROM busybox:parity", 'ENTRYPOINT ["e"]'],
  },
  {
    name: "entrypoint of a stage resets its base stage's cmd",
    dockerfile: ["FROM scratch AS one", "COPY seed /", 'CMD ["a"]', "FROM one", 'ENTRYPOINT ["e"]'],
    files: seeded,
  },
  {
    name: "entrypoint, then an own cmd",
    dockerfile: ["FROM busybox:parity", 'ENTRYPOINT ["e"]', 'CMD ["c"]'],
  },
  config("not quite json", "CMD ['a', 'b']", "ENTRYPOINT [ 'x' ]"),
  config("env in both forms", "ENV a=1 b=2", "ENV c 3 and more", "ENV d=", 'ENV e="x y" f=x\\ y'),
  config("env quoting", `ENV a='$x' b="$x" c=\\$x d="\\"" e='"' f=a"b"c'd'`),
  config("env sees the value before the line", "ENV a=1", "ENV a=2 b=$a", "ENV c=$a$b"),
  config(
    "env expansion",
    "ENV a=v e=",
    "ENV r=${a}-${none}-$a.x s=${none:-d}-${e:-d}-${a:-d} t=${none:+p}-${e:+p}-${a:+p}",
    "ENV u=${none:-$a} v=${none:-${a}x}",
  ),
  config("env replaces in place", "ENV a=1 b=2 c=3", "ENV b=9", "ENV PATH=/x:$PATH"),
  config("env: nothing to expand", "ENV a=$ b=x$ c=\\$ d=$1 e=${1}"),
  config("env with unicode and spaces", "ENV a=é  b=\t c=日本"),
  config("label in both forms", "LABEL a=1 b=2", "LABEL c 3 and", 'LABEL "d e"="f g" h=\'i j\''),
  config(
    "label quoting",
    `LABEL a="x\\"y" b='x"y' c="x\\
y" d=$HOME "e"=f\\ g`,
  ),
  config("label with variables", "ENV v=1", "LABEL k-$v=v-$v", 'LABEL "x.$v"="${v}"', "LABEL v='$v'"),
  config("label overrides", "LABEL a=1 b=1", "LABEL a=2"),
  {
    name: "label by flag",
    dockerfile: ["FROM scratch", "COPY seed /", "LABEL a=1 b=2"],
    flags: ["--label", "b=9", "--label", "c=", "--label", "d"],
    files: seeded,
  },
  config("expose", "EXPOSE 80 443/tcp 53/udp", "EXPOSE 8000-8002", "EXPOSE 80"),
  config("expose from variables", "ENV p=90", "EXPOSE $p ${p}1/udp"),
  config("expose nonsense is refused", "EXPOSE eighty"),
  config("volume in both forms", "VOLUME /a /b", 'VOLUME ["/c", "/d e"]', "ENV v=/f", "VOLUME $v"),
  config("user", "USER app", "USER 12:34", "ENV u=you", "USER $u:$u"),
  config("stopsignal", "STOPSIGNAL SIGTERM", "STOPSIGNAL 9", "ENV s=SIGINT", "STOPSIGNAL $s"),
  config("stopsignal nonsense is refused", "STOPSIGNAL SIGNOTHING"),
  config("shell", 'SHELL ["/bin/ash", "-ec"]', "CMD a b", "ENTRYPOINT c", "HEALTHCHECK CMD d"),
  {
    name: "shell is inherited by a stage",
    dockerfile: ["FROM busybox:parity AS one", 'SHELL ["/bin/sh", "-ec"]', "FROM one", "RUN echo $0 > /x", "CMD z"],
  },
  config("healthcheck with all options", "HEALTHCHECK --interval=1m30s --timeout=5s --start-period=500ms --retries=7 CMD curl -f x"),
  config("healthcheck in the exec form", 'HEALTHCHECK CMD ["a", "b"]'),
  config("healthcheck none", "HEALTHCHECK NONE"),
  {
    name: "healthcheck none over an inherited one",
    dockerfile: ["FROM scratch AS one", "COPY seed /", "HEALTHCHECK CMD a", "FROM one", "HEALTHCHECK NONE"],
    files: seeded,
  },
  config("maintainer", "MAINTAINER Some One <one@example.com>"),
  config("onbuild is kept", "ONBUILD RUN a  b", "ONBUILD COPY x /y", "ONBUILD ENV a=$b"),
  {
    name: "onbuild runs in the next build",
    dockerfile: ["FROM parity-onbuild", "ENV after=1"],
    bases: {
      "parity-onbuild": ["FROM busybox:parity", "ENV v=1", "ONBUILD ENV got=$v", "ONBUILD COPY f /f", "ONBUILD RUN cat /f > /g"],
    },
    files: { f: "f\n" },
  },
  {
    name: "onbuild runs in the next stage",
    dockerfile: ["FROM busybox:parity AS one", "ONBUILD RUN echo 1 > /one", "FROM one AS two", "FROM two"],
  },
  config("arg leaves a note only", "ARG a=1", "ARG b", "ENV c=$a-$b"),
  {
    name: "arg from outside",
    dockerfile: ["FROM scratch", "COPY seed /", "ARG a=1", "ARG b", "ENV c=$a-$b"],
    flags: ["--build-arg", "a=9", "--build-arg", "b=8"],
    files: seeded,
  },
  {
    name: "arg before from",
    dockerfile: ["ARG v=parity", "ARG w", "FROM busybox:$v", "ENV a=$v", "ARG v", "ENV b=$v", "ARG v=own", "ENV c=$v", "ARG w", "ENV d=$w"],
    flags: ["--build-arg", "w=9"],
  },
  {
    name: "arg before from, given",
    dockerfile: ["ARG v=nothing", "FROM busybox:$v", "ARG v", "ENV b=$v"],
    flags: ["--build-arg", "v=parity"],
  },
  config("env shadows arg", "ENV a=env", "ARG a=arg", "ENV b=$a", "ARG c=arg", "ENV c=env", "ENV d=$c"),
  {
    name: "env shadows an arg from outside",
    dockerfile: ["FROM scratch", "COPY seed /", "ENV a=env", "ARG a", "ENV b=$a"],
    flags: ["--build-arg", "a=flag"],
    files: seeded,
  },
  {
    name: "arg of one stage is not the next one's",
    dockerfile: ["FROM scratch AS one", "ARG a=1", "FROM one", "ENV b=$a", "FROM scratch", "COPY seed /", "ENV c=$a"],
    files: seeded,
  },
  {
    name: "arg of a base stage goes on",
    dockerfile: ["FROM busybox:parity AS one", "ARG a=1", "FROM one", "ENV b=$a", "RUN echo $a > /a"],
  },
  {
    name: "escape directive",
    dockerfile: ["# escape=`", "FROM scratch", "COPY seed /", "ENV a=x` y b=c:\\d", "LABEL x=1 `", "  y=2"],
    files: seeded,
  },
  {
    name: "comments between continued lines",
    dockerfile: ["FROM scratch", "COPY seed /", "ENV a=1 \\", "# a comment", "  b=2 \\", "", "  c=3"],
    files: seeded,
  },
  {
    name: "lower-case keywords",
    dockerfile: ["from busybox:parity as One", "env a=1", "from one", "copy --from=ONE /etc/passwd /p", "cmd x"],
  },
];
