// Forms: lines whose values are the same, but for those that vary with each line, have one number. And what lines are as
// run_id takes them in: written from the places of their values.
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum { MISSING = -1, VARIES = -2 };

typedef struct {
  uint64_t hash;
  int64_t first; // byte of its key
  int32_t length, number;
} Entry;

struct Forms {
  Entry *entries; // a power of two; of those that are free the length is 0
  uint8_t *keys;
  int64_t entry_room, key_room, key_size;
  int32_t count;
};

Forms *forms_new(void)
{
  Forms *forms = calloc(1, sizeof *forms);
  if (forms != NULL) {
    forms->entry_room = 1 << 10;
    forms->key_room = 1 << 16;
    forms->entries = calloc((size_t)forms->entry_room, sizeof *forms->entries);
    forms->keys = malloc((size_t)forms->key_room);
    if (forms->entries == NULL || forms->keys == NULL) {
      forms_free(forms);
      return NULL;
    }
  }
  return forms;
}

void forms_free(Forms *forms)
{
  if (forms != NULL) {
    free(forms->entries);
    free(forms->keys);
    free(forms);
  }
}

void forms_forget(Forms *forms)
{
  memset(forms->entries, 0, (size_t)forms->entry_room * sizeof *forms->entries);
  forms->key_size = 0;
  forms->count = 0;
}

int64_t forms_size(const Forms *forms)
{
  return forms->key_size + forms->entry_room * (int64_t)sizeof *forms->entries;
}

static uint64_t hash_of(const uint8_t *bytes, int64_t length)
{
  uint64_t hash = (uint64_t)length, part;
  for (; length >= 8; bytes += 8, length -= 8) {
    memcpy(&part, bytes, sizeof part);
    hash = mixed(hash, part);
  }
  part = 0;
  memcpy(&part, bytes, (size_t)length);
  return mixed(hash, part);
}

static bool make_room(Forms *forms, int64_t size)
{
  if (forms->key_room - forms->key_size >= size) {
    return true;
  }
  int64_t room = 2 * forms->key_room + size;
  uint8_t *keys = realloc(forms->keys, (size_t)room);
  if (keys == NULL) {
    return false;
  }
  forms->keys = keys;
  forms->key_room = room;
  return true;
}

// Twice as many entries, of which at most half are taken.
static bool grow(Forms *forms)
{
  int64_t room = 2 * forms->entry_room;
  Entry *entries = calloc((size_t)room, sizeof *entries);
  if (entries == NULL) {
    return false;
  }
  for (int64_t i = 0; i < forms->entry_room; i++) {
    if (forms->entries[i].length != 0) {
      uint64_t at = forms->entries[i].hash & (uint64_t)(room - 1);
      while (entries[at].length != 0) {
        at = (at + 1) & (uint64_t)(room - 1);
      }
      entries[at] = forms->entries[i];
    }
  }
  free(forms->entries);
  forms->entries = entries;
  forms->entry_room = room;
  return true;
}

static void put(uint8_t **at, int32_t number)
{
  memcpy(*at, &number, sizeof number);
  *at += sizeof number;
}

// Writes the key of a line behind the other keys: its leaf, and for each value its length and its bytes. Returns its length.
static int64_t write_key(Forms *forms, const uint8_t *text, int32_t leaf, const int32_t *capture, const uint8_t *varies,
                         int32_t slots)
{
  int64_t size = 4 + 4 * (int64_t)slots;
  for (int32_t i = 0; i < slots; i++) {
    size += capture[2 * i + 1] - capture[2 * i];
  }
  if (size > INT32_MAX || !make_room(forms, size)) {
    return -1;
  }
  uint8_t *start = forms->keys + forms->key_size, *at = start;
  put(&at, leaf);
  for (int32_t i = 0; i < slots; i++) {
    int32_t begin = capture[2 * i], length = capture[2 * i + 1] - begin;
    if (begin < 0 || varies[i]) {
      put(&at, begin < 0 ? MISSING : VARIES);
    } else {
      put(&at, length);
      memcpy(at, text + begin, (size_t)length);
      at += length;
    }
  }
  return at - start;
}

// The number of a key that was just written; a key that was there before is given back.
static int32_t number_of(Forms *forms, int64_t length)
{
  const uint8_t *key = forms->keys + forms->key_size;
  uint64_t hash = hash_of(key, length), last = (uint64_t)(forms->entry_room - 1), at = hash & last;
  for (; forms->entries[at].length != 0; at = (at + 1) & last) {
    const Entry *entry = &forms->entries[at];
    if (entry->hash == hash && entry->length == length &&
        memcmp(forms->keys + entry->first, key, (size_t)length) == 0) {
      return entry->number;
    }
  }
  forms->entries[at] = (Entry){hash, forms->key_size, (int32_t)length, forms->count};
  forms->key_size += length;
  return forms->count++;
}

