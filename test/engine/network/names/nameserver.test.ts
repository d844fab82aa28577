/** The name server itself, on addresses of a machine of its own: what it answers, passes on and withstands. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { at, directoryOf, followNames, readRecord } from "../../../../engine/network/names/server.ts";
import { chance } from "../../../support/random.ts";
import { ip, leaveHostMounts, leaveHostNetwork, openScene, type Scene } from "../scene.ts";
import { Asker, askTcp, askUdp, code, question, readReply, replyWith, serveOutside, type } from "./client.ts";

let scene: Scene;
const web = "web1";
const both = "both";
/** Gateways end with 1; what asks is told apart by the address it asks from. */
const files = {
  // The first network; "web" has two addresses of each family, "old" only IPv4, "six" only IPv6.
  aaaaaaaaaaaa: `10.7.1.1,fd00:7:1::1
${web} 10.7.1.2 fd00:7:1::2 web1,web,web1.front,web.front
web2 10.7.1.3 fd00:7:1::3 web2,web,web2.front,web.front
old 10.7.1.4  old,old.front
six  fd00:7:1::5 six,six.front
own 10.7.1.6  own,own.front 127.0.9.2
pair 10.7.1.7  pair,pair.front 127.0.9.9,127.0.9.1
mute 10.7.1.8  mute,mute.front 127.0.9.9,127.0.9.8
${both} 10.7.1.9  both,both.front 127.0.9.1
`,
  bbbbbbbbbbbb: `10.7.2.1
db 10.7.2.2  db,db.back 127.0.9.1
${both} 10.7.2.9  both,both.back 127.0.9.1
`,
  "cccccccccccc%int": `10.7.3.1
vault 10.7.3.2  vault,vault.hidden 127.0.9.1
`,
};

const fileAt = (name: string) => join(directoryOf(scene.house), name);

beforeAll(async () => {
  leaveHostNetwork();
  leaveHostMounts();
  for (const net of ["10.7.1", "10.7.2", "10.7.3"]) ip("addr", "add", `${net}.0/24`, "dev", "lo");
  for (const each of ["1", "2", "3", "99"]) ip("addr", "add", `fd00:7:1::${each}/128`, "dev", "lo", "nodad");
  scene = openScene();
  await scene.network({ Name: "makes-the-directories" });
  await scene.attach("first", { mode: "makes-the-directories" });
});

beforeEach(async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(fileAt(name), text, { mode: 0o644 });
  await followNames(scene.house);
});

afterAll(async () => {
  for (const name of readdirSync(directoryOf(scene.house))) if (!name.startsWith(".")) rmSync(fileAt(name)); // the server ends with the last
  await scene[Symbol.asyncDispose]();
});

const pid = () => readRecord(scene.house, at.pid);
const statusOf = (key: string) => new RegExp(`^${key}:[ \t]*(.*?) *$`, "m").exec(readFileSync(`/proc/${pid()}/status`, "utf8"))?.[1];

