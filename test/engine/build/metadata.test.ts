import { describe, expect, test } from "vitest";
import { fillHistoryTimes } from "../../../engine/build/output/history-times.ts";
import { derivedState, imageState, record, type StageState, scratchState, toImageConfig } from "../../../engine/build/plan/stage-state.ts";
import { configure } from "../../../engine/dockerfile/configure.ts";
import { parseDockerfile } from "../../../engine/dockerfile/index.ts";
import { goDuration } from "../../../engine/duration.ts";

function apply(lines: string[], state: StageState = scratchState({ os: "linux", architecture: "amd64" })): StageState {
  const { stages } = parseDockerfile(`FROM scratch\n${lines.join("\n")}\n`, { file: "Dockerfile" });
  for (const instruction of stages[0]?.instructions ?? []) {
    const createdBy = configure(state, instruction);
    if (createdBy !== undefined) record(state, createdBy);
  }
  return state;
}

const createdBy = (lines: string[]) => apply(lines).history.map((entry) => entry.created_by);

describe("history texts are BuildKit's", () => {
  test.each([
    [["ENV A=1 B=2"], ["ENV A=1 B=2"]],
    [["LABEL a=b c=d"], ["LABEL a=b c=d"]],
    [['CMD [ "python", "app.py" ]'], ['CMD ["python" "app.py"]']],
    [["CMD echo hi"], ['CMD ["/bin/sh" "-c" "echo hi"]']],
    [['ENTRYPOINT ["/x", "a\\"b"]'], ['ENTRYPOINT ["/x" "a\\"b"]']],
    [["EXPOSE 80 53/udp"], ["EXPOSE map[53/udp:{} 80/tcp:{}]"]],
    [["USER app"], ["USER app"]],
    [["VOLUME /data /more"], ["VOLUME [/data /more]"]],
    [["STOPSIGNAL SIGQUIT"], ["STOPSIGNAL SIGQUIT"]],
    [['SHELL ["/bin/bash", "-c"]'], ["SHELL [/bin/bash -c]"]],
    [["MAINTAINER me"], ["MAINTAINER me"]],
    [["ONBUILD RUN true"], []],
    [
      ["HEALTHCHECK --interval=30s --timeout=90s --retries=3 CMD curl x"],
      ['HEALTHCHECK &{["CMD-SHELL" "curl x"] "30s" "1m30s" "0s" "0s" \'\\x03\'}'],
    ],
  ])("%j", (lines, expected) => {
    expect(createdBy(lines)).toEqual(expected);
  });
});

describe("configuration", () => {
  test("ENTRYPOINT resets an inherited CMD, not one of this stage", () => {
    const inherited = () =>
      imageState({
        chainId: "",
        config: { architecture: "amd64", os: "linux", config: { Cmd: ["sh"] }, rootfs: { type: "layers", diff_ids: [] } },
      });
    expect(apply(['ENTRYPOINT ["/x"]'], inherited()).config.Cmd).toBeNull();
    expect(apply(['CMD ["y"]', 'ENTRYPOINT ["/x"]'], inherited()).config.Cmd).toEqual(["y"]);
  });

  test("SHELL wraps what follows it", () => {
    expect(apply(['SHELL ["/bin/bash", "-ec"]', "CMD x y"]).config.Cmd).toEqual(["/bin/bash", "-ec", "x y"]);
  });

  test("ENV replaces in place", () => {
    expect(apply(["ENV A=1", "ENV B=2", "ENV A=3"]).config.Env?.slice(1)).toEqual(["A=3", "B=2"]);
  });

  test("a stage on a stage keeps its ARGs, and an ENV that an ARG shadowed is back", () => {
    const base = apply(["ENV A=env"]);
    base.environment.set("A", "arg").set("B", "arg");
    const derived = derivedState(base);
    expect(derived.environment.get("A")).toBe("env");
    expect(derived.environment.get("B")).toBe("arg");
  });

  test("members and maps are in Go's order, empty ones left out", () => {
    const state = apply(["VOLUME /b /a", "LABEL z=1 a=2", "USER me", "EXPOSE 80"]);
    const json = JSON.stringify(toImageConfig(state, [], "2020-01-01T00:00:00Z"));
    expect(json).toBe(
      '{"architecture":"amd64","config":{"User":"me","ExposedPorts":{"80/tcp":{}},"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],' +
        '"Volumes":{"/a":{},"/b":{}},"WorkingDir":"/","Labels":{"a":"2","z":"1"},"OnBuild":null},"created":"2020-01-01T00:00:00Z","history":[],"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
    );
  });
});

test("goDuration", () => {
  expect([0, 500, 1500, 2_500_000, 1e9, 90e9, 3600e9, 5400.5e9].map(goDuration)).toEqual([
    "0s",
    "500ns",
    "1.5µs",
    "2.5ms",
    "1s",
    "1m30s",
    "1h0m0s",
    "1h30m0.5s",
  ]);
});

describe("history times", () => {
  const times = (entries: (string | undefined)[]) =>
    fillHistoryTimes(
      entries.map((created) => (created ? { created } : {})),
      "now",
    ).map((entry) => entry.created);

  test("a metadata entry takes the time of the layer before it, the first ones that of the first new layer", () => {
    expect(times(["base", undefined, "new1", undefined, "new2", undefined])).toEqual(["base", "new1", "new1", "new1", "new2", "new2"]);
  });
  test("without new layers, that of the last base layer", () => {
    expect(times(["base1", "base2", undefined])).toEqual(["base1", "base2", "base2"]);
  });
  test("without any layer, that of SOURCE_DATE_EPOCH, else none", () => {
    expect(times([undefined, undefined])).toEqual(["now", "now"]);
    expect(fillHistoryTimes([{}, {}])).toEqual([{}, {}]);
  });
});