// The numbers of the forms of some matches, and in `fresh` the places of those whose number is new. Returns how many these
// are, or -1 where there is no memory. Leaf l has the slots from first_slot[l] on; `varies` says it for each slot; a leaf that is
// `open` has one form.
int64_t forms_number(Forms *forms, const int32_t *first_slot, const Found *found, const uint8_t *text,
                     const int64_t *rows, int64_t count, const uint8_t *varies, const uint8_t *open, int32_t *numbers,
                     int64_t *fresh)
{
  int64_t made = 0;
  for (int64_t i = 0; i < count; i++) {
    int64_t row = rows[i];
    int32_t leaf = found->leaf[row], first = first_slot[leaf];
    int32_t slots = open[leaf] ? 0 : first_slot[leaf + 1] - first, before = forms->count;
    if (2 * (int64_t)before >= forms->entry_room && !grow(forms)) {
      return -1;
    }
    const int32_t *capture = found->captures + 2 * (int64_t)found->first_capture[row];
    int64_t length = write_key(forms, text, leaf, capture, varies + first, slots);
    if (length < 0) {
      return -1;
    }
    numbers[i] = number_of(forms, length);
    if (forms->count > before) {
      fresh[made++] = i;
    }
  }
  return made;
}

static bool is_blank(uint8_t byte)
{
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// Whether eight bytes are ASCII, and none is a newline.
static inline bool is_plain(uint64_t bytes)
{
  const uint64_t ones = UINT64_C(0x0101010101010101);
  uint64_t other = bytes ^ '\n' * ones; // 0 for a newline; the sum below has no carry where all bytes are ASCII
  return ((bytes | ~(other + 0x7F * ones)) & 0x80 * ones) == 0;
}

// A text without the blanks at its ends; false where Python must write it: where it goes on in another line, or is not ASCII.
static bool bare(const uint8_t *text, int32_t *begin, int32_t *end)
{
  int32_t i = *begin;
  for (; *end - i >= 8; i += 8) {
    uint64_t bytes;
    memcpy(&bytes, text + i, sizeof bytes);
    if (!is_plain(bytes)) {
      return false;
    }
  }
  for (; i < *end; i++) {
    if (text[i] >= 128 || text[i] == '\n') {
      return false;
    }
  }
  while (*begin < *end && is_blank(text[*begin])) {
    ++*begin;
  }
  while (*begin < *end && is_blank(text[*end - 1])) {
    --*end;
  }
  return true;
}

static uint8_t *append(uint8_t *out, const uint8_t *bytes, int32_t length)
{
  memcpy(out, bytes, (size_t)length);
  return out + length;
}

// Writes a match; NULL where it is for Python.
static uint8_t *write_line(const uint8_t *text, const int32_t *capture, int32_t slots, const uint8_t *letters,
                           const int32_t *label, const uint8_t *is_text, uint8_t *out)
{
  out = append(out, letters + label[0], label[1] - label[0]);
  for (int32_t slot = 0; slot < slots; slot++) {
    int32_t begin = capture[2 * slot], end = capture[2 * slot + 1];
    if (begin < 0) {
      continue;
    }
    if (is_text[slot] && !bare(text, &begin, &end)) {
      return NULL;
    }
    out = append(out, letters + label[slot + 1], label[slot + 2] - label[slot + 1]);
    out = append(out, text + begin, end - begin);
  }
  *out++ = '\n';
  return out;
}

// Writes matches as run_id takes them in: the kind, then for each value that is there its label and the value, and a newline.
// Label 0 of a leaf is its kind; `labels` are where they begin, and the end. Returns how many it wrote before one that is for
// Python, or for which there is no room; `size` is how far it came.
int64_t write_lines(const int32_t *first_slot, const Found *found, const uint8_t *text, const int64_t *rows,
                    int64_t count, const uint8_t *letters, const int32_t *labels, const uint8_t *is_text, uint8_t *out,
                    int64_t room, int64_t *size)
{
  int64_t i = 0;
  *size = 0;
  for (; i < count; i++) {
    int32_t leaf = found->leaf[rows[i]], first = first_slot[leaf];
    int32_t slots = first_slot[leaf + 1] - first;
    const int32_t *capture = found->captures + 2 * (int64_t)found->first_capture[rows[i]];
    const int32_t *label = labels + first + leaf;
    int64_t length = 1 + label[slots + 1] - label[0];
    for (int32_t slot = 0; slot < slots; slot++) {
      length += capture[2 * slot + 1] - capture[2 * slot];
    }
    uint8_t *end =
        room - *size < length ? NULL : write_line(text, capture, slots, letters, label, is_text + first, out + *size);
    if (end == NULL) {
      break;
    }
    *size = end - out;
  }
  return i;
}