describe("names", () => {
  const ask = (name: string, kind?: number, from = "10.7.1.4") => askUdp(from, "10.7.1.1", name, kind);

  test("all addresses of a family, in letters of any size, with the network's name too; none of a family that there is none of", async () => {
    const found = await ask("WeB");
    expect(found).toMatchObject({ code: 0, name: "WeB", ttls: [600, 600] });
    expect(found.answers.toSorted()).toEqual(["10.7.1.2", "10.7.1.3"]);
    expect((await ask("web.FRONT", type.AAAA)).answers.toSorted()).toEqual(["fd00:7:1::2", "fd00:7:1::3"]);
    expect(await ask("old")).toMatchObject({ code: 0, answers: ["10.7.1.4"] });
    for (const [name, kind] of [
      ["old", type.AAAA],
      ["six", type.A],
      ["web", type.MX],
    ] as const)
      expect(await ask(name, kind), name).toMatchObject({ code: 0, answers: [] });
  });

  test("the first of several addresses is now this one, now that one", async () => {
    const firsts = new Set<string | undefined>();
    while (firsts.size < 2) firsts.add((await ask("web")).answers[0]);
  });

  test("over IPv6 and TCP as well, several questions over one connection", async () => {
    expect(await askUdp("fd00:7:1::2", "fd00:7:1::1", "old")).toMatchObject({ answers: ["10.7.1.4"] });
    for (const [from, server] of [
      ["10.7.1.2", "10.7.1.1"],
      ["fd00:7:1::2", "fd00:7:1::1"],
    ] as const) {
      const replies = await askTcp(from, server, [question("old"), question("six")]);
      expect(replies.map(readReply)).toMatchObject([{ answers: ["10.7.1.4"] }, { code: 0, answers: [] }]);
    }
  });

  test("an address has a name, and the answer stands under the name that was asked for", async () => {
    const reverse = "4.1.7.10.in-addr.arpa";
    expect(await ask(reverse, type.PTR)).toMatchObject({ code: 0, name: reverse, answers: ["old.front"] });
    const nibbles = `5.${"0.".repeat(19)}1.0.0.0.7.0.0.0.0.0.d.f.ip6.arpa`;
    expect(await ask(nibbles, type.PTR)).toMatchObject({ code: 0, answers: ["six.front"] });
  });

  test("who is on two networks finds the names of both at either; others, and strangers, those of the one they ask", async () => {
    // The others' names are asked of the outside: there is none.
    expect(await askUdp("10.7.1.9", "10.7.1.1", "db")).toMatchObject({ answers: ["10.7.2.2"] });
    expect(await askUdp("10.7.2.9", "10.7.2.1", "old")).toMatchObject({ answers: ["10.7.1.4"] });
    expect(await askUdp("10.7.2.2", "10.7.2.1", "old")).toMatchObject({ code: code.SERVFAIL });
    expect(await askUdp("10.7.2.2", "10.7.1.1", "old")).toMatchObject({ code: code.SERVFAIL });
    expect(await askUdp("10.7.1.99", "10.7.1.1", "old")).toMatchObject({ answers: ["10.7.1.4"] });
    expect(await askUdp("10.7.1.99", "10.7.1.1", "db")).toMatchObject({ code: code.SERVFAIL });
  });

  test("more addresses than an answer has room for: it says so, and TCP gives all", async () => {
    const many = Array.from({ length: 120 }, (_, each) => `m${each} 10.7.1.${each + 100}  many,many.front\n`).join("");
    writeFileSync(fileAt("aaaaaaaaaaaa"), `${files.aaaaaaaaaaaa}${many}`);
    await followNames(scene.house);
    const short = await ask("many");
    expect(short.truncated).toBe(true);
    expect(short.answers.length).toBeLessThan(32);
    expect((await askUdp("10.7.1.4", "10.7.1.1", "many", type.A, { room: 4096 })).answers).toHaveLength(120);
    const [whole] = await askTcp("10.7.1.4", "10.7.1.1", [question("many")]);
    expect(readReply(whole as Buffer).answers).toHaveLength(120);
  });
});

