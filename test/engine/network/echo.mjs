/** A server that tells who it is and who asked, over TCP and UDP, the client that asks it, and a server that copies. Plain JS: it runs inside namespaces. */
import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";

const [mode, ...args] = process.argv.slice(2);

if (mode === "serve") {
  const [port, name] = args;
  const udp = createSocket({ type: "udp4" });
  udp.on("message", (_message, from) => udp.send(`${name} ${from.address}`, from.port, from.address));
  await new Promise((resolve) => udp.bind(Number(port), "0.0.0.0", resolve));
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(`${name} ${socket.remoteAddress?.replace("::ffff:", "")}`);
  });
  tcp.listen(Number(port), () => console.log("ready"));
} else if (mode === "copy") {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => socket.end(Buffer.concat(chunks)));
    socket.on("error", () => {});
  });
  server.listen(Number(args[0]), () => console.log("ready"));
} else {
  const [address, port, protocol] = args;
  setTimeout(() => process.exit(1), 1500);
  if (protocol === "udp") {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.on("message", (message) => {
      process.stdout.write(message, () => process.exit(0));
    });
    const send = () => socket.send("who?", Number(port), address);
    send();
    setInterval(send, 100); // a lost datagram is no failure
  } else {
    const socket = connect(Number(port), address);
    socket.on("error", () => process.exit(1));
    socket.on("end", () => process.exit(0));
    socket.pipe(process.stdout);
  }
}
