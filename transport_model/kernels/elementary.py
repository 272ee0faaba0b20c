"""The exponential, the logarithm and powers, for lanes.

Each lane by itself, without a branch, so that a number's result does not depend on its neighbours
as it may in a vector library. Errors against exact values: exp and log at most one unit in the last
place, powers at most two.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import llvmlite.ir as ir

from transport_model.kernels.functions import Code
from transport_model.kernels.lanes import Lanes

#: ln 2 in two parts, the first with so few digits that a product with a whole number is exact
#: (Cody and Waite 1980).
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
#: Added to a number and taken away again, this rounds it to a whole one, which stands in the last
#: digits of the sum.
ROUNDER = 6755399441055744.0
#: Beyond these exp is infinite, or zero.
LARGEST, SMALLEST = 709.782712893384, -745.133219101942
#: The smallest normal number, and what makes a smaller one normal.
NORMAL, SCALE, SCALED_BY = 2.0**-1022, 2.0**54, 54.0
FRACTION_BITS = 52
#: Two thirds, in two parts.
TWO_THIRDS, TWO_THIRDS_REST = 2.0 / 3.0, 3.700743415417188e-17


def _bits_of(value: float) -> int:
    return struct.unpack("<q", struct.pack("<d", value))[0]


def exponential(code: Code, x: Lanes, rest: Lanes | None = None) -> Lanes:
    """Return e to the `x`, or to the sum of `x` and a small `rest`.

    e^x = 2^n e^r with |r| ≤ ½ ln 2, and Taylor's polynomial of degree 13 for e^r - 1.
    """
    builder = code.builder
    held = code.smallest(code.largest(x, SMALLEST), LARGEST)
    shifted = code.fma(held, 1.0 / math.log(2.0), ROUNDER)
    whole = shifted - ROUNDER
    r = code.fma(whole, -LN2_LOW, code.fma(whole, -LN2_HIGH, held))
    if rest is not None:
        r = r + rest
    series = code.number(1.0 / math.factorial(13))
    for degree in range(12, 1, -1):
        series = code.fma(series, r, 1.0 / math.factorial(degree))
    series = code.fma(series * r, r, r)
    # 2^n in two factors, since n goes from -1075 to 1024
    n = builder.sub(_as_bits(code, shifted), _long(code, _bits_of(ROUNDER)))
    half = builder.ashr(n, _long(code, 1))
    first = _power_of_two(code, half)
    second = _power_of_two(code, builder.sub(n, half))
    result = code.fma(series, first, first) * second
    result = code.select(x > LARGEST, math.inf, result)
    result = code.select(x < SMALLEST, 0.0, result)
    return code.select(x.differs(x), x, result)


def logarithm(code: Code, x: Lanes) -> Lanes:
    """Return the natural logarithm.

    ln x = k ln 2 + ln(1 + f), and for the last s = f/(2 + f) in the polynomial of
    ``e_log.c`` in Sun's fdlibm, which holds to 2⁻⁵⁸.
    """
    k, m = _taken_apart(code, x)
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    series = code.number(1.479819860511658591e-01)
    for coefficient in (1.531383769920937332e-01, 1.818357216161805012e-01,
                        2.222219843214978396e-01, 2.857142874366239149e-01,
                        3.999999999940941908e-01, 6.666666666666735130e-01):  # fmt: skip
        series = code.fma(series, z, coefficient)
    half_square = f * f * 0.5
    correction = code.fma(s, code.fma(series, z, half_square), k * LN2_LOW)
    result = code.fma(k, LN2_HIGH, f - (half_square - correction))
    return _logarithm_outside(code, x, result)


def power(code: Code, base: Lanes, exponent: Lanes) -> Lanes:
    """Return a power, as IEEE 754 and C have it but for the sign of a zero.

    exp(y ln x), the logarithm and its product with y as sums of two numbers.
    """
    size = abs(base)
    high, low = _double_logarithm(code, size)
    product = exponent * high
    rest = code.fma(exponent, high, -product) + exponent * low
    result = exponential(code, product, code.select(rest.finite, rest, 0.0))
    result = code.select(size.equals(1.0), 1.0, result)  # also to an infinite power
    half = exponent * 0.5
    is_whole = _floor(exponent).equals(exponent)
    is_odd = is_whole & _floor(half).differs(half)
    is_real = is_whole | size.equals(math.inf)
    negative = code.select(is_odd, -result, code.select(is_real, result, math.nan))
    result = code.select(base < 0.0, negative, result)
    of_zero = code.select(exponent > 0.0, 0.0, math.inf)
    result = code.select(base.equals(0.0), of_zero, result)
    result = code.select(exponent.differs(exponent) | base.differs(base), math.nan, result)
    return code.select(exponent.equals(0.0) | base.equals(1.0), 1.0, result)


def _double_logarithm(code: Code, x: Lanes) -> tuple[Lanes, Lanes]:
    """Return the logarithm of a positive number as a sum of two, to about 2⁻⁶⁵.

    ln m = 2 artanh s, s = (m - 1)/(m + 1), by its series: the first two terms as sums of two.
    """
    k, m = _taken_apart(code, x)
    f = m - 1.0
    below = f + 2.0
    below_rest = f - (below - 2.0)
    s = f / below
    s_rest = (code.fma(-s, below, f) - s * below_rest) / below
    z = s * s
    z_rest = code.fma(s, s, -z) + s * s_rest * 2.0
    cube = s * z
    cube_rest = code.fma(s, z, -cube) + (s * z_rest + s_rest * z)
    second = cube * TWO_THIRDS
    second_rest = code.fma(cube, TWO_THIRDS, -second)
    second_rest = second_rest + (cube * TWO_THIRDS_REST + cube_rest * TWO_THIRDS)
    tail = code.number(2.0 / 27.0)
    for odd in range(25, 3, -2):
        tail = code.fma(tail, z, 2.0 / odd)
    tail = tail * (cube * z)
    high = k * LN2_HIGH
    low = code.fma(k, LN2_LOW, s_rest * 2.0 + second_rest)
    for term in (s * 2.0, second, tail):
        high, error = _sum_of_two(high, term)
        low = low + error
    total = high + low
    total_rest = low - (total - high)
    # where the first is infinite the second is none
    outside = _logarithm_outside(code, x, total)
    return outside, code.select(total_rest.finite & outside.finite, total_rest, 0.0)


def _sum_of_two(a: Lanes, b: Lanes) -> tuple[Lanes, Lanes]:
    """Return a sum and what rounding took from it (Knuth 1969)."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def _taken_apart(code: Code, x: Lanes) -> tuple[Lanes, Lanes]:
    """Return k and m of x = 2^k m with m between √½ and √2."""
    builder = code.builder
    is_small = x < NORMAL
    normal = code.select(is_small, x * SCALE, x)
    bits = _as_bits(code, normal)
    offset = builder.sub(bits, _long(code, _bits_of(math.sqrt(0.5))))
    k = builder.ashr(offset, _long(code, FRACTION_BITS))
    m = builder.sub(bits, builder.shl(k, _long(code, FRACTION_BITS)))
    shifted = builder.add(k, _long(code, _bits_of(ROUNDER)))
    number = Lanes(code, builder.bitcast(shifted, code.vector)) - ROUNDER
    number = number - code.select(is_small, SCALED_BY, 0.0)
    return number, Lanes(code, builder.bitcast(m, code.vector))


def _logarithm_outside(code: Code, x: Lanes, result: Lanes) -> Lanes:
    """Return a logarithm, put right where `x` is not a finite positive number."""
    result = code.select(x.equals(math.inf), math.inf, result)
    result = code.select(x.equals(0.0), -math.inf, result)
    return code.select(x >= 0.0, result, math.nan)


def _floor(x: Lanes) -> Lanes:
    return x.code.intrinsic("floor", x)


def _as_bits(code: Code, x: Lanes) -> Any:
    return code.builder.bitcast(x.value, code.bits)


def _long(code: Code, value: int) -> Any:
    return ir.Constant(code.bits, value)


def _power_of_two(code: Code, exponent: Any) -> Lanes:
    builder = code.builder
    shifted = builder.shl(exponent, _long(code, FRACTION_BITS))
    raw = builder.add(shifted, _long(code, _bits_of(1.0)))
    return Lanes(code, builder.bitcast(raw, code.vector))
