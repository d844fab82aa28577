/**
 * What clients are answered where they search for words and act by statuses: as dockerd 28.5 did when it was asked the same. Over the local engine.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiClient, serveOver } from "../../support/api-client.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";

let made: TestEngine;
let api: ApiClient;
const sleeper = { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: "none" } };

beforeAll(async () => {
  made = openTestEngine();
  await importBusybox(made.engine);
  api = await serveOver(made.engine);
  for (const name of ["runs", "stopped", "paused"]) await api.post(`/containers/create?name=${name}`, sleeper);
  for (const path of ["/containers/runs/start", "/containers/paused/start", "/containers/paused/pause"])
    expect((await api.post(path)).status).toBe(204);
  await api.post("/networks/create", { Name: "net", Internal: true });
  await api.post("/volumes/create", { Name: "vol" });
  await api.post("/containers/create?name=user", { ...sleeper, HostConfig: { NetworkMode: "none", Binds: ["vol:/v"] } });
});
afterAll(async () => {
  for (const name of ["runs", "stopped", "paused", "user"]) await api.call("DELETE", `/containers/${name}?force=1`);
  await api[Symbol.asyncDispose]();
  await made[Symbol.asyncDispose]();
});

const filters = (value: object) => `filters=${encodeURIComponent(JSON.stringify(value))}`;
const create = (more: object) => ({ ...sleeper, ...more });

const mount = (more: object) => create({ HostConfig: { Mounts: [{ Target: "/x", ...more }] } });
const bound = (...Binds: string[]) => create({ HostConfig: { Binds } });
const platform = (architecture: string) => encodeURIComponent(JSON.stringify({ os: "linux", architecture }));

/** What dockerd says of the mounts and limits of a container that it does not make. */
const refused: [body: object, message: string][] = [
  [mount({}), 'invalid mount config for type "": mount type unknown'],
  [mount({ Type: "odd" }), 'invalid mount config for type "odd": mount type unknown'],
  [mount({ Type: "bind" }), 'invalid mount config for type "bind": field Source must not be empty'],
  [mount({ Type: "bind", Source: "a" }), `invalid mount config for type "bind": invalid mount path: 'a' mount path must be absolute`],
  [mount({ Type: "tmpfs", Source: "/a" }), 'invalid mount config for type "tmpfs": field Source must not be specified'],
  [
    mount({ Type: "volume", Source: "vol", VolumeOptions: { Subpath: "../a" } }),
    'invalid mount config for type "volume": subpath must be a relative path within the volume',
  ],
  [
    mount({ Type: "volume", VolumeOptions: { Subpath: "a" } }),
    'invalid mount config for type "volume": must not set Subpath when using anonymous volumes',
  ],
  [
    mount({ Type: "volume", ReadOnly: true }),
    'invalid mount config for type "volume": must not set ReadOnly mode when using anonymous volumes',
  ],
  [mount({ Type: "tmpfs", TmpfsOptions: { Options: [["odd"]] } }), 'invalid mount config for type "tmpfs": invalid option: odd'],
  [
    mount({ Type: "tmpfs", TmpfsOptions: { Options: [["exec", "a", "b"]] } }),
    'invalid mount config for type "tmpfs": invalid option array length',
  ],
  [bound(":/x"), "invalid volume specification: ':/x'"],
  ...["ro,rw", "z,Z", "ro,shared,private", "ro,", "odd"].map((mode): [object, string] => [
    bound(`vol:/x:${mode}`),
    `invalid mode: ${mode}`,
  ]),
  [create({ HostConfig: { Tmpfs: { "//": "" } } }), "invalid specification: destination can't be '/'"],
  [create({ HostConfig: { VolumesFrom: [""] } }), "volumes-from specification cannot be an empty string"],
  [create({ HostConfig: { VolumesFrom: ["runs:odd"] } }), "invalid mode: odd"],
  [create({ HostConfig: { CpusetCpus: "x" } }), "Invalid value x for cpuset cpus: invalid format: x"],
  [create({ HostConfig: { CpusetCpus: "1-0" } }), "Invalid value 1-0 for cpuset cpus: invalid format: 1-0"],
  [create({ HostConfig: { CpusetMems: "0-" } }), "Invalid value 0- for cpuset mems: invalid format: 0-"],
  [create({ HostConfig: { Runtime: "odd" } }), "unknown or invalid runtime name: odd"],
  [
    create({ NetworkingConfig: { EndpointsConfig: { net: { IPAMConfig: { IPv4Address: "x" } } } } }),
    "invalid config for network net: invalid endpoint settings:\ninvalid IPv4 address: x",
  ],
  [
    create({ NetworkingConfig: { EndpointsConfig: { net: { IPAMConfig: { LinkLocalIPs: ["x"] } } } } }),
    "invalid config for network net: invalid endpoint settings:\ninvalid link-local IP address: x",
  ],
];

