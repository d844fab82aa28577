# Docker's library for Python, over the server that DOCKER_HOST names: prints what it found, a line each.
import io
import socket
import tarfile

import docker

client = docker.from_env(version="auto")


def show(*words):
    print(*words, flush=True)


show("ping", client.ping(), client.api._version)
show("run", client.containers.run("busybox", ["echo", "hello"], remove=True))
try:
    client.containers.run("busybox", ["sh", "-c", "echo bad >&2; exit 3"], remove=True)
except docker.errors.ContainerError as error:
    show("failed", error.exit_status, error.stderr)
one = client.containers.run("busybox", ["sh", "-c", "echo one; sleep 1000"], detach=True, name="python")
show("exec", one.exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"], demux=True))
session = one.exec_run(["cat"], stdin=True, socket=True).output._sock
session.sendall(b"typed\n")
session.shutdown(socket.SHUT_WR)
show("typed", session.recv(100)[8:])
show("log", next(one.logs(stream=True, follow=True)))
lines = client.containers.run("busybox", ["sh", "-c", "echo a; echo b"], detach=True)
lines.wait()
show("lines", list(lines.logs(stream=True)))
lines.remove()
show("stats", one.stats(stream=False)["pids_stats"]["current"] > 0)
archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    entry = tarfile.TarInfo("word")
    entry.size = 5
    tar.addfile(entry, io.BytesIO(b"hello"))
one.put_archive("/tmp", archive.getvalue())
chunks, stat = one.get_archive("/tmp/word")
show("archive", stat["name"], stat["size"], len(b"".join(chunks)))
image, lines = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nLABEL a=b\n"), tag="python:1")
show("build", image.tags, image.labels)
limits = {"memory": 1 << 26, "memswap": 1 << 27, "cpushares": 5, "cpusetcpus": "0"}
image, lines = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nLABEL a=b\n"), container_limits=limits)
show("limits", [line["stream"] for line in lines if "limited" in line.get("stream", "")])
try:
    client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN exit 5\n"))
except docker.errors.BuildError as error:
    show("build failed", error.msg)
try:
    client.containers.create("no-such-image:1")
except docker.errors.ImageNotFound as error:
    show("missing", error.explanation)
network = client.networks.create("python")
network.connect(one)
one.reload()
show("networks", sorted(one.attrs["NetworkSettings"]["Networks"]))
network.disconnect(one)
network.remove()
one.stop(timeout=0)
show("wait", one.wait())
one.remove()
client.images.remove("python:1")
show("left", len(client.containers.list(all=True)))
