/*
 * The lines of a k8s-file log, made of output and taken apart again: what k8s-log.ts does, some ten times as fast, as a library without
 * others. It neither allocates nor calls anything. Numbers that are passed both ways stand in arrays of 32 bits.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

static void copy(u8 *to, const u8 *from, u64 size) {
  u64 words = size / 8;
  for (; words > 0; words--, to += 8, from += 8) { /* forwards: it may overlap what lies behind it */
    u64 word;
    __builtin_memcpy(&word, from, 8);
    __builtin_memcpy(to, &word, 8);
  }
  for (size %= 8; size > 0; size--) *to++ = *from++;
}

static u32 find(const u8 *text, u32 at, u32 end, u8 wanted) {
  while (at < end && text[at] != wanted) at++;
  return at;
}

/* What stands before the text of lines, and is mostly the same for many that follow each other. */
struct head { u32 size; u8 bytes[128]; };

static void learn(struct head *head, const u8 *line, u32 size) {
  head->size = size >= 8 && size <= sizeof head->bytes ? size : 0;
  copy(head->bytes, line, head->size);
}

static int stands(const struct head *head, const u8 *line, u32 left) {
  u32 size = head->size;
  if (size == 0 || size >= left) return 0;
  for (u32 at = 0; at < size; at += 8) {
    u32 word = at + 8 <= size ? at : size - 8; /* the last one overlaps the one before */
    u64 known, here;
    __builtin_memcpy(&known, head->bytes + word, 8);
    __builtin_memcpy(&here, line + word, 8);
    if (known != here) return 0;
  }
  return 1;
}

/*
 * Log lines of output.
 * head: "TIME STREAM F ", of `size` bytes; longest: bytes of output per line, longer ones go on in the next, marked P
 * at: where the output is read from; afterwards how far it was
 * Returns how much of `out` is filled; `room` is at least one line.
 */
__attribute__((visibility("default"))) u32 encode_lines(const u8 *head, u32 size, u32 longest, const u8 *output, u32 length, u32 *at, u8 *out, u32 room) {
  u32 from = at[0], to = 0;
  while (from < length && to + size + longest + 1 <= room) {
    u32 most = length - from < longest ? length : from + longest;
    u32 end = find(output, from, most, '\n');
    u8 whole = end < length && output[end] == '\n';
    copy(out + to, head, size);
    if (!whole) out[to + size - 2] = 'P';
    to += size;
    copy(out + to, output + from, end - from);
    to += end - from;
    out[to++] = '\n';
    from = end + whole;
  }
  at[0] = from;
  return to;
}

/*
 * The output in whole log lines, moved to the front, as far as it is of one stream; lines that are none are left out.
 * state: [0] where it is read from, and afterwards how far it was; [1] where it is written to, and afterwards its end;
 *        [2] afterwards 'o' or 'e', or 0 where there was no line; [3] how much of `time` is filled, the first line's
 */
__attribute__((visibility("default"))) void decode_lines(u8 *lines, u32 length, u32 *state, u8 *time, u32 room) {
  u32 at = state[0], to = state[1];
  u8 stream = 0, part = 0;
  struct head head;
  head.size = 0;
  while (at < length) {
    if (stands(&head, lines + at, length - at)) {
      for (at += head.size; lines[at] != '\n' && at < length - 1; at++) lines[to++] = lines[at];
      if (!part) lines[to++] = '\n';
      at++;
      continue;
    }
    u32 end = find(lines, at, length, '\n');
    u32 stamp = find(lines, at, end, ' ');
    u32 tag = stamp + 8;
    u8 kind = tag < end ? lines[stamp + 4] : 0;
    u32 text = tag < end && lines[tag - 1] == ' ' && (kind == 'o' || kind == 'e') ? find(lines, tag, end, ' ') : end;
    if (text == end) {
      at = end + 1;
      continue;
    }
    if (stream && kind != stream) break;
    part = lines[tag] == 'P';
    learn(&head, lines + at, text + 1 - at);
    if (!stream) {
      stream = kind;
      state[3] = stamp - at < room ? stamp - at : room;
      copy(time, lines + at, state[3]);
    }
    u32 left = end - text - 1;
    copy(lines + to, lines + text + 1, left);
    to += left;
    if (!part) lines[to++] = '\n';
    at = end + 1;
  }
  state[0] = at < length ? at : length;
  state[1] = to;
  state[2] = stream;
}
