/** A name server that knows one address for every name, and a client that asks one question. Plain JS: it runs inside namespaces. */
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";

const [mode, ...args] = process.argv.slice(2);

if (mode === "serve") {
  const [listen, answer] = args;
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => socket.send(reply(question, answer), from.port, from.address));
  socket.bind(53, listen, () => console.log("ready"));
} else {
  const [server, name] = args;
  const resolver = new Resolver({ timeout: 300, tries: 3 });
  resolver.setServers([server]);
  const addresses = await resolver.resolve4(name).catch(() => []);
  process.stdout.write(addresses.join(" "), () => process.exit(0));
}

/** RFC 1035, 4.1: the question back, with one A record of its name; no answer to other types. */
function reply(question, address) {
  let end = 12;
  while (question[end] !== 0) end += question[end] + 1;
  const isAddress = question.readUInt16BE(end + 1) === 1;
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(isAddress ? 1 : 0, 6);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]);
  return Buffer.concat([header, question.subarray(12, end + 5), ...(isAddress ? [record] : [])]);
}
