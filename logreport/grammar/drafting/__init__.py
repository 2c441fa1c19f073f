"""A grammar drafted from sample logs: `logreport grammar new`.

One line on its way: `shapes.shape_of` cuts it into pieces (words, numbers, durations, blanks), and lines with the same
pieces but for their numbers are one `Shape`; `shapes.gather` joins shapes that differ in a name only. `naming` guesses from
the words beside a number what it is. `draft` writes the shapes as rules, and leaves out what `check` would refuse, so that
a draft is sound from the beginning.
"""