test.each(refused)("a container of %j is refused: %s", async (body, message) => {
  expect(await api.post("/containers/create?name=refused", body)).toMatchObject({ status: 400, json: { message } });
});

/** ID stands for any id. */
const facts: [string, number, string?, object?][] = [
  ["GET /nothing", 404, "page not found"],
  [
    "POST /containers/create?name=runs",
    409,
    'Conflict. The container name "/runs" is already in use by container "ID". You have to remove (or rename) that container to be able to reuse that name.',
    sleeper,
  ],
  ["POST /containers/create?name=a1", 404, "No such image: none:1", { Image: "none:1" }],
  ["POST /containers/create?name=-bad", 400, "Invalid container name (-bad), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", sleeper],
  ["POST /containers/create?name=a2", 400, "Minimum memory limit allowed is 6MB", create({ HostConfig: { Memory: 100 } })],
  [
    "POST /containers/create?name=a3",
    400,
    'invalid port specification: "xx"',
    create({ HostConfig: { PortBindings: { "80/tcp": [{ HostPort: "xx" }] } } }),
  ],
  [
    "POST /containers/create?name=a4",
    400,
    "invalid restart policy: unknown policy 'sometimes'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
    create({ HostConfig: { RestartPolicy: { Name: "sometimes" } } }),
  ],
  [
    "POST /containers/create?name=a5",
    400,
    'create r/x: "r/x" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
    create({ HostConfig: { Binds: ["r/x:/x"] } }),
  ],
  // 404 would be a missing image, which clients pull.
  ["POST /containers/create?name=a6", 400, "No such container: nobody", create({ HostConfig: { VolumesFrom: ["nobody"] } })],
  ["GET /containers/nobody/json", 404, "No such container: nobody"],
  [
    `GET /containers/json?${filters({ status: ["odd"] })}`,
    400,
    "invalid filter 'status=odd': invalid value for state (odd): must be one of created, running, paused, restarting, removing, exited, dead",
  ],
  ["GET /containers/json?filters=null", 200],
  [`GET /containers/json?${filters({ smell: ["a"] })}`, 400, "invalid filter 'smell'"],
  ["POST /containers/runs/start", 304],
  ["POST /containers/nobody/start", 404, "No such container: nobody"],
  ["GET /containers/runs/logs", 400, "Bad parameters: you must choose at least one stream"],
  ["POST /exec/nobody/start", 404, "No such exec instance: nobody", {}],
  ["POST /containers/runs/exec", 400, "No exec command specified", {}],
  ["POST /containers/nobody/exec", 400, "No exec command specified", {}],
  ["GET /containers/runs/stats?one-shot=1", 400, "cannot have stream=true and one-shot=true"],
  ["POST /networks/net/connect", 400, 'invalid name or ID supplied: ""', {}],
  ["POST /networks/net/disconnect", 400, 'invalid name or ID supplied: ""', {}],
  [`POST /networks/prune?${filters({ until: ["x"] })}`, 400, 'failed to parse value as time or duration: "x"'],
  [`POST /build/prune?${filters({ smell: ["a"] })}`, 400, "invalid filter 'smell'"],
  ["POST /build/prune?max-used-space=x", 400, 'invalid value for "max-used-space": "x" is not an integer'],
  ["POST /build/prune?min-free-space=5", 501, 'berth has nothing for the parameter "min-free-space": leave it out'],
  ["POST /containers/runs/attach?detachKeys=odd-x&stream=1", 400, 'Invalid escape keys (odd-x) provided: unknown key "odd-x"'],
  ["POST /commit", 400, 'invalid name or ID supplied: ""'],
  [
    `GET /images/busybox/history?platform=${platform("s390x")}`,
    404,
    "image with reference busybox was found but does not provide the specified platform (linux/s390x)",
  ],
  [`GET /v1.47/images/busybox/history?platform=${platform("s390x")}`, 200],
  [`GET /v1.48/images/busybox/json?platform=${platform("s390x")}`, 200],
  [
    `DELETE /images/busybox?platforms=${platform("s390x")}`,
    404,
    "image with reference busybox was found but does not provide the specified platform (linux/s390x)",
  ],
  ["POST /images/busybox/tag?repo=moved:1&tag=2", 201],
  ["POST /containers/stopped/exec", 409, "container ID is not running", { Cmd: ["true"] }],
  ["POST /containers/paused/exec", 409, "Container paused is paused, unpause the container before exec", { Cmd: ["true"] }],
  ["POST /containers/paused/pause", 409, "Container ID is already paused"],
  ["POST /containers/stopped/pause", 409, "container ID is not running"],
  ["POST /containers/runs/kill?signal=FOO", 400, "cannot kill container: runs: invalid signal: FOO"],
  ["POST /containers/stopped/kill", 409, "cannot kill container: stopped: container ID is not running"],
  ["POST /containers/stopped/stop", 304],
  ["GET /containers/stopped/top", 409, "container ID is not running"],
  ["GET /containers/runs/top?ps_args=zzz", 400, "ps: error: unsupported option (BSD syntax)"],
  ["POST /containers/runs/stop?signal=FOO", 400, "cannot stop container: runs: invalid signal: FOO"],
  ["POST /containers/runs/restart?signal=FOO", 400, "Cannot restart container runs: invalid signal: FOO"],
  ["POST /containers/runs/resize", 400, 'invalid resize height "": invalid syntax'],
  [
    "POST /containers/runs/exec",
    400,
    "unable to find user nobodyx: no matching entries in passwd file",
    { Cmd: ["true"], User: "nobodyx" },
  ],
  [
    "POST /containers/runs/rename?name=stopped",
    409,
    'Error when allocating new name: Conflict. The container name "/stopped" is already in use by container "ID". You have to remove (or rename) that container to be able to reuse that name.',
  ],
  ["POST /containers/runs/rename", 400, "Neither old nor new names may be empty"],
  [
    "POST /containers/runs/rename?name=-x",
    400,
    "Error when allocating new name: Invalid container name (/-x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
  ],
  [
    "DELETE /containers/runs",
    409,
    'cannot remove container "runs": container is running: stop the container before removing or force remove',
  ],
  ["GET /containers/runs/archive?path=/none", 404, "Could not find the file /none in container runs"],
  ["POST /commit?container=nobody", 404, "No such container: nobody"],
  ["GET /images/none/json", 404, "No such image: none:latest"],
  ["GET /images/BAD/json", 400, "invalid reference format: repository name (library/BAD) must be lowercase"],
  ["POST /images/busybox/tag?repo=sha256&tag=x", 400, "refusing to create an ambiguous tag using digest algorithm as name"],
  [`POST /images/prune?${filters({ dangling: ["x"] })}`, 400, "invalid filter 'dangling=[x]'"],
  ["GET /system/df?type=odd", 400, "unknown object type: odd"],
  ["DELETE /images/none", 404, "No such image: none:latest"],
  ["POST /networks/create", 409, "network with name net already exists", { Name: "net" }],
  ["POST /networks/create", 404, 'plugin "odd" not found', { Name: "n2", Driver: "odd" }],
  ["GET /networks/none1", 404, "network none1 not found"],
  ["POST /networks/none1/connect", 404, "network none1 not found", { Container: "runs" }],
  ["POST /networks/net/connect", 404, "No such container: nobody", { Container: "nobody" }],
  ["DELETE /networks/bridge", 403, "bridge is a pre-defined network and cannot be removed"],
  ["GET /volumes/none1", 404, "get none1: no such volume"],
  [
    "POST /volumes/create",
    400,
    'create b/d: "b/d" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
    { Name: "b/d" },
  ],
  ["DELETE /volumes/none1", 404, "get none1: no such volume"],
  ["DELETE /volumes/vol", 409, "remove vol: volume is in use - [ID]"],
  [
    "GET /swarm",
    503,
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  ],
  ["POST /swarm/leave", 503, "This node is not part of a swarm"],
  ["POST /swarm/init", 501, "berth is no member of a swarm, and cannot become one", {}],
  ["GET /plugins/odd/json", 404, 'plugin "odd" not found'],
  [
    "GET /v1/info",
    400,
    "client version 1 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
  ],
  ["POST /networks/create", 404, 'plugin "odd" not found', { Name: "odd", IPAM: { Driver: "odd" } }],
  ["GET /v1.100/info", 400, "client version 1.100 is too new. Maximum supported API version is 1.51"],
];

