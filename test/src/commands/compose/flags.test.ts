/** Every flag of docker compose 2.40.3, also the older spellings that its help does not show, is one of the same verb here. */
import { expect, test } from "vitest";
import { groupOf } from "../../../../src/commands/groups.ts";
import { findCommand } from "../../../../src/commands/table.ts";

/** "long", or "s,long"; those of 'docker compose VERB --help', then the hidden ones; --json is there for every verb. */
const flags: Record<string, string> = {
  attach: "detach-keys index no-stdin sig-proxy",
  build:
    "build-arg builder check m,memory no-cache print pull push q,quiet ssh with-dependencies parallel compress force-rm no-rm progress",
  commit: "a,author c,change index m,message p,pause",
  config:
    "environment format hash images lock-image-digests models networks no-consistency no-env-resolution no-interpolate no-normalize no-path-resolution o,output profiles q,quiet resolve-image-digests services variables volumes",
  cp: "all a,archive L,follow-link index",
  create: "build force-recreate no-build no-recreate pull quiet-pull remove-orphans scale y,yes y",
  down: "remove-orphans rmi t,timeout v,volumes volume",
  events: "since until",
  exec: "d,detach e,env index T,no-tty privileged u,user w,workdir i,interactive t,tty",
  export: "index o,output",
  images: "format q,quiet",
  kill: "remove-orphans s,signal",
  logs: "f,follow index no-color no-log-prefix since n,tail t,timestamps until",
  ls: "a,all filter format q,quiet",
  pause: "",
  port: "index protocol",
  ps: "a,all filter format no-trunc orphans q,quiet services status",
  publish: "app oci-version resolve-image-digests with-env y,yes y",
  pull: "ignore-buildable ignore-pull-failures include-deps policy q,quiet parallel no-parallel",
  push: "ignore-push-failures include-deps q,quiet",
  restart: "no-deps t,timeout",
  rm: "f,force s,stop v,volumes a,all",
  run: "build cap-add cap-drop d,detach entrypoint e,env env-from-file i,interactive l,label name no-deps p,publish pull q,quiet quiet-build quiet-pull remove-orphans rm P,service-ports use-aliases u,user v,volume w,workdir T,no-TTY t,tty volumes labels",
  scale: "no-deps",
  start: "",
  stats: "a,all format no-stream no-trunc",
  stop: "t,timeout",
  top: "",
  unpause: "",
  up: "abort-on-container-exit abort-on-container-failure always-recreate-deps attach attach-dependencies build d,detach exit-code-from force-recreate menu no-attach no-build no-color no-deps no-log-prefix no-recreate no-start pull quiet-build quiet-pull remove-orphans V,renew-anon-volumes scale t,timeout timestamps wait wait-timeout w,watch y,yes y",
  version: "f,format short",
  volumes: "format q,quiet",
  wait: "down-project",
  watch: "no-up prune quiet",
};

test.each(Object.entries(flags))("%s", async (verb, list) => {
  const spec = await findCommand(["compose", verb])!.entry.load();
  const known = spec.flags.flatMap(({ name, short }) => [name, ...(short ? [`${short},${name}`] : [])]);
  expect(list.split(" ").filter((flag) => flag !== "" && !known.includes(flag))).toEqual([]);
});

test("before the verb", async () => {
  const known = (await groupOf("compose"))!.flags.map(({ name }) => name);
  const all = "all-resources ansi compatibility dry-run env-file file parallel profile progress project-directory project-name";
  expect(known).toEqual(expect.arrayContaining([...all.split(" "), "workdir", "version", "no-ansi", "verbose"]));
});
