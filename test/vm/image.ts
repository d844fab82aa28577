/**
 * The virtual machine's disk: Debian with systemd, everything berth needs and both runtimes, as an ext4 file system that
 * also holds the kernel it is booted with. Made once for each recipe and cached beside the other test images.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, installDebian } from "../support/rootfs.ts";

const packages = [
  ...["linux-image-cloud-amd64", "initramfs-tools", "kmod", "udev", "systemd", "systemd-sysv", "dbus", "libpam-systemd", "openssh-server"],
  ...["runc", "crun", "conmon", "libnftables1", "nftables", "iptables", "iproute2", "busybox-static", "tini"],
  ...["mount", "util-linux", "procps", "ca-certificates", "git", "xz-utils", "bzip2"],
];

/** Where the checkout is in the machine: its path must not matter to anybody. */
export const checkout = "/opt/berth";

const files: Record<string, string> = {
  // The root device and the second disk; no module is looked for at boot.
  "usr/share/initramfs-tools/modules.d/vm": "virtio_pci\nvirtio_blk\next4\n",
  "etc/initramfs-tools/conf.d/vm": "MODULES=list\n",
  "etc/fstab": `/dev/vda / ext4 defaults 0 0\n/dev/vdb ${checkout} ext4 defaults 0 0\n`,
  "etc/modules-load.d/vm.conf": "virtio_console\n",
  // The strictest there is: whatever a session leaves is killed at its end, root's too.
  "etc/systemd/logind.conf.d/vm.conf": "[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n",
  "etc/systemd/system/vm-tests.service": `[Unit]
After=ssh.service systemd-logind.service
RequiresMountsFor=${checkout}
[Service]
Type=oneshot
Environment=HOME=/root
ExecStart=/bin/sh ${checkout}/test/vm/guest.sh
[Install]
WantedBy=multi-user.target
`,
};

const hooks = [
  // One name for whatever version it is; debugfs does not follow links.
  'cp -L "$1"/vmlinuz "$1"/boot/vm-kernel && cp -L "$1"/initrd.img "$1"/boot/vm-initrd',
  'chroot "$1" systemctl --quiet enable vm-tests.service',
  'chroot "$1" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-timesyncd.service',
  `mkdir -p "$1"${checkout} && rm -rf "$1"/var/cache/apt "$1"/var/lib/apt/lists`,
];

/** Bytes of the file system; sparse in the cache. */
const size = 3 * 2 ** 30;

export function guestImage(): string {
  const recipe = createHash("sha256").update(JSON.stringify({ packages, files, hooks, size })).digest("hex");
  return cached(`vm-${recipe.slice(0, 12)}.ext4`, (target, work) => {
    const overlay = join(work, "overlay");
    for (const [path, text] of Object.entries(files)) write(join(overlay, path), text);
    const root = join(work, "root");
    installDebian(root, work, packages, [
      ...["--variant=minbase", "--format=directory", "--dpkgopt=force-unsafe-io", `--essential-hook=cp -r ${overlay}/. "$1"/`],
      ...hooks.map((hook) => `--customize-hook=${hook}`),
    ]);
    makeDisk(target, root, size);
  });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** An ext4 file system with a directory's content, without a mount. */
export function makeDisk(target: string, directory: string, bytes: number): void {
  execFileSync("mke2fs", ["-q", "-t", "ext4", "-O", "^has_journal", "-d", directory, target, `${bytes / 1024}k`], { stdio: "pipe" });
}

/** Takes the kernel and its initial file system out of the image. */
export function takeKernel(image: string, directory: string): { kernel: string; initrd: string } {
  const [kernel, initrd] = ["vm-kernel", "vm-initrd"].map((name) => {
    const path = join(directory, name);
    execFileSync("debugfs", ["-R", `dump /boot/${name} ${path}`, image], { stdio: "pipe" });
    if (!existsSync(path)) throw new Error(`cannot take "${name}" out of "${image}"`);
    return path;
  }) as [string, string];
  return { kernel, initrd };
}