test.each(facts)("%s: %i", async (request, status, message, body) => {
  const [method = "", path = ""] = request.split(" ");
  const reply = await api.call(method, path, body);
  const said = reply.status < 400 ? undefined : reply.json.message.replace(/[0-9a-f]{64}/g, "ID");
  expect([reply.status, said]).toEqual([status, message]);
});

test("members that clients of docker's daemon read, whether there is something in them or not", async () => {
  const has = (value: object, ...names: string[]) => expect(Object.keys(value)).toEqual(expect.arrayContaining(names));
  const info = (await api.get("/info")).json;
  has(info, "NFd", "NGoroutines", "RegistryConfig", "ContainerdCommit", "RuncCommit", "InitCommit", "GenericResources");
  expect(info.RegistryConfig.IndexConfigs["docker.io"]).toMatchObject({ Secure: true, Official: true });
  has((await api.get("/version")).json.Components[0].Details, "GitCommit", "GoVersion", "BuildTime", "ApiVersion", "MinAPIVersion");
  const [row] = (await api.get(`/containers/json?all=1&${filters({ name: ["^/stopped$"] })}`)).json;
  has(
    row.NetworkSettings.Networks.none,
    "IPAMConfig",
    "Links",
    "Aliases",
    "DriverOpts",
    "NetworkID",
    "EndpointID",
    "IPAddress",
    "MacAddress",
  );
  const tagged = await api.post("/images/busybox/tag?repo=other");
  expect([tagged.status, tagged.headers["content-type"], tagged.text]).toEqual([201, undefined, ""]);
});

