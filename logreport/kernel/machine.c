// One match at one place: the instructions of a program, and a stack of ways that are left.
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum {
  STACK_FIRST = 1024,
  STACK_MOST = 1 << 20, // 32 MiB; a text that needs more is left to `re`
  MARKS_FIRST = 1024,
  MARKS_MOST = 1 << 20,
  // Bytes that a search for words goes on behind its reach, so that the next one is there already.
  SEARCHED_AHEAD = 8192,
};
// Of one match: no program of ours comes near it, a damaged one might never end.
static const int64_t STEPS_MOST = 1 << 28;

// A way that is left, or the beginning of an atom or a look, to which its end goes back: where the machine was, and what it
// had.
enum SavedKind { WAY, SHORTER, LONGER, WAYS, BARRIER, BARRIER_NOT };
typedef struct {
  const Instruction *in;
  int32_t at, marks, count;
  int32_t kind;
  int32_t bound; // SHORTER, LONGER: how far; barriers: the barrier before
  uint32_t ways; // WAYS: those left, as bits
} Saved;

// What is known of words: none begins in [from, to); one begins at `to` if found.
typedef struct {
  int32_t from, to;
  bool found;
} Searched;

struct Machine {
  const Program *program;
  Saved *stack;
  Mark *marks;
  int32_t top, stack_room, mark_room, mark_count;
  int64_t steps;
  Trace trace;
  Searched searched[WORD_SETS];
};

Machine *machine_new(const Program *program)
{
  Machine *machine = calloc(1, sizeof *machine);
  if (machine == NULL) {
    return NULL;
  }
  machine->program = program;
  machine->stack_room = STACK_FIRST;
  machine->mark_room = MARKS_FIRST;
  machine->stack = malloc(STACK_FIRST * sizeof *machine->stack);
  machine->marks = malloc(MARKS_FIRST * sizeof *machine->marks);
  if (machine->stack == NULL || machine->marks == NULL) {
    machine_free(machine);
    return NULL;
  }
  machine_forget(machine);
  return machine;
}

void machine_free(Machine *machine)
{
  if (machine != NULL) {
    free(machine->stack);
    free(machine->marks);
    free(machine);
  }
}

// Another text comes.
void machine_forget(Machine *machine)
{
  for (int32_t set = 0; set < WORD_SETS; set++) {
    machine->searched[set] = (Searched){.from = 0, .to = -1, .found = false};
  }
}

// How much was done so far: instructions, and bytes that one instruction passed.
int64_t machine_steps(const Machine *machine)
{
  return machine->steps;
}

// What the last match depended on.
const Trace *machine_trace(const Machine *machine)
{
  return &machine->trace;
}

const Mark *machine_marks(const Machine *machine, int32_t *count)
{
  *count = machine->mark_count;
  return machine->marks;
}

// Here the text is read by the next functions alone, and never at or behind its end.

static inline int32_t byte_at(Text text, int32_t at)
{
  return at < text.end ? text.bytes[at] : END_OF_TEXT;
}

static inline bool goes_on_as(Text text, int32_t at, const uint8_t *letters, int32_t count)
{
  return text.end - at >= count && text.bytes[at] == letters[0] && memcmp(text.bytes + at, letters, (size_t)count) == 0;
}

// Whether a row, which has an entry of some bytes for each byte, has the same for all digits.
static inline bool is_same_for_digits(const void *row, size_t size)
{
  const uint8_t *zero = (const uint8_t *)row + '0' * size;
  return memcmp(zero, zero + size, 9 * size) == 0;
}

// The byte at a place was looked at, or there is none.
static inline void trace_byte(Trace *trace, Text text, int32_t at)
{
  if (at >= text.end) {
    trace->open = true;
  } else if (at >= trace->to) {
    trace->to = at + 1;
  }
}

// A digit was told from others.
static void trace_digit(Trace *trace, int32_t at)
{
  for (int32_t i = 0; i < trace->told_count; i++) {
    if (trace->told[i] == at) {
      return;
    }
  }
  if (trace->told_count == TOLD_MOST) {
    trace->open = true;
  } else {
    trace->told[trace->told_count++] = at;
  }
}

