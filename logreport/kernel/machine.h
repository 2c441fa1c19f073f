// The machine: runs programs that match lines, and knows no grammar. The programs are made by logreport/grammar/native.
//
// Numbers are int32_t, so a text has less than 2 GiB. What a caller hands over stays the caller's, and is checked once,
// by program_fault, before anything runs.
#ifndef LOGREPORT_MACHINE_H
#define LOGREPORT_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
  BYTES_AND_END = 257, // columns of a set and of a switch: the bytes, then the end of the text
  END_OF_TEXT = 256,
  PAIRS = 4096, // rows of a table of shifts, one for each hash of two bytes
  WORD_SETS = 8,
  POSITIONS_MOST = 1 << 20, // of a state of the filter's automaton, and of all its states together
};

// What an instruction does. It fails where it says "must", and then the machine goes back to the last way that is left.
enum Operation {
  FAIL,   // always
  MATCH,  // the text up to here is a match
  BYTE,   // the next byte must be of `set`
  EACH,   // the next `high` bytes must each be of a set, which are listed from `low` on
  TEXT,   // the text must go on as `high` letters, at least one, from letter `low` on
  SPAN,   // as many bytes of `set` as there are, at most `high`; must be `low`. Nothing is given back
  GREEDY, // the same, but given back one by one where a byte of `follow` is next
  LAZY,   // as few as there can be before a byte of `follow`
  SWITCH, // go where table `low` says for the next byte
  CHOOSE, // try the ways of choice `low` that the next bytes allow
  TEST,   // go to `target` unless the next byte is of `set`
  SPLIT,  // go on; come back to `target`
  JUMP,   // go to `target`
  ATOM,   // from here to the end nothing is left to come back to, once the end is reached
  ATOM_END,
  LOOK, // the same, and the place in the text is again that of LOOK
  LOOK_END,
  NOT, // what is between must fail; then go to `target`
  NOT_END,
  PEEK,   // the next byte, or the end, must be of `set`
  BEHIND, // go `low` bytes back
  EDGE,   // must be the edge of a word
  OPEN,   // capture `low` begins
  CLOSE,  // capture `low` ends
  RESET,  // the count is 0
  COUNT,  // the count goes up, and must not pass `high`
  WORDS,  // one of the words `low` must begin within reach
  OPERATIONS,
};

// `set` and `follow` say where the row of a set begins.
typedef struct {
  int32_t op, set, low, high, follow, target;
} Instruction;

// A choice: from `first_target` on, `ways` targets; from `first_view` on, `views` of the bytes that come.
typedef struct {
  int32_t ways, first_target, views, first_view;
} Choice;

// A row of 256 masks, one bit a way, for the byte at a distance.
typedef struct {
  int32_t distance, row;
} View;

// Words from word `first` on, `shortest` the length of the shortest; one must begin at most `reach` bytes from here.
typedef struct {
  int32_t words, first, shortest, reach;
} WordSet;

// A text among the letters.
typedef struct {
  int32_t first, length;
} Word;

// A program, its tables, and what its captures mean: capture `group` ends leaf `leaf_of[group]`, -1 if none; leaf l keeps
// the captures groups[l], groups[l + 1] - groups[l] of them in order.
typedef struct {
  const Instruction *code;
  const uint8_t *sets;   // rows of BYTES_AND_END
  const int32_t *series; // where the rows of sets begin
  const uint8_t *letters;
  const int32_t *switches; // rows of BYTES_AND_END
  const Choice *choices;
  const int32_t *targets;
  const View *views;
  const uint32_t *masks; // rows of 256
  const WordSet *word_sets;
  const Word *words;
  const uint8_t *shifts; // PAIRS a word set
  const int32_t *leaf_of;
  const int32_t *first_slot; // of each leaf, and the end
  const int32_t *slots;      // captures
  int32_t instructions, set_bytes, series_count, letter_count, switch_count, choice_count, target_count, view_count,
      mask_rows;
  int32_t word_set_count, word_count, groups, leaves, slot_count;
} Program;

// The filter's automaton: positions of bytes, the sets of bytes that they stand for, and the positions that follow each.
// Position 0 is the place behind the pattern, the next `word_set_count` are looks for words.
typedef struct {
  const uint8_t *class_of;   // of each byte; bytes of a class are in the same sets
  const uint8_t *members;    // a row for each set, a column for each class
  const int32_t *set_of;     // of each position
  const int32_t *first_next; // of each position, and the end
  const int32_t *next;
  const int32_t *start;
  int32_t classes, set_count, positions, next_count, start_count;
} Automaton;

typedef struct {
  const uint8_t *bytes;
  int32_t end;
} Text;

// A capture began or ended.
typedef struct {
  int32_t group, at;
  bool ends;
} Mark;

// It was asked whether words are ahead.
typedef struct {
  int32_t set, at;
  bool found;
} Asked;

