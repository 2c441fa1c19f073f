// From the places of values to numbers. A value that is not there has a place below 0; one that is not plain is left to Python,
// which knows what else a number can be.
#include <string.h>

#include "machine.h"

enum { DIGITS_MOST = 18 };
static const uint64_t EXACT = UINT64_C(1) << 53; // whole numbers up to here are doubles
static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { POWER_MOST = 22 };

// Takes a sign; whether it was a minus.
static inline bool take_sign(const uint8_t **at, const uint8_t *end)
{
  if (*at == end || (**at != '-' && **at != '+')) {
    return false;
  }
  return *(*at)++ == '-';
}

// A whole number of so many digits that it fits; false where it is not one.
static bool whole_number(const uint8_t *at, const uint8_t *end, int64_t *number)
{
  bool negative = take_sign(&at, end);
  if (at == end || end - at > DIGITS_MOST) {
    return false;
  }
  int64_t value = 0;
  for (; at < end; at++) {
    if (!is_digit(*at)) {
      return false;
    }
    value = 10 * value + (*at - '0');
  }
  *number = negative ? -value : value;
  return true;
}

// The exponent behind an `e`, if it is small; false where there is anything else.
static bool exponent(const uint8_t *at, const uint8_t *end, int32_t *power)
{
  bool negative = take_sign(&at, end);
  if (at == end || end - at > 3) {
    return false;
  }
  int32_t value = 0;
  for (; at < end; at++) {
    if (!is_digit(*at)) {
      return false;
    }
    value = 10 * value + (*at - '0');
  }
  *power += negative ? -value : value;
  return true;
}

// A number that is a whole one of at most 53 bits times or divided by a power of ten that is a double: then one operation rounds
// it as float() does. False for any other.
static bool decimal_number(const uint8_t *at, const uint8_t *end, double *number)
{
  bool negative = take_sign(&at, end), point = false, digits = false;
  uint64_t value = 0;
  int32_t count = 0, power = 0;
  for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++) {
    if (*at == '.') {
      point = true;
      continue;
    }
    digits = true;
    value = 10 * value + (uint64_t)(*at - '0');
    count += value != 0;
    power -= point;
    if (count > DIGITS_MOST) {
      return false;
    }
  }
  if (!digits || (at < end && ((*at != 'e' && *at != 'E') || !exponent(at + 1, end, &power)))) {
    return false;
  }
  if (value >= EXACT || power < -POWER_MOST || power > POWER_MOST) {
    return false;
  }
  double found = power < 0 ? (double)value / POWERS[-power] : (double)value * POWERS[power];
  *number = negative ? -found : found;
  return true;
}

// The matches of each leaf in their order: those of leaf l are rows[first[l]] to rows[first[l + 1] - 1].
void rows_of_leaves(const int32_t *leaf, int64_t count, int32_t leaves, int64_t *first, int64_t *rows)
{
  memset(first, 0, ((size_t)leaves + 1) * sizeof *first);
  for (int64_t i = 0; i < count; i++) {
    first[leaf[i] + 1]++;
  }
  for (int32_t i = 0; i < leaves; i++) {
    first[i + 1] += first[i];
  }
  // Each leaf's first place moves on as it is filled, up to that of the next leaf; then all are moved back.
  for (int64_t i = 0; i < count; i++) {
    rows[first[leaf[i]]++] = i;
  }
  memmove(first + 1, first, (size_t)leaves * sizeof *first);
  first[0] = 0;
}

// Numbers of some captures: there[i] is 1 where numbers[i] is one, 0 where no value is, 2 where Python must look.
void whole_numbers(const uint8_t *text, const int32_t *captures, const int64_t *places, int64_t count, int64_t *numbers,
                   uint8_t *there)
{
  for (int64_t i = 0; i < count; i++) {
    const int32_t *place = captures + 2 * places[i];
    there[i] = 0;
    numbers[i] = 0;
    if (place[0] >= 0) {
      there[i] = whole_number(text + place[0], text + place[1], &numbers[i]) ? 1 : 2;
    }
  }
}

void decimal_numbers(const uint8_t *text, const int32_t *captures, const int64_t *places, int64_t count,
                     double *numbers, uint8_t *there)
{
  for (int64_t i = 0; i < count; i++) {
    const int32_t *place = captures + 2 * places[i];
    there[i] = 0;
    numbers[i] = 0;
    if (place[0] >= 0) {
      there[i] = decimal_number(text + place[0], text + place[1], &numbers[i]) ? 1 : 2;
    }
  }
}

static int compare(const uint8_t *text, const int32_t *one, const int32_t *other)
{
  int32_t first = one[1] - one[0], second = other[1] - other[0];
  int order = memcmp(text + one[0], text + other[0], (size_t)(first < second ? first : second));
  return order != 0 ? order : (first > second) - (first < second);
}

// Which of some captures are the least and the greatest text; -1 where none is there.
void least_and_greatest(const uint8_t *text, const int32_t *captures, const int64_t *places, int64_t count,
                        int64_t *found)
{
  found[0] = found[1] = -1;
  for (int64_t i = 0; i < count; i++) {
    const int32_t *place = captures + 2 * places[i];
    if (place[0] >= 0) {
      if (found[0] < 0 || compare(text, place, captures + 2 * found[0]) < 0) {
        found[0] = places[i];
      }
      if (found[1] < 0 || compare(text, place, captures + 2 * found[1]) > 0) {
        found[1] = places[i];
      }
    }
  }
}
