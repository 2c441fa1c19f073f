// One match at one place: the instructions of a program, and a stack of ways that are left.
#include <stdlib.h>
#include <string.h>

#include "machine.h"

enum {
  STACK_FIRST = 1024,
  STACK_MOST = 1 << 20, // 28 MiB; a text that needs more is left to `re`
  MARKS_FIRST = 1024,
  MARKS_MOST = 1 << 20,
  // Bytes that a search for words goes on behind its reach, so that the next one is there already.
  SEARCHED_AHEAD = 8192,
};
// Of one match: no program of ours comes near it, a damaged one might never end.
static const int64_t STEPS_MOST = 1 << 28;

// Where the machine is.
typedef struct {
  int32_t pc, at, marks, count;
} Thread;

// A way that is left, or the beginning of an atom or a look, to which its end goes back.
enum SavedKind { WAY, SHORTER, LONGER, WAYS, BARRIER, BARRIER_NOT };
typedef struct {
  Thread thread;
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
  int32_t stack_room, mark_room, mark_count;
  int64_t steps;
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

const Mark *machine_marks(const Machine *machine, int32_t *count)
{
  *count = machine->mark_count;
  return machine->marks;
}

// Here the text is read by the next four functions alone, and never at or behind its end.

static inline int32_t byte_at(Text text, int32_t at)
{
  return at < text.end ? text.bytes[at] : END_OF_TEXT;
}

// Where the bytes of a set end that begin here, at most so many.
static inline int32_t end_of_span(Text text, int32_t at, int32_t most, const uint8_t *set)
{
  int32_t stop = text.end - at > most ? at + most : text.end;
  while (at < stop && set[text.bytes[at]]) {
    at++;
  }
  return at;
}

static inline bool goes_on_as(Text text, int32_t at, const uint8_t *letters, int32_t count)
{
  return text.end - at >= count && text.bytes[at] == letters[0] && memcmp(text.bytes + at, letters, (size_t)count) == 0;
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

static bool at_edge(Text text, int32_t at)
{
  return (at > 0 && is_word(byte_at(text, at - 1))) != is_word(byte_at(text, at));
}

// The ways of a choice that the next bytes allow, as bits.
static inline uint32_t ways_of(const Program *program, const Choice *choice, Text text, int32_t at)
{
  uint32_t ways = UINT32_MAX >> (32 - choice->ways);
  for (int32_t i = choice->first_view; i < choice->first_view + choice->views; i++) {
    const View *view = &program->views[i];
    int32_t byte = byte_at(text, at + view->distance);
    if (byte == END_OF_TEXT) {
      break;
    }
    ways &= program->masks[(size_t)view->row * 256 + (size_t)byte];
  }
  return ways;
}

static inline int32_t lowest_bit(uint32_t bits)
{
  return __builtin_ctz(bits);
}

static bool grow_stack(Machine *machine)
{
  if (machine->stack_room >= STACK_MOST) {
    return false;
  }
  Saved *stack = realloc(machine->stack, 2 * (size_t)machine->stack_room * sizeof *stack);
  if (stack != NULL) {
    machine->stack = stack;
    machine->stack_room *= 2;
  }
  return stack != NULL;
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

// Whether there is room for what one instruction can add.
static inline bool has_room(Machine *machine, int32_t top, int32_t marks)
{
  return (top < machine->stack_room || grow_stack(machine)) && (marks < machine->mark_room || grow_marks(machine));
}

// Matches at a place. Returns where the match ends, NO_MATCH, or GAVE_UP where the text is too much for the machine.
int32_t machine_run(Machine *machine, Text text, int32_t at)
{
  const Program *program = machine->program;
  const Instruction *code = program->code;
  const uint8_t *sets = program->sets;
  Thread now = {.pc = 0, .at = at, .marks = 0, .count = 0};
  int32_t top = 0, barrier = -1;
  int64_t steps = 0;

  for (;;) {
    const Instruction *in = &code[now.pc];
    const uint8_t *set = sets + in->set;
    bool ok = true; // whether the instruction succeeds; it leaves `now.pc` at the one before the next
    steps++;
    if (steps > STEPS_MOST || !has_room(machine, top, now.marks)) {
      machine->steps += steps;
      return GAVE_UP;
    }

    switch (in->op) {
    case FAIL:
      ok = false;
      break;
    case MATCH:
      machine->mark_count = now.marks;
      machine->steps += steps;
      return now.at;
    case BYTE:
      ok = set[byte_at(text, now.at)];
      now.at++;
      break;
    case EACH:
      for (int32_t i = 0; ok && i < in->high; i++) {
        ok = sets[program->series[in->low + i] + byte_at(text, now.at)];
        now.at++;
      }
      break;
    case TEXT:
      ok = goes_on_as(text, now.at, program->letters + in->low, in->high);
      now.at += in->high;
      break;
    case SPAN: {
      int32_t stop = end_of_span(text, now.at, in->high, set);
      steps += stop - now.at;
      ok = stop - now.at >= in->low;
      now.at = stop;
      break;
    }
    case GREEDY: {
      int32_t stop = end_of_span(text, now.at, in->high, set);
      steps += stop - now.at;
      if (stop - now.at < in->low) {
        ok = false;
        break;
      }
      int32_t bound = now.at + in->low;
      now.at = stop;
      if (stop > bound) {
        machine->stack[top++] = (Saved){.thread = now, .kind = SHORTER, .bound = bound};
      }
      break;
    }
    case LAZY: {
      int32_t begin = now.at;
      int32_t stop = end_of_span(text, begin, in->low, set);
      if (stop - begin < in->low) {
        ok = false;
        break;
      }
      now.at = stop;
      int32_t bound = text.end - begin > in->high ? begin + in->high : text.end;
      machine->stack[top++] = (Saved){.thread = now, .kind = LONGER, .bound = bound};
      ok = sets[in->follow + byte_at(text, now.at)];
      break;
    }
    case SWITCH: {
      int32_t target = program->switches[(size_t)in->low * BYTES_AND_END + (size_t)byte_at(text, now.at)];
      ok = target >= 0;
      now.pc = target - 1;
      break;
    }
    case CHOOSE: {
      const Choice *choice = &program->choices[in->low];
      uint32_t ways = ways_of(program, choice, text, now.at);
      if (ways == 0) {
        ok = false;
        break;
      }
      uint32_t left = ways & (ways - 1);
      if (left != 0) {
        machine->stack[top++] = (Saved){.thread = now, .kind = WAYS, .ways = left};
      }
      now.pc = program->targets[choice->first_target + lowest_bit(ways)] - 1;
      break;
    }
    case TEST:
      if (!set[byte_at(text, now.at)]) {
        now.pc = in->target - 1;
      }
      break;
    case SPLIT:
      machine->stack[top++] = (Saved){.thread = now, .kind = WAY};
      break;
    case JUMP:
      now.pc = in->target - 1;
      break;
    case ATOM:
    case LOOK:
      machine->stack[top++] = (Saved){.thread = now, .kind = BARRIER, .bound = barrier};
      barrier = top - 1;
      break;
    case NOT:
      machine->stack[top++] = (Saved){.thread = now, .kind = BARRIER_NOT, .bound = barrier};
      barrier = top - 1;
      break;
    case ATOM_END:
    case LOOK_END:
    case NOT_END:
      if (barrier < 0) {
        ok = false; // only in a damaged program
        break;
      }
      top = barrier;
      barrier = machine->stack[top].bound;
      if (in->op == LOOK_END) {
        now.at = machine->stack[top].thread.at;
      }
      ok = in->op != NOT_END;
      break;
    case PEEK:
      ok = set[byte_at(text, now.at)];
      break;
    case BEHIND:
      ok = now.at >= in->low;
      now.at -= in->low;
      break;
    case EDGE:
      ok = at_edge(text, now.at);
      break;
    case OPEN:
    case CLOSE:
      machine->marks[now.marks++] = (Mark){.group = in->low, .at = now.at, .ends = in->op == CLOSE};
      break;
    case RESET:
      now.count = 0;
      break;
    case COUNT:
      ok = now.count < in->high;
      now.count++;
      break;
    case WORDS:
      ok = words_ahead(machine, in->low, text, now.at);
      break;
    default:
      ok = false;
    }

    // What failed goes back to the last way that is left.
    while (!ok) {
      if (top == 0) {
        machine->steps += steps;
        return NO_MATCH;
      }
      Saved *saved = &machine->stack[top - 1];
      now = saved->thread;
      in = &code[now.pc];
      switch (saved->kind) {
      case WAY:
        top--;
        now.pc = in->target - 1;
        ok = true;
        break;
      case SHORTER: {
        const uint8_t *follow = sets + in->follow;
        do {
          now.at--;
          steps++;
        } while (now.at >= saved->bound && !follow[byte_at(text, now.at)]);
        ok = now.at >= saved->bound;
        saved->thread.at = now.at;
        if (now.at <= saved->bound) {
          top--;
        }
        break;
      }
      case LONGER: {
        const uint8_t *follow = sets + in->follow;
        set = sets + in->set;
        while (now.at < saved->bound && set[byte_at(text, now.at)]) {
          now.at++;
          steps++;
          if (follow[byte_at(text, now.at)]) {
            ok = true;
            break;
          }
        }
        saved->thread.at = now.at;
        if (!ok) {
          top--;
        }
        break;
      }
      case WAYS: {
        const Choice *choice = &program->choices[in->low];
        now.pc = program->targets[choice->first_target + lowest_bit(saved->ways)] - 1;
        saved->ways &= saved->ways - 1;
        if (saved->ways == 0) {
          top--;
        }
        ok = true;
        break;
      }
      case BARRIER:
        top--;
        barrier = saved->bound;
        break;
      default: // BARRIER_NOT: what must fail did
        top--;
        barrier = saved->bound;
        now.pc = in->target - 1;
        ok = true;
      }
    }
    now.pc++;
  }
}
