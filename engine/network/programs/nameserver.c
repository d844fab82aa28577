/*
 * The name server of user networks: one process per state directory, which answers at every network's gateways and
 * passes on what is no container's name. Without libraries and without a heap; it sleeps in ppoll. Each TCP connection
 * is a process of its own, which ends with it.
 *
 *     nameserver DIRECTORY      descriptor 4 is that directory; its path is for those who look at the process list
 *
 * A file in it is a network ("ID", or "ID%int" for an internal one; dns.ts writes them): a line of addresses to answer
 * on, then "OWNER IPV4 IPV6 NAME,NAME… [SERVER,SERVER…]" for each endpoint. SIGHUP makes it read them: sockets whose
 * address stays are kept, so that no question is lost. Descriptor 3 is the record (server.ts), six numbers of four bytes:
 * this process's id; not 0 once nobody wants it; which reading is asked for; which is done; how many UDP sockets there are;
 * the last error of binding one. It ends when the record is deleted, as nobody finds it any more. Compiled by
 * scripts/programs.mjs into nameserver.ts.
 * Whatever is malformed is refused or dropped.
 */
#include "system.h"
#include "text.h"
#include "networks.h"
#include "messages.h"
#include "upstream.h"

enum { RECORD = 3, PID = 0, UNWANTED = 4, ASKED = 8, DONE = 12, SOCKETS = 16, ERROR = 20 };
/* Times in ms and s: for one try at a server over UDP, and for all of a connection (RFC 7766). */
enum { LISTENERS = 2048, PENDING = 256, CONNECTIONS = 64, TRY = 2500, WHOLE = 60 };
/* What is polled: signals, the watch over the record, then the listeners and who waits. */
enum { SIGNALS, WATCH, LISTENED };
/* <netinet/in.h>, <linux/capability.h> */
enum { SOL_IP = 0, IP_FREEBIND = 15, SOL_IPV6 = 41, IPV6_FREEBIND = 78, CAP_NET_BIND_SERVICE = 10 };
/* <sys/inotify.h>, <sys/stat.h>, <linux/stat.h>: STATX_NLINK is the number at 16 of struct statx. */
enum { IN_ATTRIB = 4, AT_EMPTY_PATH = 0x1000, STATX_NLINK = 4, LINKS = 16 };

struct listener { u8 address[16]; int fd, stream, network, wanted; };
struct pending { int fd, socket, size, count, tries, end; u16 id, own; struct peer client; struct server servers[SERVERS]; u64 deadline, since; long length; u8 packet[KEPT]; };

static struct listener listeners[LISTENERS];
static struct pending pending[PENDING];
static struct pollfd polled[LISTENED + LISTENERS + PENDING];
static int listener_count, last_error;

static u64 now(void) {
  long time[2] = {0, 0};
  CALL(clock_gettime, 1, time, 0, 0, 0, 0);
  return time[0] * 1000 + time[1] / 1000000;
}

/* ---- questions that wait for another's answer ---- */

static void forget(struct pending *wait) {
  if (wait->fd > 0) CALL(close, wait->fd, 0, 0, 0, 0, 0);
  wait->fd = wait->socket = 0;
}

static void give(struct pending *wait, u8 *reply, long length) {
  copy(reply, &wait->id, 2);
  CALL(sendto, wait->socket, reply, length, 0, &wait->client, wait->size);
  forget(wait);
}

/* Asks the next server, or the only one again; after the last try the asker is told that there is no answer. */
static void try_next(struct pending *wait) {
  int tries = wait->count == 1 ? 2 : wait->count;
  while (wait->tries < tries) {
    const struct server *server = wait->servers + wait->tries++ % wait->count;
    if (wait->fd > 0 && wait->count > 1) {
      CALL(close, wait->fd, 0, 0, 0, 0, 0);
      wait->fd = 0;
    }
    if (wait->fd <= 0) wait->fd = reach(server, SOCK_DGRAM | SOCK_NONBLOCK);
    if (wait->fd <= 0 || CALL(sendto, wait->fd, wait->packet, wait->length, 0, 0, 0) < 0) continue;
    wait->deadline = now() + TRY;
    return;
  }
  read_question(wait->packet, wait->length);
  fail(wait->packet, SERVFAIL);
  give(wait, out, put);
}

