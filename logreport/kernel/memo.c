// Lines that were matched before. Most lines of most logs differ from an earlier one in nothing but digits: where the match
// told none of these from another, it is the same for both.
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum {
  LINE_MOST = 4096, // bytes of a line and of what its match looked at
  WAYS = 4,         // lines of the same hash that are remembered
  BUCKETS = 1 << 12,
  LETTERS_MOST = 1 << 22,
  NUMBERS_MOST = 1 << 20,
  ASKED_OF_ALL = 1 << 16,
};

// A line, and if its match looked on, the beginning of what is behind it, with digits as zeros; the digits that were told from
// others, each with its place; and what was asked of words. Places are behind the beginning of the line.
typedef struct {
  uint64_t hash;
  int32_t length; // 0 where there is none
  int32_t told_count, asked_count;
  const uint8_t *letters;
  const int32_t *told;
  const Asked *asked;
  Match match;
} Entry;

struct Memo {
  Entry *entries; // WAYS of each bucket
  uint8_t *next;  // of each bucket, which one is the next to be replaced
  uint8_t *letters;
  int32_t *numbers;
  Asked *asked;
  int32_t letter_count, number_count, asked_count;
  // The line that was asked for, digits as zeros, and its newline.
  uint64_t hash;
  int32_t length; // 0 where it is too long
  uint8_t line[LINE_MOST + 8];
};

Memo *memo_new(void)
{
  Memo *memo = calloc(1, sizeof *memo);
  if (memo == NULL) {
    return NULL;
  }
  memo->entries = calloc(BUCKETS * WAYS, sizeof *memo->entries);
  memo->next = calloc(BUCKETS, sizeof *memo->next);
  memo->letters = malloc(LETTERS_MOST);
  memo->numbers = malloc(NUMBERS_MOST * sizeof *memo->numbers);
  memo->asked = malloc(ASKED_OF_ALL * sizeof *memo->asked);
  if (memo->entries == NULL || memo->next == NULL || memo->letters == NULL || memo->numbers == NULL ||
      memo->asked == NULL) {
    memo_free(memo);
    return NULL;
  }
  return memo;
}

void memo_free(Memo *memo)
{
  if (memo != NULL) {
    free(memo->entries);
    free(memo->next);
    free(memo->letters);
    free(memo->numbers);
    free(memo->asked);
    free(memo);
  }
}

// Eight bytes with their digits as zeros.
static inline uint64_t without_digits(uint64_t bytes)
{
  const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x80) * ones;
  uint64_t low = bytes & ~high;
  uint64_t digits = (low + (0x80 - '0') * ones) & ~(low + (0x80 - '9' - 1) * ones) & ~bytes & high;
  return bytes & ~((digits >> 3) - (digits >> 7)); // the lower half of a digit is its value
}

// Copies bytes with their digits as zeros; returns their hash. There must be room for seven more.
static uint64_t copy_without_digits(const uint8_t *bytes, int32_t length, uint8_t *copy)
{
  uint64_t hash = (uint64_t)length, part;
  int32_t i = 0;
  for (; i + 8 <= length; i += 8) {
    memcpy(&part, bytes + i, sizeof part);
    part = without_digits(part);
    memcpy(copy + i, &part, sizeof part);
    hash = mixed(hash, part);
  }
  part = 0;
  memcpy(&part, bytes + i, (size_t)(length - i));
  part = without_digits(part);
  memcpy(copy + i, &part, sizeof part);
  return mixed(hash, part);
}

// Whether the line that was asked for is one that is remembered, and all that its match depended on is the same.
static bool is_same(const Memo *memo, const Entry *entry, Machine *machine, Text text, int32_t at)
{
  if (entry->hash != memo->hash || entry->length < memo->length || entry->length > text.end - at ||
      memcmp(entry->letters, memo->line, (size_t)memo->length) != 0) {
    return false;
  }
  const uint8_t *bytes = text.bytes + at;
  for (int32_t i = memo->length; i < entry->length; i++) {
    if (entry->letters[i] != (is_digit(bytes[i]) ? '0' : bytes[i])) {
      return false;
    }
  }
  for (int32_t i = 0; i < entry->told_count; i++) {
    if (bytes[entry->told[2 * i]] != entry->told[2 * i + 1]) {
      return false;
    }
  }
  for (int32_t i = 0; i < entry->asked_count; i++) {
    const Asked *asked = &entry->asked[i];
    if (words_ahead(machine, asked->set, text, at + asked->at) != asked->found) {
      return false;
    }
  }
  return true;
}

// How the line at a place matches, if that is known.
const Match *memo_find(Memo *memo, Machine *machine, Text text, int32_t at)
{
  memo->length = 0;
  const uint8_t *bytes = text.bytes + at;
  const uint8_t *newline = memchr(bytes, '\n', (size_t)(text.end - at < LINE_MOST ? text.end - at : LINE_MOST));
  if (newline == NULL) {
    return NULL;
  }
  memo->length = (int32_t)(newline - bytes) + 1;
  memo->hash = copy_without_digits(bytes, memo->length, memo->line);
  const Entry *entries = memo->entries + memo->hash % BUCKETS * WAYS;
  for (int32_t i = 0; i < WAYS && entries[i].length > 0; i++) {
    if (is_same(memo, &entries[i], machine, text, at)) {
      return &entries[i].match;
    }
  }
  return NULL;
}

static void forget(Memo *memo)
{
  memset(memo->entries, 0, BUCKETS * WAYS * sizeof *memo->entries);
  memset(memo->next, 0, BUCKETS * sizeof *memo->next);
  memo->letter_count = memo->number_count = memo->asked_count = 0;
}

// Remembers how the line matches that was asked for last.
void memo_add(Memo *memo, const Trace *trace, Text text, const Match *match)
{
  int32_t from = trace->from, length = trace->to - from > memo->length ? trace->to - from : memo->length;
  int32_t numbers = 2 * trace->told_count + 2 * match->slots;
  if (memo->length == 0 || trace->open || length > LINE_MOST || numbers > NUMBERS_MOST) {
    return;
  }
  if (LETTERS_MOST - memo->letter_count < length + 8 || NUMBERS_MOST - memo->number_count < numbers ||
      ASKED_OF_ALL - memo->asked_count < trace->asked_count) {
    forget(memo);
  }
  uint64_t bucket = memo->hash % BUCKETS;
  Entry *entry = &memo->entries[bucket * WAYS + memo->next[bucket]];
  memo->next[bucket] = (uint8_t)((memo->next[bucket] + 1) % WAYS);
  *entry = (Entry){
      .hash = memo->hash,
      .length = length,
      .told_count = trace->told_count,
      .asked_count = trace->asked_count,
      .letters = memo->letters + memo->letter_count,
      .told = memo->numbers + memo->number_count,
      .asked = memo->asked + memo->asked_count,
      .match = *match,
  };
  copy_without_digits(text.bytes + from, length, memo->letters + memo->letter_count);
  memo->letter_count += length;
  for (int32_t i = 0; i < trace->told_count; i++) {
    memo->numbers[memo->number_count++] = trace->told[i] - from;
    memo->numbers[memo->number_count++] = text.bytes[trace->told[i]];
  }
  entry->match.captures = memo->numbers + memo->number_count;
  for (int32_t i = 0; i < 2 * match->slots; i++) {
    memo->numbers[memo->number_count++] = match->captures[i];
  }
  for (int32_t i = 0; i < trace->asked_count; i++) {
    Asked asked = trace->asked[i];
    memo->asked[memo->asked_count++] = (Asked){asked.set, asked.at - from, asked.found};
  }
}
