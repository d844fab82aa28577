#!/bin/sh
# Runs in the virtual machine, as a service: the tests, with their output on the second console, which the host reads.
# The last line is "vm: status N"; then the machine goes off.
exec >/dev/hvc0 2>&1 </dev/null
stty -F /dev/hvc0 raw
cd /opt/berth || exit 1
PATH=$PWD/node_modules/.bin:$PATH
export PATH
word() { sed -n "s/.* $1=\([^ ]*\).*/\1/p" /proc/cmdline; }
echo "vm: $(uname -sr), $(systemctl --version | sed -n 1p), $(crun --version | sed -n 1p), $(runc --version | sed -n 1p)"
echo "vm: up after $(cut -d' ' -f1 /proc/uptime) s; this is in $(tail -n 1 /proc/self/cgroup)"
if [ "$(word vm.shell)" ]; then
  setsid -c sh -i <>/dev/ttyS0 >&0 2>&1
else
  bin/berth doctor
  # Through a pipe: on a terminal vitest would draw, again and again. What is on the command line are names of files.
  # shellcheck disable=SC2046
  { vitest run --config test/vm/vitest.config.ts $(word vm.only | tr , ' ') 2>&1; echo "vm: status $?"; } | cat
fi
systemctl poweroff
