// Scans lines with random changes, each text in a block of its own, so that AddressSanitizer sees one byte too far.
//
//   fuzz PROGRAM LINES ROUNDS SEED
//
// PROGRAM holds the fields of Program and Automaton as tests/grammar/test_fuzz.py writes them, LINES a number of lines.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum { TEXT_MOST = 1 << 16, MATCHES = 1 << 12, CAPTURES = 1 << 16, LINES_MOST = 1 << 16, POINTERS = 15, NUMBERS = 14 };

static uint64_t state;

// A number below `below`, by xorshift.
static int32_t random_below(int32_t below)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return below > 0 ? (int32_t)((state >> 20) % (uint64_t)below) : 0;
}

static void *room(size_t size)
{
  void *block = malloc(size > 0 ? size : 1);
  if (block == NULL) {
    exit(2);
  }
  return block;
}

// A block of its own with what a file holds next: its size, then its bytes.
static void *block(FILE *file, int64_t *size)
{
  if (fread(size, sizeof *size, 1, file) != 1) {
    exit(2);
  }
  void *bytes = room((size_t)*size);
  if (fread(bytes, 1, (size_t)*size, file) != (size_t)*size) {
    exit(2);
  }
  return bytes;
}

// A structure that begins with pointers and goes on with numbers.
static void fill(FILE *file, void *structure, int32_t pointers, int32_t numbers)
{
  int64_t size;
  uint8_t *at = structure;
  for (int32_t i = 0; i < pointers; i++) {
    void *bytes = block(file, &size);
    memcpy(at, &bytes, sizeof bytes);
    at += sizeof bytes;
  }
  for (int32_t i = 0; i < numbers; i++) {
    if (fread(at, sizeof(int32_t), 1, file) != 1) {
      exit(2);
    }
    at += sizeof(int32_t);
  }
}

static int32_t insert(uint8_t *text, int32_t size, int32_t at, const void *bytes, int32_t count)
{
  memmove(text + at + count, text + at, (size_t)(size - at));
  memcpy(text + at, bytes, (size_t)count);
  return size + count;
}

// Changes a text somewhere behind `from`; returns its new size.
static int32_t change(uint8_t *text, int32_t size, int32_t from, uint8_t **lines, const int32_t *lengths, int32_t count)
{
  static uint8_t many[3000];
  int32_t at = from + random_below(size - from + 1), length = 1 + random_below(12);
  int32_t other = random_below(count), begin = random_below(lengths[other]);
  int32_t part = lengths[other] - begin < 60 ? lengths[other] - begin : 60;
  switch (random_below(8)) {
  case 0: // drop
    if (at + length < size) {
      memmove(text + at, text + at + length, (size_t)(size - at - length));
      size -= length;
    }
    return size;
  case 1: // replace
    if (at < size) {
      text[at] = (uint8_t)random_below(256);
    }
    return size;
  case 2: // a part of another line
    return insert(text, size, at, lines[other] + begin, part);
  case 3: // cut off
    return at;
  case 4: // one sign
    return insert(text, size, at, &"\n\r\\\0 >.:/["[random_below(10)], 1);
  case 5: // twice
    if (at + length < size) {
      memcpy(many, text + at, (size_t)length);
      return insert(text, size, at, many, length);
    }
    return size;
  case 6: // other digits
    for (; at < size && length > 0; at++) {
      if (is_digit(text[at])) {
        text[at] = (uint8_t)('0' + random_below(10));
        length--;
      }
    }
    return size;
  default: // very long
    if (random_below(50) == 0) {
      memset(many, "a. 0/\\[-"[random_below(8)], sizeof many);
      return insert(text, size, at, many, 1 + random_below((int32_t)sizeof many - 1));
    }
    return size;
  }
}

// Whether two scanners found the same matches, with the same captures.
static bool are_same(const Found *one, const Found *other)
{
  size_t matches = (size_t)one->count, captures = 2 * (size_t)one->capture_count;
  return one->count == other->count && one->capture_count == other->capture_count &&
         memcmp(one->leaf, other->leaf, matches * sizeof *one->leaf) == 0 &&
         memcmp(one->start, other->start, matches * sizeof *one->start) == 0 &&
         memcmp(one->stop, other->stop, matches * sizeof *one->stop) == 0 &&
         memcmp(one->captures, other->captures, captures * sizeof *one->captures) == 0;
}