describe("the outside", () => {
  test("own servers of the asker are asked, under an id of the server's own; a wrong id, a wrong question and a stray answer are not taken", async () => {
    await using outside = await serveOutside("127.0.9.2", (asked) => {
      const [forged, other] = [replyWith(asked, ["192.0.2.66"]), replyWith(question("else.example", type.A), ["192.0.2.67"])];
      forged.writeUInt16BE(asked.readUInt16BE(0) ^ 1, 0);
      asked.copy(other, 0, 0, 2);
      return [Buffer.from([1]), forged, other, replyWith(asked, ["192.0.2.1"])];
    });
    const replies = [];
    for (let each = 0; each < 8; each++) replies.push(await askUdp("10.7.1.6", "10.7.1.1", "www.example"));
    expect(replies).toEqual(replies.map(() => expect.objectContaining({ code: 0, answers: ["192.0.2.1"] })));
    expect(outside.asked.every((asked) => asked.readUInt16BE(0) === 0x1234)).toBe(false);
  });

  test("a name without a dot that no container has is asked there too, and told as it is told there", async () => {
    const known = (asked: Buffer) => readReply(asked).name === "printer";
    await using outside = await serveOutside("127.0.9.2", (asked) => [
      known(asked) ? replyWith(asked, ["192.0.2.1"]) : replyWith(asked, [], code.NXDOMAIN),
    ]);
    expect(await askUdp("10.7.1.6", "10.7.1.1", "printer")).toMatchObject({ code: 0, answers: ["192.0.2.1"] });
    expect(await askUdp("10.7.1.6", "10.7.1.1", "nobody")).toMatchObject({ code: code.NXDOMAIN, answers: [] });
    const byTcp = await askTcp("10.7.1.6", "10.7.1.1", [question("printer"), question("nobody"), question("old")]);
    expect(byTcp.map(readReply)).toMatchObject([{ answers: ["192.0.2.1"] }, { code: code.NXDOMAIN }, { answers: ["10.7.1.4"] }]);
    expect(outside.asked.map((asked) => readReply(asked).name)).toEqual(["printer", "nobody"]); // by UDP: "old" stayed here
  });

  test("the next server is asked when one refuses or fails; when none answers, the asker is told", async () => {
    await using _good = await serveOutside("127.0.9.1", (asked) => [replyWith(asked, ["192.0.2.1"])]);
    expect(await askUdp("10.7.1.7", "10.7.1.1", "www.example")).toMatchObject({ answers: ["192.0.2.1"] });
    expect(await askUdp("10.7.1.8", "10.7.1.1", "www.example")).toMatchObject({ code: code.SERVFAIL });
    await using _failing = await serveOutside("127.0.9.9", (asked) => [replyWith(asked, [], code.SERVFAIL)]);
    expect(await askUdp("10.7.1.7", "10.7.1.1", "www.example")).toMatchObject({ answers: ["192.0.2.1"] });
    const [byTcp] = await askTcp("10.7.1.7", "10.7.1.1", [question("www.example")]);
    expect(readReply(byTcp as Buffer)).toMatchObject({ answers: ["192.0.2.1"] });
    await using _silent = await serveOutside("127.0.9.8", () => []);
    expect(await askUdp("10.7.1.8", "10.7.1.1", "www.example")).toMatchObject({ code: code.SERVFAIL });
  });

  test("what names no container is asked of the host's servers, as its resolv.conf is now; a loopback one is the host's", async () => {
    await using _one = await serveOutside("127.0.9.1", (asked) => [replyWith(asked, ["192.0.2.1"])]);
    await using _two = await serveOutside("127.0.9.2", (asked) => [replyWith(asked, ["192.0.2.2"])]);
    const conf = join(scene.root, "resolv.conf");
    for (const [text, address] of [
      ["#nameserver 127.0.9.2\n ; nameserver 127.0.9.2\n\n nameserver\t127.0.9.1#of the host\n", "192.0.2.1"],
      ["search example\nnameserver 127.0.9.2\n", "192.0.2.2"],
    ] as const) {
      writeFileSync(conf, text);
      await withResolvConf(conf, async () => {
        expect(await askUdp("10.7.1.2", "10.7.1.1", "www.example")).toMatchObject({ answers: [address] });
      });
    }
  });

  test("large answers pass by UDP as far as the asker can take them, and by TCP up to 64 KiB", async () => {
    const addresses = Array.from({ length: 4000 }, (_, each) => `192.0.${each >> 8}.${each & 255}`);
    await using _outside = await serveOutside("127.0.9.2", (asked, protocol) => [
      replyWith(asked, addresses.slice(0, protocol === "tcp" ? 4000 : asked.readUInt16BE(10) * 240)),
    ]);
    expect((await askUdp("10.7.1.6", "10.7.1.1", "big.example", type.A, { room: 4096 })).answers).toHaveLength(240);
    const replies = await askTcp("10.7.1.6", "10.7.1.1", [question("big.example"), question("old")]);
    expect(replies.map((reply) => readReply(reply).answers.length)).toEqual([4000, 1]);
  });

  test("who is on internal networks alone is told nothing of it; who is on another too is", async () => {
    await using outside = await serveOutside("127.0.9.1", (asked) => [replyWith(asked, ["192.0.2.1"])]);
    expect(await askUdp("10.7.3.2", "10.7.3.1", "vault")).toMatchObject({ answers: ["10.7.3.2"] });
    expect(await askUdp("10.7.3.2", "10.7.3.1", "www.example")).toMatchObject({ code: code.SERVFAIL });
    for (const kind of [type.A, type.AAAA])
      expect(await askUdp("10.7.3.2", "10.7.3.1", "nobody", kind)).toMatchObject({ code: code.NXDOMAIN }); // nor made to wait
    expect(outside.asked).toEqual([]);
    writeFileSync(fileAt("bbbbbbbbbbbb"), `${files.bbbbbbbbbbbb}vault 10.7.2.3  vault,vault.back 127.0.9.1\n`);
    await followNames(scene.house);
    expect(await askUdp("10.7.3.2", "10.7.3.1", "www.example")).toMatchObject({ answers: ["192.0.2.1"] });
  });
});