/* The place of the one that has waited longest goes to the newest. */
static void pass_on(int socket, const struct peer *client, int size, long length) {
  struct pending *wait = pending;
  for (struct pending *each = pending; each < pending + PENDING && wait->socket; each++)
    if (!each->socket || each->since < wait->since) wait = each;
  forget(wait);
  wait->socket = socket, wait->size = size, wait->client = *client;
  wait->count = find_servers(wait->servers), wait->tries = 0, wait->since = now();
  wait->length = length, wait->end = question.end, wait->own = chance();
  copy(&wait->id, in, 2);
  copy(wait->packet, in, length);
  copy(wait->packet, &wait->own, 2);
  try_next(wait);
}

static void hear(struct pending *wait) {
  long length = CALL(recvfrom, wait->fd, in, BUFFER, 0, 0, 0);
  if (length < 0) try_next(wait);
  else if (!is_reply(in, length, wait->packet, wait->end, (u8 *)&wait->own)) return;
  else if (is_refusal(in) && wait->count > 1 && wait->tries < wait->count) try_next(wait);
  else give(wait, in, length);
}

static void ask(const struct listener *listener) {
  struct peer client;
  int size = sizeof client;
  u8 source[16];
  long length = CALL(recvfrom, listener->fd, in, BUFFER, 0, &client, &size);
  if (length < 0) return;
  from_peer(&client, source);
  long replied = respond(in, length, source, listener->network, 0);
  if (replied < 0 && length <= KEPT) return pass_on(listener->fd, &client, size, length);
  if (replied < 0) {
    replied = fail(in, 0); /* too long to keep: it may be asked by TCP */
    out[2] |= TRUNCATED;
  }
  if (replied > 0) CALL(sendto, listener->fd, out, replied, 0, &client, size);
}

/* ---- connections ---- */

static int read_all(int fd, u8 *to, long length) {
  for (long got; length > 0; to += got, length -= got)
    if ((got = CALL(read, fd, to, length, 0, 0, 0)) <= 0) return 0;
  return 1;
}

static int write_all(int fd, const u8 *from, long length) {
  for (long sent; length > 0; from += sent, length -= sent)
    if ((sent = CALL(sendto, fd, from, length, 040000 /* MSG_NOSIGNAL */, 0, 0)) <= 0) return 0;
  return 1;
}

/* One message, or -1. */
static long read_message(int fd, u8 *to) {
  u8 length[2];
  if (!read_all(fd, length, 2) || !read_all(fd, to, word(length))) return -1;
  return word(length);
}

static int write_message(int fd, u8 *framed, long length) {
  put_word(framed, length);
  return write_all(fd, framed, length + 2);
}

static u8 asked[2 + BUFFER];

/* Asks the servers in turn by TCP; the length of the last answer, which lies in `out`. */
static long relay(long length) {
  struct server servers[SERVERS];
  int count = find_servers(servers), end = question.end;
  long last = 0;
  for (int each = 0; each < count; each++) {
    int fd = reach(servers + each, SOCK_STREAM);
    if (fd < 0) continue;
    long replied = write_message(fd, asked, length) ? read_message(fd, out) : -1;
    CALL(close, fd, 0, 0, 0, 0, 0);
    if (replied < 0 || !is_reply(out, replied, asked + 2, end, asked + 2)) continue;
    last = replied;
    if (!is_refusal(out)) return last;
  }
  return last ? last : fail(asked + 2, SERVFAIL);
}

