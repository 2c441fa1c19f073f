// All matches of a text that holds one file or many.
#include <stdlib.h>
#include <string.h>

#include "machine.h"

typedef struct {
  int32_t begun, begin, end;
} Place;

struct Scanner {
  const Program *program;
  Machine *machine;
  Filter *filter; // none where there is no automaton
  Place *places;  // of each capture
};

// The number of the sources that hatch_build.py gives; a library of others is not used.
#ifndef SOURCES
#define SOURCES 0
#endif
int32_t kernel_sources(void)
{
  return SOURCES;
}

Scanner *scanner_new(const Program *program, const Automaton *automaton, bool filter_always)
{
  Scanner *scanner = calloc(1, sizeof *scanner);
  if (scanner == NULL) {
    return NULL;
  }
  scanner->program = program;
  scanner->machine = machine_new(program);
  scanner->filter = automaton == NULL ? NULL : filter_new(automaton, program->word_set_count, filter_always);
  scanner->places = malloc(((size_t)program->groups + 1) * sizeof *scanner->places);
  if (scanner->machine == NULL || scanner->places == NULL || (automaton != NULL && scanner->filter == NULL)) {
    scanner_free(scanner);
    return NULL;
  }
  for (int32_t group = 0; group <= program->groups; group++) {
    scanner->places[group] = (Place){-1, -1, -1};
  }
  return scanner;
}

void scanner_free(Scanner *scanner)
{
  if (scanner != NULL) {
    machine_free(scanner->machine);
    filter_free(scanner->filter);
    free(scanner->places);
    free(scanner);
  }
}

int64_t scanner_steps(const Scanner *scanner)
{
  return machine_steps(scanner->machine);
}

// Keeps the match that the machine has just made, if there is room.
static int32_t keep(Scanner *scanner, Found *found, int64_t start, int64_t stop)
{
  const Program *program = scanner->program;
  int32_t count;
  const Mark *marks = machine_marks(scanner->machine, &count);
  int32_t leaf = count > 0 ? program->leaf_of[marks[count - 1].group] : -1;
  if (leaf < 0) {
    return GAVE_UP;
  }
  int32_t first = program->first_slot[leaf], slots = program->first_slot[leaf + 1] - first;
  if (found->count == found->room || found->capture_room - found->capture_count < slots) {
    return NO_ROOM;
  }
  for (int32_t i = 0; i < count; i++) {
    Place *place = &scanner->places[marks[i].group];
    if (marks[i].ends) {
      place->begin = place->begun;
      place->end = marks[i].at;
    } else {
      place->begun = marks[i].at;
    }
  }
  int32_t *capture = found->captures + 2 * found->capture_count;
  for (int32_t i = 0; i < slots; i++) {
    const Place *place = &scanner->places[program->slots[first + i]];
    *capture++ = place->begin;
    *capture++ = place->end;
  }
  for (int32_t i = 0; i < count; i++) {
    scanner->places[marks[i].group] = (Place){-1, -1, -1};
  }
  found->leaf[found->count] = leaf;
  found->start[found->count] = start;
  found->stop[found->count] = stop;
  found->first_capture[found->count] = (int32_t)found->capture_count;
  found->count++;
  found->capture_count += slots;
  return SCANNED;
}

// Scans a piece from `found->at` on.
static int32_t scan_piece(Scanner *scanner, Text text, int64_t limit, Found *found)
{
  while (found->at < limit && found->at + 1 < text.end) {
    int32_t line = (int32_t)found->at + 1, stop = NO_MATCH;
    if (scanner->filter == NULL || filter_lets_pass(scanner->filter, scanner->machine, text, line)) {
      stop = machine_run(scanner->machine, text, line);
    }
    if (stop == NO_MATCH) {
      const uint8_t *newline = memchr(text.bytes + line, '\n', (size_t)(text.end - line));
      found->at = newline == NULL ? text.end : newline - text.bytes;
      continue;
    }
    // A match that ends before it begins is one of a damaged program.
    int32_t outcome = stop < line ? GAVE_UP : keep(scanner, found, found->at, stop);
    if (outcome != SCANNED) {
      return outcome;
    }
    found->at = stop;
  }
  return SCANNED;
}

// Scans pieces, from `found->piece` on: SCANNED, GAVE_UP, or NO_ROOM, and then it goes on when it is called with more.
int32_t scanner_scan(Scanner *scanner, const uint8_t *bytes, const Piece *pieces, int64_t piece_count, Found *found)
{
  for (; found->piece < piece_count; found->piece++) {
    const Piece *piece = &pieces[found->piece];
    if (found->at < 0) {
      found->at = piece->begin;
      found->bounds[found->piece] = found->count;
    }
    machine_forget(scanner->machine);
    int32_t outcome = scan_piece(scanner, (Text){bytes, (int32_t)piece->end}, piece->limit, found);
    if (outcome != SCANNED) {
      return outcome;
    }
    found->at = -1;
  }
  found->bounds[piece_count] = found->count;
  return SCANNED;
}