/** With a file as the server's /etc/resolv.conf: the server has the mounts of this process. */
async function withResolvConf(file: string, body: () => Promise<void>): Promise<void> {
  const { status, output } = scene.inside("/proc/self/ns/net", "mount", "--bind", file, "/etc/resolv.conf");
  expect({ status, output }).toEqual({ status: 0, output: "" });
  try {
    await body();
  } finally {
    scene.inside("/proc/self/ns/net", "umount", "/etc/resolv.conf");
  }
}

describe("changes", () => {
  test("no question is lost while names are read a hundred times, nor one that waits for an answer from outside", async () => {
    let release = () => {};
    await using _outside = await serveOutside("127.0.9.2", (asked) => [replyWith(asked, ["192.0.2.1"])]);
    await using asker = await Asker.open("10.7.1.6", "10.7.1.1");
    const answered = new Set<number>();
    asker.onMessage((message) => {
      answered.add(message.readUInt16BE(0));
      if (readReply(message).code === 0) release();
    });
    let asked = 0;
    for (let reading = 0; reading < 100; reading++) {
      const read = followNames(scene.house);
      for (let each = 0; each < 5; each++) {
        asker.send(question(each % 2 ? "old" : "www.example", type.A, { id: asked++ }));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await read;
      while (answered.size < asked) await new Promise<void>((resolve) => (release = resolve));
    }
    expect(answered.size).toBe(500);
  });

  test("an address that goes is closed, one that comes is answered at, and the others' sockets stay", async () => {
    const sockets = () => readFileSync(`/proc/${pid()}/net/udp`, "latin1").match(/:0035 .*/g)?.length;
    const [before, server] = [sockets() as number, pid()];
    writeFileSync(fileAt("dddddddddddd"), "10.7.1.200\nnew 10.7.1.201  new,new.more\n", { mode: 0o644 });
    await followNames(scene.house);
    expect(sockets()).toBe(before + 1);
    expect(await askUdp("10.7.1.201", "10.7.1.200", "new")).toMatchObject({ answers: ["10.7.1.201"] });
    writeFileSync(fileAt("dddddddddddd"), "");
    await followNames(scene.house);
    expect(sockets()).toBe(before);
    expect(pid()).toBe(server);
  });
});

describe("safety", () => {
  test("it has no rights but to listen", () => {
    expect([statusOf("Uid"), statusOf("Gid"), statusOf("Groups"), statusOf("NoNewPrivs")]).toEqual([
      "65534\t65534\t65534\t65534",
      "65534\t65534\t65534\t65534",
      "",
      "1",
    ]);
    for (const set of ["CapEff", "CapPrm"]) expect(Number.parseInt(statusOf(set) as string, 16)).toBe(1 << 10);
    expect(Number.parseInt(statusOf("CapInh") as string, 16)).toBe(0);
  });

  test("malformed questions are refused, answers are no questions", async () => {
    await using asker = await Asker.open("10.7.1.4", "10.7.1.1");
    const changed = (...changes: [at: number, value: number][]) => {
      const message = question("old");
      for (const [at, value] of changes) message[at] = value;
      return message;
    };
    const codeOf = async (message: Buffer) => ((await asker.next(message))[3] as number) & 15;
    expect(await codeOf(changed([2, 0x20]))).toBe(code.NOTIMP);
    for (const questions of [0, 2]) expect(await codeOf(changed([5, questions]))).toBe(code.FORMERR);
    expect(await codeOf(changed([12, 0xc0], [13, 12]))).toBe(code.FORMERR); // points to itself
    expect(await codeOf(question("old").subarray(0, 18))).toBe(code.FORMERR);
    expect(await codeOf(question(Array(4).fill("x".repeat(63)).join(".")))).toBe(code.FORMERR);
    const longest = `${Array(3).fill("x".repeat(63)).join(".")}.${"x".repeat(61)}`;
    expect(await codeOf(question(longest, type.PTR))).not.toBe(code.FORMERR);
    for (const silent of [changed([2, 0x81]), Buffer.alloc(0), question("old").subarray(0, 11)]) asker.send(silent);
    expect(readReply(await asker.next(question("old"))).answers).toEqual(["10.7.1.4"]);
  });

  test("thousands of broken messages neither end it nor make it grow", { timeout: 180_000 }, async () => {
    await using _outside = await serveOutside("127.0.9.2", (asked) => [asked, broken(asked), broken(replyWith(asked, ["192.0.2.1"]))]);
    const { next } = chance(20_261_130);
    function broken(message: Buffer): Buffer {
      const copy = Buffer.concat([message, Buffer.alloc(Math.floor(next() * 20))]);
      for (let changes = next() * 6; changes > 0; changes--) copy[Math.floor(next() * copy.length)] = Math.floor(next() * 256);
      return copy.subarray(0, next() < 0.3 ? Math.floor(next() * copy.length) : copy.length);
    }
    const server = pid();
    const seeds = [
      question("old"),
      question("www.example", type.A, { room: 4096 }),
      question("4.1.7.10.in-addr.arpa", type.PTR),
      question(`${"0.".repeat(32)}ip6.arpa`, type.PTR),
      question("x".repeat(63), type.MX),
    ];
    const seed = () => broken(seeds[Math.floor(next() * seeds.length)] as Buffer);
    await using asker = await Asker.open("10.7.1.6", "10.7.1.1");
    await using calm = await Asker.open("10.7.1.4", "10.7.1.1");
    for (let each = 0; each < 5000; each++) {
      asker.send(next() < 0.05 ? Buffer.from(Array.from({ length: 600 }, () => next() * 256)) : seed());
      if (each % 20 === 0) expect(readReply(await calm.next(question("old"))).answers).toEqual(["10.7.1.4"]);
      if (each % 100 === 0) await askTcp("10.7.1.6", "10.7.1.1", [seed().subarray(0, 5), question("old")]).catch(() => []);
    }
    expect(readReply(await calm.next(question("old"))).answers).toEqual(["10.7.1.4"]);
    expect(pid()).toBe(server);
    expect(Number.parseInt(statusOf("VmRSS") as string, 10)).toBeLessThan(2048);
  });
});