/* The process of a connection; it dies with the server. Names are read anew for each question. */
static void converse(int client, int home, const struct peer *peer) {
  char name[20];
  u8 source[16];
  const long whole[4] = {0, 0, WHOLE, 0};
  CALL(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
  CALL(setitimer, 0, whole, 0, 0, 0, 0);
  for (int each = 0; each < listener_count; each++) CALL(close, listeners[each].fd, 0, 0, 0, 0, 0);
  for (int each = 0; each < PENDING; each++) forget(pending + each);
  copy(name, networks[home].name, sizeof name);
  from_peer(peer, source);
  limit_steps(client);
  for (long length; (length = read_message(client, asked + 2)) >= 0;) {
    read_networks();
    for (home = 0; home < network_count && !same(networks[home].name, name, 12); home++);
    if (home == network_count) break;
    long replied = respond(asked + 2, length, source, home, 1);
    if (replied < 0) replied = relay(length);
    if (replied == 0 || !write_message(client, frame, replied)) break;
  }
  leave();
}

static int converse_with(const struct listener *listener) {
  struct peer client;
  int size = sizeof client, fd = CALL(accept4, listener->fd, &client, &size, SOCK_CLOEXEC, 0, 0);
  if (fd < 0) return 0;
  long process = CALL(clone, SIGCHLD, 0, 0, 0, 0, 0);
  if (process == 0) converse(fd, listener->network, &client);
  CALL(close, fd, 0, 0, 0, 0, 0);
  return process > 0;
}

/* ---- the process ---- */

/* A bridge may not have its addresses yet. */
static int listen_on(const u8 *address, int stream) {
  struct peer peer;
  int one = 1, size = to_peer(&peer, address, 0, DOMAIN_PORT), ipv4 = peer.family == AF_INET;
  long fd = CALL(socket, peer.family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, 0, 0, 0);
  if (fd < 0) return fd;
  CALL(setsockopt, fd, ipv4 ? SOL_IP : SOL_IPV6, ipv4 ? IP_FREEBIND : IPV6_FREEBIND, &one, sizeof one, 0);
  if (stream) CALL(setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one, 0);
  long status = CALL(bind, fd, &peer, size, 0, 0, 0);
  if (status == 0 && stream) status = CALL(listen, fd, CONNECTIONS, 0, 0, 0, 0);
  if (status == 0) return fd;
  CALL(close, fd, 0, 0, 0, 0, 0);
  return status;
}

static struct listener *listener_at(const u8 *address, int stream) {
  for (struct listener *each = listeners; each < listeners + listener_count; each++)
    if (each->stream == stream && same(each->address, address, 16)) return each;
  return 0;
}

/* Calls for each address that is to be answered on, over UDP and over TCP. */
static void each_address(void (*visit)(const u8 *address, int stream, int network)) {
  for (int network = 0; network < network_count; network++) {
    struct text listen;
    u8 address[16];
    endpoints_of(network, &listen);
    while (listen.at < listen.end)
      if (parse_address(take(&listen, ','), address)) visit(address, 0, network), visit(address, 1, network);
  }
}

static void keep(const u8 *address, int stream, int network) {
  struct listener *listener = listener_at(address, stream);
  if (listener) listener->wanted = 1, listener->network = network;
}

static void add(const u8 *address, int stream, int network) {
  if (listener_at(address, stream) || listener_count == LISTENERS) return;
  int fd = listen_on(address, stream);
  struct listener *listener = listeners + listener_count;
  if (fd < 0) last_error = -fd;
  if (fd < 0) return;
  copy(listener->address, address, 16);
  listener->fd = fd, listener->stream = stream, listener->network = network, listener->wanted = 1;
  listener_count++;
}

static void drop_unwanted(void) {
  int kept = 0;
  for (int each = 0; each < listener_count; each++) {
    if (listeners[each].wanted) {
      listeners[kept++] = listeners[each];
      continue;
    }
    for (struct pending *wait = pending; wait < pending + PENDING; wait++)
      if (wait->socket == listeners[each].fd) forget(wait);
    CALL(close, listeners[each].fd, 0, 0, 0, 0, 0);
  }
  listener_count = kept;
}

static int recorded(int offset) {
  int value = 0;
  CALL(pread64, RECORD, &value, sizeof value, offset, 0, 0);
  return value;
}

static void record(int offset, int value) {
  CALL(pwrite64, RECORD, &value, sizeof value, offset, 0, 0);
}

static void reload(void) {
  int reading = recorded(ASKED);
  last_error = 0;
  read_networks();
  for (int each = 0; each < listener_count; each++) listeners[each].wanted = 0;
  each_address(keep);
  drop_unwanted();
  each_address(add);
  int answering = 0;
  for (int each = 0; each < listener_count; each++) answering += !listeners[each].stream;
  record(SOCKETS, answering);
  record(ERROR, last_error);
  record(DONE, reading);
}

/* Tells when the record's links change. Root alone may read it, so this comes before the rights go. */
static int watch_record(void) {
  int fd = CALL(inotify_init1, O_NONBLOCK | O_CLOEXEC, 0, 0, 0, 0, 0);
  if (fd >= 0) CALL(inotify_add_watch, fd, "/proc/self/fd/3", IN_ATTRIB, 0, 0, 0);
  return fd;
}

static int is_deleted(void) {
  static u32 state[64];
  return CALL(statx, RECORD, "", AT_EMPTY_PATH, STATX_NLINK, state, 0) == 0 && state[LINKS / sizeof *state] == 0;
}

/* Of root's rights one is left: later networks' port 53. */
static void give_up_rights(void) {
  const u32 head[2] = {0x20080522, 0};
  const u32 some[6] = {1 << CAP_NET_BIND_SERVICE, 1 << CAP_NET_BIND_SERVICE, 0, 0, 0, 0};
  CALL(prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0, 0);
  become_nobody();
  if (CALL(capset, head, some, 0, 0, 0, 0) != 0) leave();
}

/* As many descriptors as the host allows: each network takes up to four. */
static void raise_limit(void) {
  u64 limit[2] = {0, 0};
  if (CALL(prlimit64, 0, 7, 0, limit, 0, 0) != 0) return;
  limit[0] = limit[1];
  CALL(prlimit64, 0, 7, limit, 0, 0, 0);
}

/* Sleeps until something comes or is overdue. */
static void sleep_until_due(int is_full) {
  u64 time = now(), due = 0;
  struct pollfd *next = polled + LISTENED;
  for (int each = 0; each < listener_count; each++) *next++ = (struct pollfd){listeners[each].stream && is_full ? -1 : listeners[each].fd, POLLIN, 0};
  for (struct pending *wait = pending; wait < pending + PENDING; wait++) {
    *next++ = (struct pollfd){wait->socket ? wait->fd : -1, POLLIN, 0};
    if (wait->socket && (!due || wait->deadline < due)) due = wait->deadline;
  }
  u64 left = due > time ? due - time : 0;
  long span[2] = {left / 1000, left % 1000 * 1000000};
  CALL(ppoll, polled, next - polled, due ? span : 0, 0, 0, 0);
}

/* Answers first: a question may give a waiting one's place to another; what changes the listeners comes last. */
static void work(int signals, int watch) {
  polled[SIGNALS] = (struct pollfd){signals, POLLIN, 0};
  polled[WATCH] = (struct pollfd){watch, POLLIN, 0};
  for (int connections = 0;;) {
    sleep_until_due(connections == CONNECTIONS);
    for (int each = 0; each < PENDING; each++) {
      if (!pending[each].socket) continue;
      if (polled[LISTENED + listener_count + each].revents) hear(pending + each);
      else if (pending[each].deadline <= now()) try_next(pending + each);
    }
    for (int each = 0; each < listener_count; each++) {
      if (!polled[LISTENED + each].revents) continue;
      if (listeners[each].stream) connections += converse_with(listeners + each);
      else ask(listeners + each);
    }
    if (polled[WATCH].revents && is_deleted()) leave();
    if (polled[WATCH].revents) CALL(read, watch, in, BUFFER, 0, 0, 0);
    if (!polled[SIGNALS].revents) continue;
    while (CALL(wait4, -1, 0, WNOHANG, 0, 0, 0) > 0) connections--;
    int wanted = 0;
    for (; CALL(read, signals, in, 128, 0, 0, 0) == 128;) wanted |= in[0] == SIGHUP;
    while (CALL(wait4, -1, 0, WNOHANG, 0, 0, 0) > 0) connections--;
    if (wanted) reload();
  }
}

static void begin(long *stack) {
  if (stack[0] != 2) leave();
  const u64 caught = 1UL << (SIGHUP - 1) | 1UL << (SIGCHLD - 1);
  CALL(rt_sigprocmask, SIG_BLOCK, &caught, 0, sizeof caught, 0, 0);
  int signals = CALL(signalfd4, -1, &caught, sizeof caught, O_NONBLOCK | SOCK_CLOEXEC, 0, 0);
  raise_limit();
  int watch = watch_record();
  give_up_rights();
  record(PID, CALL(getpid, 0, 0, 0, 0, 0, 0));
  /* Whoever ends it marks the record before looking for the id: one of the two sees the other. */
  if (recorded(UNWANTED) || is_deleted()) leave();
  reload();
  work(signals, watch);
}
