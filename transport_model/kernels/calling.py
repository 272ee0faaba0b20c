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