// The next byte, which is looked up in a row.
static inline int32_t look(Trace *trace, Text text, int32_t at, const void *row, size_t size)
{
  int32_t byte = byte_at(text, at);
  trace_byte(trace, text, at);
  if (is_digit(byte) && !is_same_for_digits(row, size)) {
    trace_digit(trace, at);
  }
  return byte;
}

static inline bool is_of(Trace *trace, Text text, int32_t at, const uint8_t *set)
{
  return set[look(trace, text, at, set, sizeof *set)];
}

// Where the bytes of a set end that begin here, at most so many.
static inline int32_t end_of_span(Trace *trace, Text text, int32_t at, int32_t most, const uint8_t *set)
{
  int32_t begin = at, stop = text.end - at > most ? at + most : text.end;
  while (at < stop && set[text.bytes[at]]) {
    at++;
  }
  trace_byte(trace, text, at);
  if (!is_same_for_digits(set, sizeof *set)) {
    for (; begin <= at; begin++) {
      if (is_digit(byte_at(text, begin))) {
        trace_digit(trace, begin);
      }
    }
  }
  return at;
}

// Whether the text goes on as some letters, looked at one by one.
static inline bool reads(Trace *trace, Text text, int32_t at, const uint8_t *letters, int32_t count)
{
  for (int32_t i = 0; i < count; i++) {
    int32_t byte = byte_at(text, at + i);
    trace_byte(trace, text, at + i);
    if (is_digit(byte) && is_digit(letters[i])) {
      trace_digit(trace, at + i);
    }
    if (byte != letters[i]) {
      return false;
    }
  }
  return true;
}

// Where the first word of a set begins in [at, stop), or stop. A word cannot end nearer than the shift of the two bytes says.
static int32_t first_word(const Program *program, int32_t number, Text text, int32_t at, int32_t stop)
{
  const WordSet *set = &program->word_sets[number];
  const uint8_t *shifts = program->shifts + (size_t)number * PAIRS;
  int32_t ahead = set->shortest - 1;
  while (at < stop && text.end - at > ahead) {
    const uint8_t *last = text.bytes + at + ahead;
    int32_t shift = shifts[(last[0] ^ last[-1] << 4) & (PAIRS - 1)];
    if (shift > 0) {
      at += shift;
      continue;
    }
    for (int32_t i = set->first; i < set->first + set->words; i++) {
      const Word *word = &program->words[i];
      if (goes_on_as(text, at, program->letters + word->first, word->length)) {
        return at;
      }
    }
    at++;
  }
  return stop;
}

// Whether one of some words begins within reach. What was searched is remembered, so that no byte is searched twice.
bool words_ahead(Machine *machine, int32_t number, Text text, int32_t at)
{
  Searched *searched = &machine->searched[number];
  int32_t reach = machine->program->word_sets[number].reach;
  int32_t stop = text.end - at > reach ? at + reach + 1 : text.end;
  if (at < searched->from || at > searched->to) {
    *searched = (Searched){.from = at, .to = at, .found = false};
  }
  if (!searched->found && searched->to < stop) {
    int32_t goal = text.end - stop > SEARCHED_AHEAD ? stop + SEARCHED_AHEAD : text.end;
    machine->steps += goal - searched->to;
    searched->to = first_word(machine->program, number, text, searched->to, goal);
    searched->found = searched->to < goal;
  }
  return searched->found && searched->to < stop;
}

static inline bool is_word(int32_t byte)
{
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';
}

static bool at_edge(Trace *trace, Text text, int32_t at)
{
  trace->open |= at <= trace->from;
  trace_byte(trace, text, at); // all digits are of words
  return (at > 0 && is_word(byte_at(text, at - 1))) != is_word(byte_at(text, at));
}

// The ways of a choice that the next bytes of the line allow, as bits; once there is one way only, no byte is looked at.
static inline uint32_t ways_of(Trace *trace, const Program *program, const Choice *choice, Text text, int32_t at)
{
  uint32_t ways = UINT32_MAX >> (32 - choice->ways);
  for (int32_t i = choice->first_view; i < choice->first_view + choice->views && (ways & (ways - 1)) != 0; i++) {
    const View *view = &program->views[i];
    const uint32_t *masks = program->masks + (size_t)view->row * 256;
    int32_t byte = look(trace, text, at + view->distance, masks, sizeof *masks);
    if (byte == END_OF_TEXT) {
      break;
    }
    ways &= masks[byte];
    if (byte == '\n') {
      break;
    }
  }
  return ways;
}

