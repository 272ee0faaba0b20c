"""Small systems whose steady state, or lack of one, is known by hand.

Every system is an Antimony text, with the word that a search for its steady state ends in and,
where that is "ok", the values, and where it is not, those of a balanced state that the error names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, sqrt


@dataclass(frozen=True)
class System:
    """A system and the truth about it."""

    name: str
    text: str
    status: str = "ok"
    values: dict[str, float] = field(default_factory=dict)

    @property
    def antimony(self) -> str:
        return f"model {self.name}\n {self.text}\nend\n"


def rests(name: str, text: str, **values: float) -> System:
    return System(name, text, "ok", values)


def does_not(name: str, text: str, status: str, **values: float) -> System:
    return System(name, text, status, values)


SYSTEMS = [
    # one state, by hand
    rests("linear_flow", "-> A; 3\n A -> ; 2*A\n A = 0", A=1.5),
    rests(
        "chain",
        "-> A; 1\n A -> B; 2*A\n B -> C; 4*B\n C -> ; 8*C\n A = 5; B = 0; C = 1",
        A=0.5,
        B=0.25,
        C=0.125,
    ),
    rests("michaelis_menten", "-> S; 0.5\n S -> ; 2*S/(3 + S)\n S = 10", S=1.0),
    rests("square_root", "-> A; 4\n A -> ; A^2\n A = 1", A=2.0),
    rests("cubic", "x' = -x^3 + 8\n x = 0", x=2.0),
    rests("exponential_rate", "-> A; 1\n A -> ; exp(A) - 1\n A = 3", A=0.6931471805599453),
    rests("ramped_start", "x' = 1 - x\n x = 1e6", x=1.0),
    rests("oscillating_approach", "x' = y\n y' = -x - 0.2*y\n x = 1; y = 0", x=0.0, y=0.0),
    rests("two_units", "-> A; 1e-9\n A -> ; 1e-3*A\n A = 1", A=1e-6),
    rests("min_rule", "m := min(5, 2)\n -> A; m\n A -> ; A\n A = 0", A=2.0),
    rests("max_rule", "m := max(5, 2)\n -> A; m\n A -> ; A\n A = 0", A=5.0),
    rests("absolute_value", "x' = abs(-3) - x\n x = 0", x=3.0),
    rests("branch", "k := piecewise(1, A < 3, 10)\n -> A; 2\n A -> ; k*A\n A = 0", A=2.0),
    rests("floor_of_a_constant", "s := floor(2.7)\n -> A; s\n A -> ; A\n A = 0", A=2.0),
    rests("ceiling_of_a_constant", "s := ceil(2.2)\n -> A; s\n A -> ; A\n A = 0", A=3.0),
    # equilibria and conserved sums
    rests("isomers", "A -> B; 3*A - 1*B\n A = 8; B = 0", A=2.0, B=6.0),
    rests(
        "dimers",
        "2 A -> D; A^2 - D\n A = 6; D = 0",
        A=(sqrt(49) - 1) / 4,
        D=((sqrt(49) - 1) / 4) ** 2,
    ),
    rests(
        "ring",
        "A -> B; A - B\n B -> C; B - C\n C -> A; C - A\n A = 3; B = 0; C = 0",
        A=1.0,
        B=1.0,
        C=1.0,
    ),
    rests(
        "two_sums",
        "A -> B; A - B\n C -> D; 3*C - D\n A = 2; B = 0; C = 4; D = 0",
        A=1.0,
        B=1.0,
        C=1.0,
        D=3.0,
    ),
    rests("carrier", "E -> F; 2*E - 1*F\n E = 1; F = 2", E=1.0, F=2.0),
    # stiff and badly scaled
    *(
        rests(
            f"stiff_pair_{power}",
            f"-> A; 1\n A -> B; 1e{power}*(A - B)\n B -> ; B\n A = 2; B = 2",
            A=1 + 10.0**-power,
            B=1.0,
        )
        for power in (3, 6, 9, 12)
    ),
    rests(
        "fast_beside_slow",
        "-> A; 1e9\n A -> ; 1e9*A\n -> B; 1e-9\n B -> ; 1e-9*B\n A = 0; B = 0",
        A=1.0,
        B=1.0,
    ),
    rests("slow", "-> A; 1e-10\n A -> ; 1e-9*A\n A = 1", A=0.1),
    rests("small_amounts", "-> A; 1e-12\n A -> ; 1*A\n A = 1e-15", A=1e-12),
    rests("large_amounts", "-> A; 1e15\n A -> ; 1*A\n A = 1", A=1e15),
    rests(
        "ultrasensitive",
        "A -> B; 1.0*A/(1e-2 + A)\n B -> A; 0.5*B/(1e-2 + B)\n A = 1; B = 0",
        A=(1.03 - sqrt(1.03**2 - 0.04)) / 2,
    ),
    # Fuel that burns in a stirred tank: its traces heat it; values by Newton's method, forty digits
    *(
        rests(
            f"igniting_tank_{name}",
            f"k := 1e13*exp(-12000/T)\n -> C; {flow}*(1 - C)\n C -> ; k*C\n"
            f" T' = {flow}*({feed} - T) + 400*k*C - {cooling}*(T - {feed})\n C = 1; T = {start}",
            C=fuel,
            T=heat,
        )
        for name, flow, feed, cooling, start, fuel, heat in (
            ("hot", 1, 298, 0, 600, 2.926793147761912e-6, 697.99882928274090),
            ("cooled", "1/30", 350, "1/60", 350, 9.419278602102845e-7, 616.66641548590394),
        )
    ),
    # zero
    rests("decay", "A -> ; A\n A = 5", A=0.0),
    rests("decays_in_turn", "A -> B; A\n B -> ; 0.5*B\n A = 10; B = 0", A=0.0, B=0.0),
    rests("saturated_decay", "A -> ; A/(0.2 + A)\n A = 10", A=0.0),
    rests("extinction", "x' = 0.5*x - x\n x = 3", x=0.0),
    rests("starts_at_rest", "A -> ; A\n A = 0", A=0.0),
    # smaller than a millionth of their start, and held there
    rests("far_below_its_start", "-> A; 1e-8\n A -> ; A\n A = 5", A=1e-8),
    rests(
        "small_for_good",
        "x' = x*(1e-7 - x)\n y' = 1 - y\n x = 3; y = 0",
        x=1e-7,
        y=1.0,
    ),
    # several states, and which one the start leads to
    *(
        rests(f"bistable_from_{name}", f"x' = x*(x - 1)*(3 - x)\n x = {start}", x=goal)
        for name, start, goal in (("below", 0.5, 0.0), ("above", 1.5, 3.0), ("far", 50, 3.0))
    ),
    *(
        rests(
            f"slow_bistable_from_{name}",
            f"x' = 1e-6*(x - 1)*(1.2 - x)*(x - 1.4)\n x = {start}",
            x=goal,
        )
        for name, start, goal in (("left", 1.19, 1.0), ("right", 1.21, 1.4))
    ),
    *(
        rests(f"toggle_{name}", f"u' = 4/(1 + v^3) - u\n v' = 4/(1 + u^3) - v\n u = {u}; v = {v}")
        for name, u, v in (("left", 2, 1), ("right", 1, 2))
    ),
    rests(
        "inhibition_from_below",
        "-> S; 0.3\n S -> ; S/(1 + S + S^2)\n S = 1",
        S=(0.7 - sqrt(0.49 - 0.36)) / 0.6,
    ),
    does_not("inhibition_from_above", "-> S; 0.3\n S -> ; S/(1 + S + S^2)\n S = 5", "not reached"),
    does_not(
        "symmetric_toggle", "u' = 4/(1 + v^3) - u\n v' = 4/(1 + u^3) - v\n u = 1; v = 1", "unstable"
    ),
    does_not("on_the_boundary", "x' = x*(x - 1)*(3 - x)\n x = 1", "unstable", x=1.0),
    # not stable
    does_not(
        "brusselator",
        "x' = 1 - 4*x + x^2*y\n y' = 3*x - x^2*y\n x = 1.1; y = 3",
        "unstable",
        x=1.0,
        y=3.0,
    ),
    does_not(
        "van_der_pol", "x' = y\n y' = (1 - x^2)*y - x\n x = 0.1; y = 0", "unstable", x=0.0, y=0.0
    ),
    # Switches, each the next one's threshold; values by Newton's method with forty digits
    does_not(
        "two_switches",
        "A' = 100*(C^15/((20*(1 + 5*A*(A - 1)*(A - 0.5)))^15 + C^15) - A)\n"
        " C' = 100*(B^16/((40*(1 + 5*(C/B)*(C/B - 1)*(C/B - 0.5)))^15 + B^15) - C)\n"
        " B' = 0.04 - 0.003*B*(A + 0.05)\n A = 1e-12; B = 32.9; C = 0.8",
        "unstable",
        A=0.33783786638968378,
        B=34.378626976399869,
        C=22.591043597500406,
    ),
    does_not(
        "lotka_volterra",
        "X -> 2 X; X\n X + Y -> 2 Y; 0.3*X*Y\n Y -> ; 0.7*Y\n X = 3; Y = 2",
        "neutral",
        X=0.7 / 0.3,
        Y=1 / 0.3,
    ),
    does_not("harmonic", "x' = y\n y' = -x\n x = 1; y = 0", "neutral", x=0.0, y=0.0),
    does_not("saddle", "x' = x\n y' = -y\n x = 0; y = 1", "unstable", x=0.0, y=0.0),
    does_not("semistable", "x' = max(1 - x, 2*x - 2)\n x = 0", "neutral", x=1.0),
    # What is zero stays so, while what is slow comes to rest, though rounding would grow meanwhile
    does_not(
        "held_at_zero",
        "species x, y, z, v\n x = 0; y = 1; z = 0; v = 0\n -> x; 1.3*x\n"
        " -> y; 1 - 50*y*z + x - 0.2*y\n"
        " -> z; 1 - 50*y*z - 0.3*z\n -> v; 0.001*(1 - v)",
        "unstable",
        x=0.0,
        y=(sqrt(0.04 + 400 / 3) - 0.2) * 3 / 200,
        v=1.0,
    ),
    # families of states
    does_not("epidemic", "S -> I; 0.5*S*I\n I -> R; 0.2*I\n S = 1; I = 0.01; R = 0", "neutral"),
    does_not(
        "nothing_moves_it", "-> A; 1\n A -> ; A\n B' = 0*A\n A = 0; B = 7", "neutral", A=1.0, B=7.0
    ),
    does_not("line", "x' = 1 - x\n y' = (1 - x)*y\n x = 0; y = 1", "neutral", x=1.0, y=exp(1)),
    # no state
    does_not("growth", "x' = x\n x = 1", "not reached"),
    does_not("accumulation", "-> A; 1\n A = 0", "unbalanced"),
    does_not("overfed", "-> S; 3\n S -> ; 2*S/(1 + S)\n S = 0", "unbalanced"),
    does_not(
        "shrinks_to_nothing",
        "compartment c = 2; species A in c = 1\n c' = -c\n A -> ; 0*A",
        "not finite",
    ),
    # volumes, amounts, rules
    rests(
        "volume", "compartment c = 4; species A in c = 1\n -> A; 8\n A -> ; c*2*A", A=1.0, n_A=4.0
    ),
    rests(
        "rate_rule_volume",
        "compartment c = 1; species A in c = 2\n c' = 3 - c\n A' = 1 - A",
        c=3.0,
        A=1.0,
    ),
    rests(
        "amount",
        "compartment c = 4; substanceOnly species A in c = 1\n -> A; 6\n A -> ; 2*A",
        A=3.0,
    ),
    rests("initial_assignment", "k = 2*s; s = 3\n -> A; k\n A -> ; A\n A = 0", A=6.0, k=6.0),
    rests("rule_of_rules", "a := 2*b; b := 3*k; k = 1\n -> A; a\n A -> ; A\n A = 0", A=6.0, a=6.0),
    rests("boundary", "species $X = 3; species A = 0\n X -> A; X\n A -> ; 2*A", A=1.5, X=3.0),
    rests("potential", "compartment c = 1; species V in c = -61\n V' = -0.3*(V + 70)", V=-70.0),
    rests("stoichiometry", "3 A -> 2 B; A - 1\n 2 B -> 3 A; 0.5*B - 1\n A = 4; B = 1"),
]