// What a match depended on: it looked at bytes from the beginning of the line to `to`, and told some digits from others; of
// all other digits it only asked whether they are ones. It asked for words. Where it asked for anything else it is open.
enum { TOLD_MOST = 32, ASKED_MOST = 8 };
typedef struct {
  int32_t from, to, told_count, asked_count;
  int32_t told[TOLD_MOST];
  Asked asked[ASKED_MOST];
  bool open;
} Trace;

typedef struct Machine Machine;
typedef struct Filter Filter;

enum Outcome { NO_MATCH = -1, GAVE_UP = -2 };

// check.c
int32_t program_fault(const Program *program);
int32_t automaton_fault(const Automaton *automaton, int32_t word_sets);

// machine.c
Machine *machine_new(const Program *program);
void machine_free(Machine *machine);
void machine_forget(Machine *machine);
int32_t machine_run(Machine *machine, Text text, int32_t at);
bool words_ahead(Machine *machine, int32_t number, Text text, int32_t at);
const Trace *machine_trace(const Machine *machine);
const Mark *machine_marks(const Machine *machine, int32_t *count);
int64_t machine_steps(const Machine *machine);

// filter.c
Filter *filter_new(const Automaton *automaton, int32_t word_sets, bool always);
void filter_free(Filter *filter);
bool filter_lets_pass(Filter *filter, Machine *machine, Text text, int32_t at);
void filter_find(Filter *filter, const uint8_t *bytes, int64_t size, uint8_t *found);

// memo.c
// The match of a line, as places behind its beginning: where it ends, and begin and end of each capture.
enum { NOT_THERE = INT32_MIN };
typedef struct {
  int32_t leaf; // -1 where there is no match
  int32_t stop;
  int32_t slots;
  const int32_t *captures;
} Match;

typedef struct Memo Memo;
Memo *memo_new(void);
void memo_free(Memo *memo);
const Match *memo_find(Memo *memo, Machine *machine, Text text, int32_t at);
void memo_add(Memo *memo, const Trace *trace, Text text, const Match *match);

// scan.c
typedef struct {
  int64_t begin, end, limit; // a match begins at a newline in [begin, limit), and sees nothing at or behind end
} Piece;

// The matches of some pieces: where each begins and ends, and from captures[2 * first_capture[i]] on the places of its captures,
// begin and end, -1 where one is not there. `bounds` says how many matches there are before each piece, and at its end.
typedef struct {
  int32_t *leaf, *first_capture, *captures;
  int64_t *start, *stop, *bounds;
  int64_t room, capture_room;
  int64_t count, capture_count;
  int64_t piece, at; // where to go on when there was no room
} Found;

typedef struct Scanner Scanner;
enum { SCANNED = 0, NO_ROOM = 1 };

Scanner *scanner_new(const Program *program, const Automaton *automaton, bool filter_always);
void scanner_free(Scanner *scanner);
int32_t scanner_scan(Scanner *scanner, const uint8_t *bytes, const Piece *pieces, int64_t piece_count, Found *found);
int64_t scanner_steps(const Scanner *scanner);
int32_t kernel_sources(void);

// forms.c
typedef struct Forms Forms;
Forms *forms_new(void);
void forms_free(Forms *forms);
void forms_forget(Forms *forms);
int64_t forms_size(const Forms *forms);
int64_t forms_number(Forms *forms, const int32_t *first_slot, const Found *found, const uint8_t *text,
                     const int64_t *rows, int64_t count, const uint8_t *varies, const uint8_t *open, int32_t *numbers,
                     int64_t *fresh);
int64_t write_lines(const int32_t *first_slot, const Found *found, const uint8_t *text, const int64_t *rows,
                    int64_t count, const uint8_t *letters, const int32_t *labels, const uint8_t *is_text, uint8_t *out,
                    int64_t room, int64_t *size);

// columns.c
void rows_of_leaves(const int32_t *leaf, int64_t count, int32_t leaves, int64_t *first, int64_t *rows);
void whole_numbers(const uint8_t *text, const int32_t *captures, const int64_t *places, int64_t count, int64_t *numbers,
                   uint8_t *there);
void decimal_numbers(const uint8_t *text, const int32_t *captures, const int64_t *places, int64_t count,
                     double *numbers, uint8_t *there);
void least_and_greatest(const uint8_t *text, const int32_t *captures, const int64_t *places, int64_t count,
                        int64_t *found);

static inline bool is_digit(int32_t byte)
{
  return byte >= '0' && byte <= '9';
}

// A hash of bytes, of which eight more come.
static inline uint64_t mixed(uint64_t hash, uint64_t part)
{
  hash = (hash ^ part) * UINT64_C(0xFF51AFD7ED558CCD);
  return hash ^ hash >> 32;
}

#endif
