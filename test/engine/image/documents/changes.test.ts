/** `--change` of commit and import: the instructions that docker takes, by the rules of a Dockerfile. */
import { describe, expect, test } from "vitest";
import { EngineError } from "../../../../engine/errors.ts";
import { applyChanges } from "../../../../engine/image/documents/changes.ts";

const base = { Env: ["C=base", "PATH=/bin"], WorkingDir: "/w", Cmd: ["old"] };

test.each<[string[], object]>([
  [["ENV F=$C G=${D:-none}"], { Env: ["C=base", "PATH=/bin", "F=base", "G=none"] }],
  [["ENV D=one", "ENV E=$D-two"], { Env: ["C=base", "PATH=/bin", "D=one", "E=one-two"] }],
  [["ENV C='a b'"], { Env: ["C=a b", "PATH=/bin"] }],
  [["EXPOSE ${Q:-99} 8000-8001/udp"], { ExposedPorts: { "99/tcp": {}, "8000/udp": {}, "8001/udp": {} } }],
  [['LABEL a=$C b="x y"'], { Labels: { a: "base", b: "x y" } }],
  [["USER $C"], { User: "base" }],
  [["WORKDIR sub"], { WorkingDir: "/w/sub" }],
  [["WORKDIR /x/"], { WorkingDir: "/x/" }],
  [['VOLUME ["/a", "/$C"]'], { Volumes: { "/a": {}, "/base": {} } }],
  [["STOPSIGNAL SIGUSR1"], { StopSignal: "SIGUSR1" }],
  [["ONBUILD RUN echo $C"], { OnBuild: ["RUN echo $C"] }],
  [["CMD echo $C"], { Cmd: ["/bin/sh", "-c", "echo $C"] }],
  [['ENTRYPOINT ["/x"]'], { Entrypoint: ["/x"], Cmd: undefined }],
  [["ENTRYPOINT []"], { Entrypoint: [], Cmd: ["old"] }],
  [["# a comment", "env A=1 \\\n  B=2\nUSER app"], { Env: ["C=base", "PATH=/bin", "A=1", "B=2"], User: "app" }],
  [["HEALTHCHECK NONE"], { Healthcheck: { Test: ["NONE"] } }],
  [
    ["HEALTHCHECK --interval=5s --timeout=3s --start-period=1m --start-interval=2s --retries=4 CMD test -e /ok"],
    {
      Healthcheck: {
        Test: ["CMD-SHELL", "test -e /ok"],
        Interval: 5e9,
        Timeout: 3e9,
        StartPeriod: 60e9,
        StartInterval: 2e9,
        Retries: 4,
      },
    },
  ],
])("%j", (changes, expected) => {
  const result: Record<string, unknown> = { ...applyChanges(base, changes) };
  for (const [key, value] of Object.entries({ ...base, ...expected })) expect([key, result[key]]).toEqual([key, value]);
  expect(Object.keys(result).sort()).toEqual(
    Object.entries({ ...base, ...expected })
      .flatMap(([key, value]) => (value === undefined ? [] : key))
      .sort(),
  );
});

describe("what docker refuses", () => {
  test.each([
    ["RUN true", "RUN is not a valid change command"],
    ["FROM x", "FROM is not a valid change command"],
    ['SHELL ["/bin/bash"]', "SHELL is not a valid change command"],
    ["NONSENSE", 'unknown instruction "NONSENSE"'],
    ["EXPOSE x", "invalid containerPort: x"],
    ["ENV A", "ENV must have two arguments"],
    ["VOLUME $NOTHING", "VOLUME specified can not be an empty string"],
    ["STOPSIGNAL NOPE", "invalid signal: NOPE"],
    ["HEALTHCHECK --interval=x CMD true", 'invalid duration "x" for --interval'],
  ])("%s", (change, message) => {
    const attempt = () => applyChanges(base, ["USER first", change]);
    expect(attempt).toThrow(EngineError);
    expect(attempt).toThrow(`invalid change: ${message}`);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid", location: { file: "--change", line: 2 } });
    }
  });
});
