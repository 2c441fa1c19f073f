// Which lines can match at all: the states of an automaton, made when they are met, as in RE2. It may say "perhaps" too often,
// never "no" wrongly.
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum {
  STATES_MOST = 4096,
  SLOTS = 1 << 14, // of the hash table of states
  LOOKED_AT = 64,  // bytes of a line
  ROUND = 64,      // lines, after which it is asked whether the filter is worth its time
  MANY = 40,       // of a round; where more pass, it is left out
  LEFT_OUT = 2048, // for so many lines
  WORD = 64,       // bits
};
enum { UNKNOWN = -2, DEAD = -1, FULL = -3 };

struct Filter {
  const Automaton *automaton;
  int32_t word_sets;
  bool always;

  // States: their positions lie one after the other.
  int32_t states, *first_member, *members;
  int32_t *next;   // by state and class of bytes
  uint32_t *looks; // of each state: bit 0 where a match may end, bit 1 + n where words n are looked for
  int32_t *slots;  // states by hash, -1 where none is

  // One step from a state to the next.
  uint64_t *met; // a bit for each position
  int32_t *found;

  int32_t asked, passed, left_out;
};

static uint32_t hash_of(const int32_t *members, int32_t count)
{
  uint32_t hash = 2166136261U; // FNV-1a over whole numbers
  for (int32_t i = 0; i < count; i++) {
    hash = (hash ^ (uint32_t)members[i]) * 16777619U;
  }
  return hash ^ hash >> 15;
}

// The state of some positions, which are in order; FULL where there is no room for it.
static int32_t state_of(Filter *filter, const int32_t *members, int32_t count)
{
  uint32_t slot = hash_of(members, count) % SLOTS;
  for (; filter->slots[slot] >= 0; slot = (slot + 1) % SLOTS) {
    int32_t state = filter->slots[slot], first = filter->first_member[state];
    if (filter->first_member[state + 1] - first == count &&
        memcmp(filter->members + first, members, (size_t)count * sizeof *members) == 0) {
      return state;
    }
  }
  int32_t state = filter->states, first = filter->first_member[state];
  if (state == STATES_MOST || POSITIONS_MOST - first < count) {
    return FULL;
  }
  filter->states++;
  filter->slots[slot] = state;
  filter->first_member[state + 1] = first + count;
  memcpy(filter->members + first, members, (size_t)count * sizeof *members);
  filter->looks[state] = 0;
  for (int32_t i = 0; i < count && members[i] <= filter->word_sets; i++) {
    filter->looks[state] |= 1U << members[i];
  }
  for (int32_t i = 0; i < filter->automaton->classes; i++) {
    filter->next[(size_t)state * (size_t)filter->automaton->classes + (size_t)i] = UNKNOWN;
  }
  return state;
}

// Begins anew, with the state of the beginning alone.
static void forget_states(Filter *filter)
{
  filter->states = 0;
  filter->first_member[0] = 0;
  for (int32_t slot = 0; slot < SLOTS; slot++) {
    filter->slots[slot] = -1;
  }
  state_of(filter, filter->automaton->start, filter->automaton->start_count);
}

Filter *filter_new(const Automaton *automaton, int32_t word_sets, bool always)
{
  Filter *filter = calloc(1, sizeof *filter);
  if (filter == NULL) {
    return NULL;
  }
  filter->automaton = automaton;
  filter->word_sets = word_sets;
  filter->always = always;
  filter->first_member = malloc((STATES_MOST + 1) * sizeof *filter->first_member);
  filter->members = malloc(POSITIONS_MOST * sizeof *filter->members);
  filter->next = malloc((size_t)STATES_MOST * (size_t)automaton->classes * sizeof *filter->next);
  filter->looks = malloc(STATES_MOST * sizeof *filter->looks);
  filter->slots = malloc(SLOTS * sizeof *filter->slots);
  filter->met = malloc(((size_t)automaton->positions / WORD + 1) * sizeof *filter->met);
  filter->found = malloc((size_t)automaton->positions * sizeof *filter->found);
  if (filter->first_member == NULL || filter->members == NULL || filter->next == NULL || filter->looks == NULL ||
      filter->slots == NULL || filter->met == NULL || filter->found == NULL) {
    filter_free(filter);
    return NULL;
  }
  forget_states(filter);
  return filter;
}

void filter_free(Filter *filter)
{
  if (filter != NULL) {
    free(filter->first_member);
    free(filter->members);
    free(filter->next);
    free(filter->looks);
    free(filter->slots);
    free(filter->met);
    free(filter->found);
    free(filter);
  }
}

