/*
 * Carries what reaches an IPv6 port of the host to a container that has only an IPv4 address: the kernel translates
 * addresses within a family, never between them. One process per container, without libraries and without a heap; it
 * sleeps in ppoll, and every connection is a pair of processes, one per direction, which end with it.
 *
 *     forwarder OWNER KINDS      descriptors 4, 5, … are bound sockets, KINDS says of each: t(cp, listening) or u(dp)
 *
 * OWNER is for those who look at the process list. Descriptor 3 is the record that forward/start.ts writes and may change
 * at any time: four bytes for this process's id, four that are not 0 once nobody wants it any more, then eight per
 * socket: IPv4 address and port of the container in network order, address 0 for nowhere. Compiled by scripts/programs.mjs into forwarder.ts.
 */
#include "system.h"

enum { RECORD = 3, FIRST = 4, SOCKETS = 256, CONNECTIONS = 512, FLOWS = 128, BUFFER = 65536, BACKLOG = 512 };

struct ipv4 { u16 family, port; u32 address; u8 zero[8]; };
struct ipv6 { u8 bytes[28]; };
struct target { u32 address; u16 port, zero; };
struct flow { struct ipv6 client; int socket, fd; u32 used; };

static char buffer[BUFFER];
static struct flow flows[FLOWS];
static struct pollfd polled[1 + SOCKETS + FLOWS];
static u32 turn;

/* A socket connected to where the record leads the nth listener now, or a negative number. */
static int reach(int index, int type) {
  struct target target;
  if (CALL(pread64, RECORD, &target, sizeof target, 8 + 8 * index, 0, 0) != sizeof target || target.address == 0) return -1;
  struct ipv4 address = {AF_INET, target.port, target.address, {0, 0, 0, 0, 0, 0, 0, 0}};
  int fd = CALL(socket, AF_INET, type | SOCK_CLOEXEC, 0, 0, 0, 0);
  if (fd < 0 || CALL(connect, fd, &address, sizeof address, 0, 0, 0) == 0) return fd;
  CALL(close, fd, 0, 0, 0, 0, 0);
  return -1;
}

/* One direction of a connection, to its end; the other may go on. */
static void carry(int from, int to) {
  long length;
  while ((length = CALL(read, from, buffer, BUFFER, 0, 0, 0)) > 0)
    for (long sent = 0, now; sent < length; sent += now)
      if ((now = CALL(write, to, buffer + sent, length - sent, 0, 0, 0)) <= 0) return;
  CALL(shutdown, to, SHUT_WR, 0, 0, 0, 0);
}