int main(int count, char **arguments)
{
  if (count != 5) {
    return 2;
  }
  FILE *file = fopen(arguments[1], "rb");
  static Program program; // what is static is no leak
  static Automaton automaton;
  fill(file, &program, POINTERS, NUMBERS);
  fill(file, &automaton, 6, 5);
  fclose(file);
  if (program_fault(&program) != 0 || automaton_fault(&automaton, program.word_set_count) != 0) {
    return 3;
  }
  file = fopen(arguments[2], "rb");
  static uint8_t *lines[LINES_MOST];
  static int32_t lengths[LINES_MOST];
  int32_t line_count = 0;
  for (int peek = getc(file); peek != EOF && line_count < LINES_MOST; peek = getc(file)) {
    ungetc(peek, file);
    int64_t size;
    lines[line_count] = block(file, &size);
    lengths[line_count++] = (int32_t)size;
  }
  fclose(file);
  long rounds = atol(arguments[3]);
  state = 88172645463325252U + (uint64_t)atol(arguments[4]) * 7919U;

  Scanner *scanners[] = {scanner_new(&program, NULL, false), scanner_new(&program, &automaton, true)};
  static Found both[2];
  for (int32_t i = 0; i < 2; i++) {
    both[i] = (Found){
        .leaf = room(MATCHES * sizeof(int32_t)),
        .first_capture = room(MATCHES * sizeof(int32_t)),
        .captures = room(2 * CAPTURES * sizeof(int32_t)),
        .start = room(MATCHES * sizeof(int64_t)),
        .stop = room(MATCHES * sizeof(int64_t)),
        .bounds = room(2 * sizeof(int64_t)),
        .room = MATCHES,
        .capture_room = CAPTURES,
    };
  }
  static int64_t places[CAPTURES], whole[CAPTURES];
  static double decimal[CAPTURES];
  static uint8_t there[CAPTURES];
  static int64_t rows[MATCHES], fresh[MATCHES];
  static int32_t numbers[MATCHES], again[MATCHES];
  size_t slots = (size_t)program.slot_count + 1, leaves = (size_t)program.leaves;
  uint8_t *varies = room(slots), *is_text = room(slots), *open = calloc(leaves, 1);
  int32_t *labels = calloc(slots + leaves, sizeof *labels); // all of them empty
  Forms *forms = forms_new();
  Filter *filter = filter_new(&automaton, program.word_set_count, true);
  if (open == NULL || labels == NULL || forms == NULL || filter == NULL) {
    return 2;
  }
  for (size_t i = 0; i < slots; i++) {
    varies[i] = random_below(4) == 0;
    is_text[i] = random_below(4) > 0;
  }
  for (int32_t i = 0; i < MATCHES; i++) {
    rows[i] = i;
  }
  int64_t bytes = 0, matches = 0, differ = 0, gave_up = 0;
  for (int32_t i = 0; i < CAPTURES; i++) {
    places[i] = i;
  }
  for (long round = 0; round < rounds; round++) {
    static uint8_t draft[TEXT_MOST];
    int32_t size = 0;
    draft[size++] = '\n';
    for (int32_t i = random_below(40); i >= 0 && size < TEXT_MOST / 4; i--) {
      int32_t line = random_below(line_count), from = size;
      size = insert(draft, size, size, lines[line], lengths[line]);
      for (int32_t n = random_below(5); n > 0 && size < TEXT_MOST / 2; n--) {
        size = change(draft, size, from, lines, lengths, line_count);
      }
      draft[size++] = '\n';
    }
    uint8_t *text = room((size_t)size);
    memcpy(text, draft, (size_t)size);
    Piece piece = {.begin = 0, .end = size, .limit = size};
    for (int32_t i = 0; i < 2; i++) {
      both[i].count = both[i].capture_count = both[i].piece = 0;
      both[i].at = -1;
      gave_up += scanner_scan(scanners[i], text, &piece, 1, &both[i]) != SCANNED;
    }
    differ += !are_same(&both[0], &both[1]);
    Found found = both[1];
    // Patterns are found in each line in which a match begins, and there is a byte for each line.
    int32_t line_starts = 0, line_of[TEXT_MOST];
    for (int32_t i = 0; i < size; i++) {
      line_of[i] = line_starts;
      line_starts += text[i] == '\n';
    }
    uint8_t *seen = room((size_t)line_starts);
    filter_find(filter, text, size, seen);
    for (int64_t i = 0; i < found.count; i++) {
      differ += seen[line_of[found.start[i]]] == 0;
    }
    free(seen);
    whole_numbers(text, found.captures, places, found.capture_count, whole, there);
    decimal_numbers(text, found.captures, places, found.capture_count, decimal, there);
    // A form has the number that it had before, and no line is written behind the room for it.
    if (random_below(500) == 0) {
      forms_forget(forms);
    }
    forms_number(forms, program.first_slot, &found, text, rows, found.count, varies, open, numbers, fresh);
    differ += forms_number(forms, program.first_slot, &found, text, rows, found.count, varies, open, again, fresh) != 0;
    differ += memcmp(numbers, again, (size_t)found.count * sizeof *numbers) != 0;
    int64_t room_left = random_below(size + 1), written;
    uint8_t *out = room((size_t)room_left);
    write_lines(program.first_slot, &found, text, rows, found.count, text, labels, is_text, out, room_left, &written);
    differ += written > room_left;
    free(out);
    matches += found.count;
    bytes += size;
    free(text);
  }
  scanner_free(scanners[0]);
  scanner_free(scanners[1]);
  forms_free(forms);
  filter_free(filter);
  free(varies);
  free(is_text);
  free(open);
  free(labels);
  printf("%ld rounds, %.1f MB, %lld matches, %lld given up, %lld differ\n", rounds, (double)bytes / 1e6,
         (long long)matches, (long long)gave_up, (long long)differ);
  return gave_up != 0 || differ != 0;
}
