"""How a Hopf point sheds its cycle: the first Lyapunov coefficient.

Kuznetsov 2004, Elements of Applied Bifurcation Theory, eq. 5.34. Second and third derivatives are
differences of the exact Jacobian along the eigenvector.
"""

from __future__ import annotations

import numpy as np

from .defining import Relative, pair

#: Relative distances at which slopes are compared; both must tell the same.
DISTANCES = (2e-4, 5e-4)
#: Relative difference of the two up to which the coefficient is known.
AGREEING = 0.05


def lyapunov(near: Relative) -> float:
    """Return the first Lyapunov coefficient of a Hopf point, or NaN where differences tell nothing.

    Parameters
    ----------
    near
        The equations at the Hopf point itself.

    Returns
    -------
    float
        Of an eigenvector of length one in the states' own units; negative where the cycle is born
        stable.
    """
    found = [_coefficient(near, distance) for distance in DISTANCES]
    if not np.isfinite(found).all():
        return float("nan")
    close = abs(found[0] - found[1]) <= AGREEING * max(map(abs, found))
    return found[0] if close else float("nan")


def _coefficient(near: Relative, apart: float) -> float:
    u, count, own = near.start, near.count, near.sizes[: near.count]
    matrix = near.jacobian(u)
    omega = abs(pair(near, u).imag)
    with np.errstate(all="ignore"):
        values, vectors = np.linalg.eig(matrix)
        q = vectors[:, np.abs(values - 1j * omega).argmin()]
        values, vectors = np.linalg.eig(matrix.T)
        p = vectors[:, np.abs(values + 1j * omega).argmin()]
        p = p / np.conj(p.conj() @ q)

        def moved(along: np.ndarray) -> np.ndarray:
            aside = np.zeros(len(u))
            aside[:count] = apart * along
            return near.jacobian(u + aside)

        def second(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            real = (moved(a.real) - moved(-a.real)) / (2 * apart)
            imaginary = (moved(a.imag) - moved(-a.imag)) / (2 * apart)
            return (real + 1j * imaginary) @ b

        # C(q, q̄, q) = C(Re q, Re q, q) + C(Im q, Im q, q)
        third = sum((moved(a) - 2 * matrix + moved(-a)) / apart**2 for a in (q.real, q.imag)) @ q
        try:
            still = np.linalg.solve(matrix.astype(complex), second(q, q.conj()))
            twice = np.linalg.solve(2j * omega * np.eye(count) - matrix, second(q, q))
        except np.linalg.LinAlgError:
            return float("nan")
        bent = p.conj() @ (third - 2 * second(q, still) + second(q.conj(), twice))
        return float(bent.real / (2 * omega) / np.linalg.norm(own * q) ** 2)