/* The process of a connection, and its child for the way back. It dies with the forwarder, which holds the ports. */
static void serve(int index, int client, int listeners) {
  CALL(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
  for (int each = 0; each < listeners; each++) CALL(close, FIRST + each, 0, 0, 0, 0, 0);
  int server = reach(index, SOCK_STREAM);
  if (server < 0) leave();
  long child = CALL(clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (child < 0) leave();
  if (child == 0) {
    CALL(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
    carry(server, client);
    leave();
  }
  carry(client, server);
  CALL(wait4, child, 0, 0, 0, 0, 0);
  leave();
}

static int same(const struct ipv6 *a, const struct ipv6 *b) {
  for (u32 at = 0; at < sizeof *a; at++)
    if (a->bytes[at] != b->bytes[at]) return 0;
  return 1;
}

/* The flow of a UDP client; a new one takes the place of the one that was silent longest. */
static struct flow *flow_of(int index, const struct ipv6 *client) {
  struct flow *oldest = flows;
  for (struct flow *flow = flows; flow < flows + FLOWS; flow++) {
    if (flow->used && flow->socket == FIRST + index && same(&flow->client, client)) return flow;
    if (flow->used < oldest->used) oldest = flow;
  }
  if (oldest->used) CALL(close, oldest->fd, 0, 0, 0, 0, 0);
  oldest->used = 0;
  int fd = reach(index, SOCK_DGRAM | SOCK_NONBLOCK);
  if (fd < 0) return 0;
  oldest->client = *client;
  oldest->socket = FIRST + index;
  oldest->fd = fd;
  return oldest;
}

static void ask(int index) {
  struct ipv6 client;
  int size = sizeof client;
  long length = CALL(recvfrom, FIRST + index, buffer, BUFFER, 0, &client, &size);
  if (length < 0) return;
  struct flow *flow = flow_of(index, &client);
  if (!flow) return;
  flow->used = ++turn;
  /* A container whose port was closed for a while refuses the first datagram after that; the second is sent. */
  if (CALL(sendto, flow->fd, buffer, length, 0, 0, 0) < 0) CALL(sendto, flow->fd, buffer, length, 0, 0, 0);
}

static void answer(struct flow *flow) {
  long length = CALL(recvfrom, flow->fd, buffer, BUFFER, 0, 0, 0);
  if (length >= 0) CALL(sendto, flow->socket, buffer, length, 0, &flow->client, sizeof flow->client);
}

static void work(const char *kinds) {
  int listeners = 0, connections = 0;
  become_nobody(); /* its sockets are bound and its record is open */
  unsigned long child = 1UL << (SIGCHLD - 1);
  int pid = CALL(getpid, 0, 0, 0, 0, 0, 0);
  CALL(rt_sigprocmask, SIG_BLOCK, &child, 0, sizeof child, 0, 0);
  for (; listeners < SOCKETS && kinds[listeners]; listeners++) {
    CALL(fcntl, FIRST + listeners, F_SETFL, O_NONBLOCK, 0, 0, 0);
    if (kinds[listeners] == 't') CALL(listen, FIRST + listeners, BACKLOG, 0, 0, 0, 0);
  }
  int ended = CALL(signalfd4, -1, &child, sizeof child, O_NONBLOCK | SOCK_CLOEXEC, 0, 0);
  CALL(pwrite64, RECORD, &pid, sizeof pid, 0, 0, 0);
  /* Whoever takes the port back marks the record before looking for the id: one of the two sees the other. */
  int unwanted = 0;
  if (CALL(pread64, RECORD, &unwanted, sizeof unwanted, 4, 0, 0) != sizeof unwanted || unwanted) leave();
  for (;;) {
    polled[0] = (struct pollfd){ended, POLLIN, 0};
    for (int each = 0; each < listeners; each++)
      polled[1 + each] = (struct pollfd){kinds[each] == 't' && connections == CONNECTIONS ? -1 : FIRST + each, POLLIN, 0};
    for (int each = 0; each < FLOWS; each++)
      polled[1 + listeners + each] = (struct pollfd){flows[each].used ? flows[each].fd : -1, POLLIN, 0};
    CALL(ppoll, polled, 1 + listeners + FLOWS, 0, 0, 0, 0);
    if (polled[0].revents) {
      CALL(read, ended, buffer, 128, 0, 0, 0);
      while (CALL(wait4, -1, 0, WNOHANG, 0, 0, 0) > 0) connections--;
    }
    /* Answers first: a question may give a flow's place to another. */
    for (int each = 0; each < FLOWS; each++)
      if (polled[1 + listeners + each].revents) answer(flows + each);
    for (int each = 0; each < listeners; each++) {
      if (!polled[1 + each].revents) continue;
      if (kinds[each] == 'u') {
        ask(each);
        continue;
      }
      int client = CALL(accept4, FIRST + each, 0, 0, SOCK_CLOEXEC, 0, 0);
      if (client < 0) continue;
      long process = CALL(clone, SIGCHLD, 0, 0, 0, 0, 0);
      if (process == 0) serve(each, client, listeners);
      if (process > 0) connections++;
      CALL(close, client, 0, 0, 0, 0, 0);
    }
  }
}

static void begin(long *stack) {
  if (stack[0] == 3) work((const char *)stack[3]);
  leave();
}
