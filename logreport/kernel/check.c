// Whether a program stays within its tables: it is read from a file, which may be damaged.
#include <stddef.h>

#include "machine.h"

static bool within(int32_t index, int32_t count)
{
  return index >= 0 && index < count;
}

// Whether `count` things from `first` on are among `all`.
static bool are_within(int32_t first, int32_t count, int32_t all)
{
  return first >= 0 && count >= 0 && count <= all && first <= all - count;
}

static bool is_set(const Program *program, int32_t row)
{
  return are_within(row, BYTES_AND_END, program->set_bytes);
}

// Whether the end of the text is no member: it cannot be taken.
static bool is_of_bytes(const Program *program, int32_t row)
{
  return !program->sets[row + END_OF_TEXT];
}

static bool instruction_fits(const Program *program, int32_t place)
{
  const Instruction *in = &program->code[place];
  if (!within(in->op, OPERATIONS) || !is_set(program, in->set) || !is_set(program, in->follow) ||
      !within(in->target, program->instructions) || in->low < 0 || in->high < 0) {
    return false;
  }
  // The last one must not go on behind itself, whatever its way.
  bool goes_on = in->op != MATCH && in->op != JUMP && in->op != FAIL && in->op != SWITCH && in->op != CHOOSE;
  if (goes_on && place + 1 == program->instructions) {
    return false;
  }
  switch (in->op) {
  case BYTE:
    return is_of_bytes(program, in->set);
  case EACH:
    return are_within(in->low, in->high, program->series_count);
  case TEXT:
    return in->high > 0 && are_within(in->low, in->high, program->letter_count);
  case SWITCH:
    return within(in->low, program->switch_count);
  case CHOOSE:
    return within(in->low, program->choice_count);
  case OPEN:
  case CLOSE:
    return in->low <= program->groups;
  case WORDS:
    return within(in->low, program->word_set_count);
  default:
    return true;
  }
}

static bool choice_fits(const Program *program, const Choice *choice)
{
  return choice->ways >= 1 && choice->ways <= 32 &&
         are_within(choice->first_target, choice->ways, program->target_count) &&
         are_within(choice->first_view, choice->views, program->view_count);
}

static bool words_fit(const Program *program, const WordSet *set)
{
  if (!are_within(set->first, set->words, program->word_count) || set->shortest < 2 || set->reach < 0) {
    return false;
  }
  for (int32_t i = set->first; i < set->first + set->words; i++) {
    const Word *word = &program->words[i];
    if (word->length < set->shortest || !are_within(word->first, word->length, program->letter_count)) {
      return false;
    }
  }
  return true;
}

static bool leaves_fit(const Program *program)
{
  if (program->groups < 0 || program->leaves < 1 || program->first_slot[0] != 0 ||
      program->first_slot[program->leaves] != program->slot_count) {
    return false;
  }
  for (int32_t group = 0; group <= program->groups; group++) {
    if (program->leaf_of[group] < -1 || program->leaf_of[group] >= program->leaves) {
      return false;
    }
  }
  for (int32_t leaf = 0; leaf < program->leaves; leaf++) {
    if (program->first_slot[leaf] > program->first_slot[leaf + 1]) {
      return false;
    }
  }
  for (int32_t i = 0; i < program->slot_count; i++) {
    if (program->slots[i] < 0 || program->slots[i] > program->groups) {
      return false;
    }
  }
  return true;
}

// 0, or the number of the part that does not fit.
int32_t program_fault(const Program *program)
{
  if (program->instructions < 1 || program->word_set_count > WORD_SETS || !leaves_fit(program)) {
    return 1;
  }
  for (int32_t i = 0; i < program->instructions; i++) {
    if (!instruction_fits(program, i)) {
      return 2;
    }
  }
  for (int64_t i = 0; i < (int64_t)program->switch_count * BYTES_AND_END; i++) {
    if (program->switches[i] < -1 || program->switches[i] >= program->instructions) {
      return 3;
    }
  }
  for (int32_t i = 0; i < program->choice_count; i++) {
    if (!choice_fits(program, &program->choices[i])) {
      return 4;
    }
  }
  for (int32_t i = 0; i < program->target_count; i++) {
    if (!within(program->targets[i], program->instructions)) {
      return 5;
    }
  }
  for (int32_t i = 0; i < program->view_count; i++) {
    if (!within(program->views[i].distance, 256) || !within(program->views[i].row, program->mask_rows)) {
      return 6;
    }
  }
  for (int32_t i = 0; i < program->word_set_count; i++) {
    if (!words_fit(program, &program->word_sets[i])) {
      return 7;
    }
  }
  for (int32_t i = 0; i < program->series_count; i++) {
    if (!is_set(program, program->series[i]) || !is_of_bytes(program, program->series[i])) {
      return 8;
    }
  }
  return 0;
}

// The same of an automaton with so many positions for looks.
int32_t automaton_fault(const Automaton *automaton, int32_t word_sets)
{
  if (automaton->classes < 1 || automaton->classes > 256 || automaton->positions <= word_sets ||
      automaton->positions > POSITIONS_MOST || automaton->first_next[0] != 0 ||
      automaton->first_next[automaton->positions] != automaton->next_count || automaton->start_count < 0 ||
      automaton->start_count > automaton->positions) {
    return 1;
  }
  for (int32_t byte = 0; byte < 256; byte++) {
    if (automaton->class_of[byte] >= automaton->classes) {
      return 2;
    }
  }
  for (int32_t i = 0; i < automaton->positions; i++) {
    if (!within(automaton->set_of[i], automaton->set_count) ||
        automaton->first_next[i] > automaton->first_next[i + 1]) {
      return 3;
    }
  }
  for (int32_t i = 0; i < automaton->next_count; i++) {
    if (!within(automaton->next[i], automaton->positions)) {
      return 4;
    }
  }
  for (int32_t i = 0; i < automaton->start_count; i++) {
    if (!within(automaton->start[i], automaton->positions)) {
      return 5;
    }
  }
  return 0;
}