// Makes the state behind a byte of some class: DEAD where nothing goes on, FULL where all was forgotten to have room again.
static int32_t step(Filter *filter, int32_t state, int32_t byte_class)
{
  const Automaton *automaton = filter->automaton;
  int32_t words = automaton->positions / WORD + 1, count = 0;
  memset(filter->met, 0, (size_t)words * sizeof *filter->met);
  for (int32_t i = filter->first_member[state]; i < filter->first_member[state + 1]; i++) {
    int32_t position = filter->members[i];
    size_t row = (size_t)automaton->set_of[position] * (size_t)automaton->classes;
    if (!automaton->members[row + (size_t)byte_class]) {
      continue;
    }
    for (int32_t j = automaton->first_next[position]; j < automaton->first_next[position + 1]; j++) {
      filter->met[automaton->next[j] / WORD] |= UINT64_C(1) << automaton->next[j] % WORD;
    }
  }
  for (int32_t word = 0; word < words; word++) {
    int32_t position = word * WORD;
    for (uint64_t rest = filter->met[word]; rest != 0; rest >>= 1, position++) {
      if (rest & 1) {
        filter->found[count++] = position;
      }
    }
  }
  int32_t next = count > 0 ? state_of(filter, filter->found, count) : DEAD;
  if (next == FULL) {
    forget_states(filter);
  } else {
    filter->next[(size_t)state * (size_t)automaton->classes + (size_t)byte_class] = next;
  }
  return next;
}

// Whether a match may end in a state, or a look in it finds its words.
static bool decides(const Filter *filter, int32_t state, Machine *machine, Text text, int32_t at)
{
  uint32_t looks = filter->looks[state];
  if (looks & 1) {
    return true;
  }
  for (int32_t set = 0; set < filter->word_sets; set++) {
    if (looks & 2U << set && words_ahead(machine, set, text, at)) {
      return true;
    }
  }
  return false;
}

static bool may_match(Filter *filter, Machine *machine, Text text, int32_t at)
{
  const Automaton *automaton = filter->automaton;
  int32_t stop = text.end - at > LOOKED_AT ? at + LOOKED_AT : text.end;
  int32_t state = 0;
  for (;; at++) {
    if (filter->looks[state] != 0 && decides(filter, state, machine, text, at)) {
      return true;
    }
    if (at >= stop) {
      return true;
    }
    int32_t byte_class = automaton->class_of[text.bytes[at]];
    int32_t next = filter->next[(size_t)state * (size_t)automaton->classes + (size_t)byte_class];
    if (next == UNKNOWN) {
      next = step(filter, state, byte_class);
    }
    if (next < 0) {
      return next == FULL;
    }
    state = next;
  }
}

// Whether a match may begin here. Where most lines pass, it says so of all lines for a while without looking.
bool filter_lets_pass(Filter *filter, Machine *machine, Text text, int32_t at)
{
  if (filter->left_out > 0) {
    filter->left_out--;
    return true;
  }
  bool may = may_match(filter, machine, text, at);
  filter->asked++;
  filter->passed += may;
  if (filter->asked == ROUND) {
    filter->left_out = filter->passed > MANY && !filter->always ? LEFT_OUT : 0;
    filter->asked = 0;
    filter->passed = 0;
  }
  return may;
}

// Which patterns may be found in a line, that begins with the newline before it: all where there are too many states, or where
// one may go on in the next line. It is seen with a newline behind it.
static uint32_t found_in(Filter *filter, const uint8_t *at, const uint8_t *end)
{
  const Automaton *automaton = filter->automaton;
  const uint32_t all = (2U << filter->word_sets) - 1;
  uint32_t found = filter->looks[0];
  int32_t state = 0;
  for (;; at++) {
    int32_t byte_class = automaton->class_of[at < end ? *at : '\n'];
    int32_t next = filter->next[(size_t)state * (size_t)automaton->classes + (size_t)byte_class];
    if (next == UNKNOWN) {
      next = step(filter, state, byte_class);
    }
    if (next < 0) {
      return next == FULL ? all : found;
    }
    found |= filter->looks[next];
    state = next;
    if (at >= end) {
      return filter->members[filter->first_member[state + 1] - 1] > filter->word_sets ? all : found;
    }
  }
}

// For each line of a text, each with a newline before it, which patterns may be found in it: bit n for the one that ends in
// position n.
void filter_find(Filter *filter, const uint8_t *bytes, int64_t size, uint8_t *found)
{
  const uint8_t *at = bytes, *end = bytes + size;
  while (at < end) {
    const uint8_t *newline = memchr(at + 1, '\n', (size_t)(end - at - 1));
    const uint8_t *line_end = newline == NULL ? end : newline;
    *found++ = (uint8_t)found_in(filter, at, line_end);
    at = line_end;
  }
}
