// All matches of a text that holds one file or many.
#include <stdlib.h>
#include <string.h>

#include "machine.h"

typedef struct {
  int32_t begun, begin, end;
} Place;

static const Place NOWHERE = {NOT_THERE, NOT_THERE, NOT_THERE};
static const Match NO_LEAF = {.leaf = -1};

struct Scanner {
  const Program *program;
  Machine *machine;
  Filter *filter; // this and the memo are not there where there is no automaton
  Memo *memo;
  Place *places; // of each capture
  // The match that the machine made last, and its captures.
  Match made;
  int32_t *captures;
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
  scanner->memo = automaton == NULL ? NULL : memo_new();
  scanner->places = malloc(((size_t)program->groups + 1) * sizeof *scanner->places);
  scanner->captures = malloc(2 * ((size_t)program->slot_count + 1) * sizeof *scanner->captures);
  if (scanner->machine == NULL || scanner->places == NULL || scanner->captures == NULL ||
      (automaton != NULL && (scanner->filter == NULL || scanner->memo == NULL))) {
    scanner_free(scanner);
    return NULL;
  }
  for (int32_t group = 0; group <= program->groups; group++) {
    scanner->places[group] = NOWHERE;
  }
  return scanner;
}

void scanner_free(Scanner *scanner)
{
  if (scanner != NULL) {
    machine_free(scanner->machine);
    filter_free(scanner->filter);
    memo_free(scanner->memo);
    free(scanner->places);
    free(scanner->captures);
    free(scanner);
  }
}

int64_t scanner_steps(const Scanner *scanner)
{
  return machine_steps(scanner->machine);
}

// Makes the match of a line; false where that is too much for the machine.
static bool make(Scanner *scanner, Text text, int32_t line)
{
  const Program *program = scanner->program;
  Match *made = &scanner->made;
  *made = (Match){.leaf = -1, .captures = scanner->captures};
  int32_t stop = machine_run(scanner->machine, text, line), count;
  if (stop < 0) {
    return stop == NO_MATCH;
  }
  const Mark *marks = machine_marks(scanner->machine, &count);
  made->leaf = count > 0 ? program->leaf_of[marks[count - 1].group] : -1;
  made->stop = stop - line;
  if (made->leaf < 0 || made->stop < 0) {
    return false; // only in a damaged program
  }
  for (int32_t i = 0; i < count; i++) {
    Place *place = &scanner->places[marks[i].group];
    int32_t at = marks[i].at - line;
    if (marks[i].ends) {
      place->begin = place->begun;
      place->end = at;
    } else {
      place->begun = at;
    }
  }
  for (int32_t i = program->first_slot[made->leaf]; i < program->first_slot[made->leaf + 1]; i++) {
    const Place *place = &scanner->places[program->slots[i]];
    scanner->captures[2 * made->slots] = place->begin;
    scanner->captures[2 * made->slots++ + 1] = place->end;
  }
  for (int32_t i = 0; i < count; i++) {
    scanner->places[marks[i].group] = NOWHERE;
  }
  return true;
}

// The match of a line, as it is known or made; NULL where that is too much for the machine.
static const Match *match_of(Scanner *scanner, Text text, int32_t line)
{
  if (scanner->filter != NULL && !filter_lets_pass(scanner->filter, scanner->machine, text, line)) {
    return &NO_LEAF;
  }
  const Match *match = scanner->memo == NULL ? NULL : memo_find(scanner->memo, scanner->machine, text, line);
  if (match != NULL) {
    return match;
  }
  if (!make(scanner, text, line)) {
    return NULL;
  }
  if (scanner->memo != NULL) {
    memo_add(scanner->memo, machine_trace(scanner->machine), text, &scanner->made);
  }
  return &scanner->made;
}

// Keeps the match of a line, if there is room.
static bool keep(const Match *match, int32_t line, Found *found)
{
  if (found->count == found->room || found->capture_room - found->capture_count < match->slots) {
    return false;
  }
  int32_t *captures = found->captures + 2 * found->capture_count;
  for (int32_t i = 0; i < 2 * match->slots; i++) {
    captures[i] = match->captures[i] == NOT_THERE ? -1 : line + match->captures[i];
  }
  found->leaf[found->count] = match->leaf;
  found->start[found->count] = line - 1;
  found->stop[found->count] = line + match->stop;
  found->first_capture[found->count] = (int32_t)found->capture_count;
  found->count++;
  found->capture_count += match->slots;
  return true;
}

// Scans a piece from `found->at` on.
static int32_t scan_piece(Scanner *scanner, Text text, int64_t limit, Found *found)
{
  while (found->at < limit && found->at + 1 < text.end) {
    int32_t line = (int32_t)found->at + 1;
    const Match *match = match_of(scanner, text, line);
    if (match == NULL) {
      return GAVE_UP;
    }
    if (match->leaf < 0) {
      const uint8_t *newline = memchr(text.bytes + line, '\n', (size_t)(text.end - line));
      found->at = newline == NULL ? text.end : newline - text.bytes;
    } else if (keep(match, line, found)) {
      found->at = line + match->stop;
    } else {
      return NO_ROOM;
    }
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