test("ContainerIDFile is told, and written by nobody here", async () => {
  const ContainerIDFile = join(made.root, "id");
  const { status } = await api.post("/containers/create?name=filed", create({ HostConfig: { NetworkMode: "none", ContainerIDFile } }));
  const { HostConfig } = (await api.get("/containers/filed/json")).json;
  await api.call("DELETE", "/containers/filed");
  expect([status, HostConfig.ContainerIDFile, existsSync(ContainerIDFile)]).toEqual([201, ContainerIDFile, false]);
});

test("what is left to the engine is told, an image's history names those it was made from, and what an update contradicts is said", async () => {
  const HostConfig = { NetworkMode: "none", ShmSize: 0, CgroupnsMode: "", Memory: 64 << 20, NanoCpus: 5e8 };
  await api.post("/containers/create?name=limited", create({ HostConfig }));
  const { Id, HostConfig: told } = (await api.get("/containers/limited/json")).json;
  expect(told).toMatchObject({ ShmSize: 64 << 20, CgroupnsMode: expect.stringMatching(/^(host|private)$/) });
  const said = async (body: object) => {
    const { status, json } = await api.post("/containers/limited/update", body);
    return [status, json.message];
  };
  const cannot = `Cannot update container ${Id}: `;
  expect(await said({ Memory: 200 << 20 })).toEqual([
    409,
    `${cannot}Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
  ]);
  expect(await said({ CpuQuota: 50_000 })).toEqual([
    409,
    `${cannot}Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set`,
  ]);
  expect(await said({ Memory: 200 << 20, MemorySwap: 300 << 20 })).toEqual([200, undefined]);
  await api.post("/commit?container=limited&repo=descendant", {});
  await api.call("DELETE", "/containers/limited");
  const rows = (await api.get("/images/descendant/history")).json;
  const ids = await Promise.all(["descendant", "busybox"].map(async (name) => (await api.get(`/images/${name}/json`)).json.Id));
  expect(rows.map(({ Id, Tags }: { Id: string; Tags: string[] }) => [Id, Tags?.[0]])).toEqual([
    [ids[0], "descendant:latest"],
    [ids[1], "busybox:latest"],
  ]);
  await api.call("DELETE", "/images/descendant");
});

test.each([
  [["/etc"], 126, "permission denied"],
  [["/nosuch"], 127, 'exec: "/nosuch": stat /nosuch: no such file or directory'],
  [["nosuch"], 127, "executable file not found in $PATH"],
])("a start of %j fails with %i, said once", async (Cmd, ExitCode, why) => {
  await api.post("/containers/create?name=fails", create({ Cmd, HostConfig: { NetworkMode: "none" } }));
  const { status, json } = await api.post("/containers/fails/start");
  const { State } = (await api.get("/containers/fails/json")).json;
  const waited = (await api.post("/containers/fails/wait")).json;
  await api.call("DELETE", "/containers/fails");
  expect([status, json.message.split(why).length, State.Status, State.ExitCode, waited]).toEqual([
    ...[400, 2, "created", ExitCode],
    { StatusCode: ExitCode },
  ]);
  expect(json.message).toMatch(/^failed to create task for container: .*OCI runtime create failed/);
});

test.each(["/images/none/push", "/images/none/push?tag=x"])("%s says where it would go, and then that there is nothing", async (path) => {
  const { status, text } = await api.post(path);
  const message = "An image does not exist locally with the tag: none";
  expect([
    status,
    ...text
      .trim()
      .split("\r\n")
      .map((line) => JSON.parse(line)),
  ]).toEqual([200, { status: "The push refers to repository [docker.io/library/none]" }, { errorDetail: { message }, error: message }]);
});

test("networks tell of their options of addresses, and are pruned by their age", async () => {
  const IPAM = { Driver: "", Options: { kept: "as it is" } };
  await api.post("/networks/create", { Name: "aged", Internal: true, Labels: { aged: "" }, IPAM });
  expect((await api.get("/networks/aged")).json.IPAM).toMatchObject({ Driver: "default", Options: IPAM.Options });
  const prune = async (until: string) => (await api.post(`/networks/prune?${filters({ until: [until], label: ["aged"] })}`)).json;
  expect(await prune("24h")).toEqual({ NetworksDeleted: null });
  expect(await prune("1ns")).toEqual({ NetworksDeleted: ["aged"] });
});

test("members of answers come and go with the version of the API", async () => {
  await api.post("/containers/create?name=seen", create({ HostConfig: { NetworkMode: "net", Annotations: { a: "b" } } }));
  const at = async (version: string, path: string) => (await api.get(`/v${version}${path}`)).json;
  const row = async (version: string) => (await at(version, `/containers/json?all=1&${filters({ name: ["^/seen$"] })}`))[0];
  expect([await row("1.45"), await row("1.46")].map(({ HostConfig }) => HostConfig)).toEqual([
    { NetworkMode: "net" },
    { NetworkMode: "net", Annotations: { a: "b" } },
  ]);
  const [old, young] = [await at("1.44", "/containers/seen/json"), await at("1.45", "/containers/seen/json")];
  expect(old.NetworkSettings.Networks.net.Aliases).toEqual([old.Id.slice(0, 12)]);
  expect(young.NetworkSettings.Networks.net.Aliases).toBeNull();
  const infos = await Promise.all(["1.46", "1.48", "1.49"].map((version) => at(version, "/info")));
  expect(infos.map(({ RuncCommit, FirewallBackend }) => [RuncCommit.Expected, FirewallBackend?.Driver])).toEqual([
    ...[
      ["", undefined],
      ["", undefined],
    ],
    [undefined, "nftables"],
  ]);
  expect(infos.map(({ RegistryConfig }) => RegistryConfig.AllowNondistributableArtifactsCIDRs)).toEqual([null, undefined, undefined]);
  // What images share is measured for whoever asks what takes space; a list of them has it since 1.42.
  const shared = async (path: string) => {
    const found = await at("1.41", path);
    return (found.Images ?? found)[0].SharedSize;
  };
  expect([await shared("/system/df"), await shared("/images/json?shared-size=1")]).toEqual([0, -1]);
  await api.call("DELETE", "/containers/seen");
});
