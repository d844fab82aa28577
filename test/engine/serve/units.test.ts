import { expect, test } from "vitest";
import { unitFiles } from "../../../engine/serve/units.ts";

test("words and paths reach systemd as they are, whatever is in them", () => {
  const files = unitFiles({ command: ["/opt/my node", "--x=50%"], root: '/a "b" $c', socket: "/run/100%.sock", group: "docker" });
  expect(files["berth.service"]).toContain(`ExecStart="/opt/my node" "--x=50%%" "--root" "/a \\"b\\" $$c" "serve" "fd://"\n`);
  expect(files["berth.socket"]).toContain("ListenStream=/run/100%%.sock\n");
});
