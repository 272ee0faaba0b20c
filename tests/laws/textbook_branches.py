"""Textbook models whose folds, Hopf points and branch points are known exactly or published."""

from __future__ import annotations

SCHLOEGL = "-> X; 3*a*X^2 - X^3 - 3*X + b\n a = 1.1; b = 0.1; X = 0.1"
BRUSSELATOR = (
    "-> X; A\n X -> Y; B*X\n 2 X + Y -> 3 X; X^2*Y\n X -> ; X\n A = 1; B = 1.2; X = 1; Y = 1"
)
#: Lengyel & Epstein 1991, Science 251:650, the chlorite–iodide–malonic acid reaction.
LENGYEL_EPSTEIN = (
    "x' = a - x - 4*x*y/(1 + x^2)\n y' = b*x*(1 - y/(1 + x^2))\n a = 10; b = 4; x = 2; y = 5"
)
#: Elowitz & Leibler 2000, Nature 403:335, its proteins alone.
REPRESSILATOR = (
    "x' = al/(1 + z^n) - x\n y' = al/(1 + x^n) - y\n z' = al/(1 + y^n) - z\n"
    " al = 1; n = 3; x = 0.6; y = 0.7; z = 0.8"
)
#: Gardner et al. 2000, Nature 403:339, symmetric.
TOGGLE = "u' = a/(1 + v^2) - u\n v' = a/(1 + u^2) - v\n a = {a}; u = {u}; v = {v}"
#: Goldbeter & Koshland 1981, PNAS 78:6840, with enzymes far from excess.
GOLDBETER_KOSHLAND = (
    "species A = 1, B = 0\n A -> B; k1*A/(0.01 + A)\n B -> A; k2*B/(0.01 + B)\n k1 = 0.5; k2 = 1"
)
#: Rosenzweig & MacArthur 1963, Am Nat 97:209.
PREDATOR = (
    "species N = 0.6, P = 0.5\n -> N; N*(1 - N/K)\n N -> ; N*P/(1 + N)\n -> P; N*P/(1 + N)\n"
    " P -> ; m*P\n K = 1.5; m = 0.4"
)
#: A → B → C in a stirred tank, Uppal, Ray & Poore 1974; the demo `ab` of AUTO.
AB = (
    "u1' = -u1 + p1*(1 - u1)*exp(u2)\n u2' = -u2 + p1*p2*(1 - u1)*exp(u2) - p3*u2\n"
    " p1 = 0; p2 = 14; p3 = 2; u1 = 0; u2 = 0"
)
#: Morris & Lecar 1981, Biophys J 35:193, with the values of Rinzel & Ermentrout 1998.
MORRIS_LECAR = (
    "minf := 0.5*(1 + tanh((v + 1.2)/18)); winf := 0.5*(1 + tanh((v - v3)/v4))\n"
    " v' = (I - gca*minf*(v - 120) - 8*w*(v + 84) - 2*(v + 60))/20\n"
    " w' = phi*(winf - w)*cosh((v - v3)/(2*v4))\n"
    " I = 0; gca = {gca}; v3 = {v3}; v4 = {v4}; phi = {phi}; v = -60; w = 0.01"
)
HOPF_REGIME = {"gca": 4.4, "v3": 2, "v4": 30, "phi": 0.04}
HOMOCLINIC_REGIME = {"gca": 4, "v3": 12, "v4": 17.4, "phi": 1 / 15}
#: A switch whose total is conserved, so that the start of A is a parameter.
POOL = "species A = 1, B = 0\n A -> B; A*(k0 + B^3/(0.2 + B^3))\n B -> A; d*B\n k0 = 0.01; d = 0.5"
CUSP = "x' = r + h*x - x^3\n r = -1; h = 1; x = -1\n r has dimensionless; h has dimensionless"
STIFF = "y' = 1e7*(x*x - y)\n x' = b + k*y/(1 + y) - x\n b = 0.01; k = 1.9; x = 0; y = 0"


def special(branch, kind):
    """Return the special points of a kind, in the order of the branch."""
    return branch.points[branch.points["kind"] == kind]


def kinds(branch):
    return list(branch.points["kind"])
