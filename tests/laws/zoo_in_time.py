"""Small systems with events, or with rates that name the time, and where they come to rest.

As in the zoo: a text, the word that a search for the steady state ends in, and the values by hand.
``"endless"`` stands for a model that is refused because it switches for ever.
"""

from __future__ import annotations

from zoo import System, does_not, rests

FLOW = "-> x; s\n x -> ; x\n x = 1"


def event(name: str, trigger: str, assignment: str, rest: str = FLOW + "; s = 1", **values: float):
    return rests(name, f"{rest}\n at ({trigger}): {assignment}", **values)


SYSTEMS_IN_TIME: list[System] = [
    # events that happen once, at a time or at a state
    event("dose", "time > 10", "x = 50", x=1.0),
    event("sets_a_parameter", "time > 10", "s = 2", x=2.0, s=2.0),
    event("sets_it_late", "time > 3e5", "s = 3", x=3.0, s=3.0),
    event("at_a_round_horizon", "time >= 100", "s = 4", x=4.0, s=4.0),
    event("true_from_the_start", "time >= 0", "s = 5", x=1.0, s=1.0),
    rests("true_at_the_start", FLOW + "; s = 1\n E: at (x > 0.5), t0=false: s = 6", x=6.0, s=6.0),
    event("state_triggers", "x > 0.9", "s = 7", "-> x; s\n x -> ; x\n x = 0; s = 1", x=7.0, s=7.0),
    event("never", "x > 5", "s = 9", x=1.0, s=1.0),
    rests("delayed", FLOW + "; s = 1\n at 500 after (time > 10): s = 2", x=2.0, s=2.0),
    rests(
        "delay_by_the_state",
        FLOW + "; s = 1\n at 300*x after (x > 0.5 && time > 20): s = s + 1",
        x=2.0,
        s=2.0,
    ),
    rests(
        "one_sets_off_another",
        FLOW + "; s = 1\n at (time > 5): s = 3\n at (x > 2): s = 8",
        x=8.0,
        s=8.0,
    ),
    rests(
        "the_sum_that_a_dose_makes",
        "A -> B; 3*A - 1*B\n A = 8; B = 0\n at (time > 7): A = A + 4",
        A=3.0,
        B=9.0,
    ),
    rests(
        "a_volume_that_is_set",
        "compartment c = 1; species A in c = 1\n -> A; 4\n A -> ; c*A\n at (time > 5): c = 2",
        A=2.0,
        c=2.0,
    ),
    rests(
        "boundary_that_is_set",
        "species $X = 3; species A = 0\n X -> A; X\n A -> ; 2*A\n at (time > 4): X = 10",
        A=5.0,
        X=10.0,
    ),
    rests(
        "twice", FLOW + "; s = 1\n at (time > 2): s = 5\n at (time > 2000): s = s - 3", x=2.0, s=2.0
    ),
    rests(
        "a_few_kicks", "x = 1; n = 0\n x' = 1 - x\n at (x > 0.5 && n < 4): x = 0, n = n + 1", x=1.0
    ),
    # the time in rates
    rests("step", "s := piecewise(1, time < 10, 2)\n -> x; s\n x -> ; x\n x = 1", x=2.0, s=2.0),
    rests("late_step", "s := piecewise(1, time < 4e4, 2)\n -> x; s\n x -> ; x\n x = 1", x=2.0),
    rests(
        "pulse", "s := piecewise(9, time > 5 && time < 6, 1)\n -> x; s\n x -> ; x\n x = 1", x=1.0
    ),
    rests(
        "pulse_that_switches",
        "x' = x*(x - 1)*(3 - x) + piecewise(2, time > 5 && time < 6, 0)\n x = 0.5",
        x=3.0,
    ),
    rests("ramp_to_a_plateau", "s := min(time/50, 4)\n -> x; s\n x -> ; x\n x = 0", x=4.0, s=4.0),
    rests("fades", "-> x; 1 + 5*exp(-time/30)\n x -> ; x\n x = 1", x=1.0),
    rests("saturates", "-> x; 2*time^2/(100 + time^2)\n x -> ; x\n x = 0", x=2.0),
    rests("threshold_of_both", "x' = piecewise(1, time > 50*x, 2) - x\n x = 3", x=1.0),
    rests(
        "rule_beside",
        "c := 3*time; d := piecewise(4, time > 7, 5)\n -> x; 1\n x -> ; x\n x = 0",
        x=1.0,
        d=4.0,
    ),
    # what switches for ever, where nothing follows it any more
    rests(
        "days_that_end",
        "s := piecewise(piecewise(3, time % 24 < 8, 0), time < 240, 1)\n"
        " -> x; s\n x -> ; x\n x = 1",
        x=1.0,
        s=1.0,
    ),
    rests(
        "days_beside",
        "light := piecewise(1, time % 24 < 0.1, 0); seen := light\n -> x; 1\n x -> ; x\n x = 0",
        x=1.0,
    ),
    rests(
        "wave_in_a_window",
        "s := piecewise(sin(time), time > 10 && time < 50, 2)\n -> x; s + 1\n x -> ; x\n x = 1",
        x=3.0,
    ),
    rests(
        "doses_that_end",
        "x = 0; n = 0\n x -> ; 0.5*x\n at (time % 24 < 1 && n < 5): x = x + 100, n = n + 1",
        x=0.0,
        n=5.0,
    ),
    rests(
        "daily_until_an_event",
        "a = 1\n x' = a*piecewise(1, time % 24 < 8, 0) + 2 - x\n x = 0\n at (time > 70): a = 0",
        x=2.0,
        a=0.0,
    ),
    rests("dose_that_washes_out", "x = 0\n x -> ; x\n at (time > 10): x = 50", x=0.0),
    rests("passes_through", "-> x; exp(-time)*1e6\n x -> y; x\n y -> ; y\n x = 0; y = 0", x=0.0),
    # for ever
    does_not("rarely", "x' = piecewise(5, time % 500 < 1, 1) - x\n x = 1", "endless"),
    does_not(
        "rare_event", "x = 1\n x' = 1 - x\n at (time % 700 == 0 && time > 1): x = 5", "endless"
    ),
    does_not("sine", "-> x; 1 + sin(time)\n x -> ; x\n x = 1", "not reached"),
    does_not("ramp", "-> x; k*time\n x -> ; x\n x = 1; k = 1", "not reached"),
    does_not("slow_decay", "x' = 1/(1 + time) - x\n x = 1", "not reached"),
    does_not(
        "days", "s := piecewise(1, (time % 24) < 12, 2)\n -> x; s\n x -> ; x\n x = 1", "endless"
    ),
    does_not("every_hour", FLOW + "; s = 1\n at (sin(time) > 0.5): x = 0", "endless"),
    does_not("resets", "x' = 1\n x = 0\n at (x > 5): x = 0", "not reached"),
    does_not("divides", "m' = 0.1*m\n m = 1\n at (m > 2): m = m/2", "not reached"),
    does_not("relaxes_and_kicks", "x' = 2 - x\n x = 0\n at (x > 1): x = 0", "not reached"),
    does_not("kicks_with_a_delay", "x' = 2 - x\n x = 0\n at 3 after (x > 1): x = 0", "not reached"),
    does_not("on_its_threshold", "x' = 1 - x\n x = 0\n at (x > 1): x = 0", "not reached"),
    does_not(
        "grows_after_all",
        FLOW + "; s = 1\n y' = k\n y = 0; k = 0\n at (time > 9): k = 1",
        "unbalanced",
    ),
]
