"""What a kernel's machine code and its callers have agreed upon."""

from __future__ import annotations

from transport_model.certificate import Status

#: How states are searched: by Newton's method, by pseudo-transient continuation, or by following
#: the course.
NEWTON, TRANSIENT, COURSE = range(3)
#: Outcomes of a point, by number.
OUTCOMES = (Status.OK, Status.UNBALANCED, Status.DRIFTED, Status.NEGATIVE, Status.UNSTABLE,
            Status.NEUTRAL, Status.NOT_FINITE, Status.NO_START, Status.FAILED)  # fmt: skip
#: Two that are for the caller to settle: eigenvalues decide, or another search is due.
UNDECIDED, UNFINISHED = len(OUTCOMES), len(OUTCOMES) + 1
#: Name of the function.
ENTRY = "solve"
#: Its arguments: whole numbers in capitals, arrays otherwise. Arrays hold a vector of points by
#: quantity and block: ``design`` by column, whose inputs ``columns`` names; ``base`` by input;
#: ``starts`` by independent state, of use where STARTED is 1; ``results`` by the number that
#: ``places`` gives an output, -1 for those that nobody wants; ``slopes`` by row and column of the
#: scaled Jacobian.
ARGUMENTS = ("design", "columns", "base", "starts", "places", "results", "status", "residuals",
             "errors", "slopes", "BLOCKS", "COLUMNS", "STARTED", "METHOD")  # fmt: skip

#: Names of the functions of a course kernel: the explicit method, and the one for stiff courses.
EXPLICIT, STIFF = "explicit", "stiff"
#: Their arguments: whole numbers in capitals, arrays otherwise, in which a vector of points stands
#: by quantity and block. ``times`` and ``ends`` say by stop when it is, and up to when nothing is
#: set from outside; ``operations`` holds, by stop, the first of those done there and the first of
#: the next stop, ``whats`` three whole numbers and ``values`` two numbers for each. ``results`` are
#: by output, stop and block.
COURSE_ARGUMENTS = ("design", "columns", "base", "tolerance", "times", "ends", "operations",
                    "whats", "values", "places", "results", "status", "BLOCKS", "COLUMNS",
                    "STOPS")  # fmt: skip
#: What an operation does: sets an input, what is kept, or a state, to a number or to one times the
#: size of a compartment; or sets an input so that a state comes to a number after some time.
SET_INPUT, SET_KEPT, SET_STATE, SET_SLOPE = range(4)
#: How a course ended: well; better by the method for stiff ones; not at all, from an impossible
#: start; without arriving; with a state far smaller than it was taken for, and less exact.
DONE, IS_STIFF, NO_START, GAVE_UP, IS_LOOSE = range(5)
