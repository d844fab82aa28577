/** Units of systemd: a socket that is there from boot on, and the server that the first client starts. Pure. */

export interface UnitWish {
  /** The program and its first words. */
  command: readonly string[];
  /** State directory. */
  root: string;
  socket: string;
  group: string;
}

/** As systemd reads a word: systemd.service(5), "Command lines"; "%" and "$" begin what it fills in. */
const word = (text: string) => `"${text.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
/** Elsewhere only "%" is special. */
const path = (text: string) => text.replaceAll("%", "%%");

/** File names, and what is in them. */
export function unitFiles({ command, root, socket, group }: UnitWish): Record<string, string> {
  const start = [...command, "--root", root, "serve", "fd://"].map(word).join(" ");
  return {
    "berth.socket": `[Unit]
Description=Docker's API, served by berth

[Socket]
ListenStream=${path(socket)}
SocketMode=0660
SocketUser=root
SocketGroup=${path(group)}
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
`,
    // KillMode: containers have control groups of their own, and what else the server has started ends by itself.
    "berth.service": `[Unit]
Description=Docker's API, served by berth until nobody asks
Requires=berth.socket
After=berth.socket network.target

[Service]
ExecStart=${start}
KillMode=process
SuccessExitStatus=143
`,
  };
}