static inline int32_t lowest_bit(uint32_t bits)
{
  return __builtin_ctz(bits);
}

// Saves a way; false where there is no room for it.
static bool save(Machine *machine, Saved saved)
{
  if (machine->top == machine->stack_room) {
    if (machine->stack_room >= STACK_MOST) {
      return false;
    }
    Saved *stack = realloc(machine->stack, 2 * (size_t)machine->stack_room * sizeof *stack);
    if (stack == NULL) {
      return false;
    }
    machine->stack = stack;
    machine->stack_room *= 2;
  }
  machine->stack[machine->top++] = saved;
  return true;
}

static bool grow_marks(Machine *machine)
{
  if (machine->mark_room >= MARKS_MOST) {
    return false;
  }
  Mark *marks = realloc(machine->marks, 2 * (size_t)machine->mark_room * sizeof *marks);
  if (marks != NULL) {
    machine->marks = marks;
    machine->mark_room *= 2;
  }
  return marks != NULL;
}

static int32_t ended(Machine *machine, int64_t steps, int32_t outcome)
{
  machine->steps += steps;
  return outcome;
}

// Matches at a place. Returns where the match ends, NO_MATCH, or GAVE_UP where the text is too much for the machine.
int32_t machine_run(Machine *machine, Text text, int32_t at)
{
  const Program *program = machine->program;
  const Instruction *code = program->code, *in = code;
  const uint8_t *sets = program->sets;
  Trace *trace = &machine->trace;
  int32_t marks = 0, count = 0, barrier = -1;
  int64_t steps = 0;
  machine->top = 0;
  trace->from = trace->to = at;
  trace->told_count = trace->asked_count = 0;
  trace->open = false;

  for (;;) {
    const Instruction *next = in + 1;
    bool ok = true; // whether the instruction succeeds
    steps++;
    if (steps > STEPS_MOST) {
      return ended(machine, steps, GAVE_UP);
    }

    switch (in->op) {
    case FAIL:
      ok = false;
      break;
    case MATCH:
      machine->mark_count = marks;
      return ended(machine, steps, at);
    case BYTE:
      ok = is_of(trace, text, at, sets + in->set);
      at++;
      break;
    case EACH:
      for (int32_t i = 0; ok && i < in->high; i++) {
        ok = is_of(trace, text, at, sets + program->series[in->low + i]);
        at++;
      }
      break;
    case TEXT:
      ok = reads(trace, text, at, program->letters + in->low, in->high);
      at += in->high;
      break;
    case SPAN: {
      int32_t begin = at;
      at = end_of_span(trace, text, begin, in->high, sets + in->set);
      steps += at - begin;
      ok = at - begin >= in->low;
      break;
    }
    case GREEDY: {
      int32_t begin = at;
      at = end_of_span(trace, text, begin, in->high, sets + in->set);
      steps += at - begin;
      ok = at - begin >= in->low;
      if (at - begin > in->low &&
          !save(machine, (Saved){in, at, marks, count, .kind = SHORTER, .bound = begin + in->low})) {
        return ended(machine, steps, GAVE_UP);
      }
      break;
    }
    case LAZY: {
      int32_t begin = at;
      at = end_of_span(trace, text, begin, in->low, sets + in->set);
      if (at - begin < in->low) {
        ok = false;
        break;
      }
      int32_t bound = text.end - begin > in->high ? begin + in->high : text.end;
      if (!save(machine, (Saved){in, at, marks, count, .kind = LONGER, .bound = bound})) {
        return ended(machine, steps, GAVE_UP);
      }
      ok = is_of(trace, text, at, sets + in->follow);
      break;
    }
    case SWITCH: {
      const int32_t *targets = program->switches + (size_t)in->low * BYTES_AND_END;
      int32_t target = targets[look(trace, text, at, targets, sizeof *targets)];
      ok = target >= 0;
      next = ok ? code + target : next;
      break;
    }
    case CHOOSE: {
      const Choice *choice = &program->choices[in->low];
      uint32_t ways = ways_of(trace, program, choice, text, at);
      if (ways == 0) {
        ok = false;
        break;
      }
      uint32_t left = ways & (ways - 1);
      if (left != 0 && !save(machine, (Saved){in, at, marks, count, .kind = WAYS, .ways = left})) {
        return ended(machine, steps, GAVE_UP);
      }
      next = code + program->targets[choice->first_target + lowest_bit(ways)];
      break;
    }
    case TEST:
      if (!is_of(trace, text, at, sets + in->set)) {
        next = code + in->target;
      }
      break;
    case SPLIT:
      if (!save(machine, (Saved){in, at, marks, count, .kind = WAY})) {
        return ended(machine, steps, GAVE_UP);
      }
      break;
    case JUMP:
      next = code + in->target;
      break;
    case ATOM:
    case LOOK:
    case NOT:
      if (!save(machine,
                (Saved){in, at, marks, count, .kind = in->op == NOT ? BARRIER_NOT : BARRIER, .bound = barrier})) {
        return ended(machine, steps, GAVE_UP);
      }
      barrier = machine->top - 1;
      break;
    case ATOM_END:
    case LOOK_END:
    case NOT_END:
      if (barrier < 0) {
        ok = false; // only in a damaged program
        break;
      }
      machine->top = barrier;
      if (in->op == LOOK_END) {
        at = machine->stack[barrier].at;
      }
      ok = in->op != NOT_END;
      barrier = machine->stack[barrier].bound;
      break;
    case PEEK:
      ok = is_of(trace, text, at, sets + in->set);
      break;
    case BEHIND:
      ok = at >= in->low;
      at -= in->low;
      trace->open |= at < trace->from;
      break;
    case EDGE:
      ok = at_edge(trace, text, at);
      break;
    case OPEN:
    case CLOSE:
      if (marks == machine->mark_room && !grow_marks(machine)) {
        return ended(machine, steps, GAVE_UP);
      }
      machine->marks[marks++] = (Mark){.group = in->low, .at = at, .ends = in->op == CLOSE};
      break;
    case RESET:
      count = 0;
      break;
    case COUNT:
      ok = count < in->high;
      count++;
      break;
    case WORDS:
      ok = words_ahead(machine, in->low, text, at);
      if (trace->asked_count == ASKED_MOST) {
        trace->open = true;
      } else {
        trace->asked[trace->asked_count++] = (Asked){in->low, at, ok};
      }
      break;
    default:
      ok = false;
    }

    // What failed goes back to the last way that is left.
    while (!ok) {
      if (machine->top == 0) {
        return ended(machine, steps, NO_MATCH);
      }
      Saved *saved = &machine->stack[machine->top - 1];
      in = saved->in;
      at = saved->at;
      marks = saved->marks;
      count = saved->count;
      next = in + 1;
      switch (saved->kind) {
      case WAY:
        machine->top--;
        next = code + in->target;
        ok = true;
        break;
      case SHORTER: {
        const uint8_t *follow = sets + in->follow;
        do {
          at--;
          steps++;
        } while (at >= saved->bound && !is_of(trace, text, at, follow));
        ok = at >= saved->bound;
        saved->at = at;
        if (at <= saved->bound) {
          machine->top--;
        }
        break;
      }
      case LONGER: {
        const uint8_t *follow = sets + in->follow, *set = sets + in->set;
        while (!ok && at < saved->bound && is_of(trace, text, at, set)) {
          at++;
          steps++;
          ok = is_of(trace, text, at, follow);
        }
        saved->at = at;
        if (!ok) {
          machine->top--;
        }
        break;
      }
      case WAYS: {
        const Choice *choice = &program->choices[in->low];
        next = code + program->targets[choice->first_target + lowest_bit(saved->ways)];
        saved->ways &= saved->ways - 1;
        if (saved->ways == 0) {
          machine->top--;
        }
        ok = true;
        break;
      }
      case BARRIER:
        machine->top--;
        barrier = saved->bound;
        break;
      default: // BARRIER_NOT: what must fail did
        machine->top--;
        barrier = saved->bound;
        next = code + in->target;
        ok = true;
      }
    }
    in = next;
  }
}
