"""The coefficients of the course kernels' methods satisfy the conditions of their orders."""

from __future__ import annotations

import numpy as np
import pytest

from transport_model.kernels import rosenbrock, runge_kutta


def stage_matrix():
    """Return A and C as full matrices, and the weights of the increments in the new state."""
    a, c = (
        np.zeros((rosenbrock.STAGES, rosenbrock.STAGES)),
        np.zeros((rosenbrock.STAGES, rosenbrock.STAGES)),
    )
    for s in range(rosenbrock.STAGES):
        row = rosenbrock.A[min(s, 5)]
        a[s, : len(row)] = row
        a[s, 5:s] = 1.0
        c[s, : len(rosenbrock.C[s])] = rosenbrock.C[s]
    weights = a[-1].copy()
    weights[-1] = 1.0
    return a, c, weights


def rodas5p():
    """Return α and β = α + γ, and both rows of weights, as the conditions name them."""
    a, c, weights = stage_matrix()
    inverse = np.eye(rosenbrock.STAGES) / rosenbrock.GAMMA - c
    gamma = np.linalg.inv(inverse)
    alpha = a @ gamma
    embedded = weights.copy()
    embedded[-1] = 0.0
    return alpha, alpha + gamma, weights @ gamma, embedded @ gamma


def conditions(a, β):
    """Left and right sides by order, up to 5 (Hairer and Wanner 1996, table IV.7.1), less the b."""
    one = np.ones(len(a))
    α, b = a @ one, β @ one
    return {
        1: [(one, 1)],
        2: [(b, 1 / 2)],
        3: [(α**2, 1 / 3), (β @ b, 1 / 6)],
        4: [(α**3, 1 / 4), (α * (a @ b), 1 / 8), (β @ α**2, 1 / 12), (β @ β @ b, 1 / 24)],
        5: [(α**4, 1 / 5), (α**2 * (a @ b), 1 / 10), ((a @ b) ** 2, 1 / 20),
            (α * (a @ α**2), 1 / 15), (α * (a @ β @ b), 1 / 30), (β @ α**3, 1 / 20),
            (β @ (α * (a @ b)), 1 / 40), (β @ β @ α**2, 1 / 60), (β @ β @ β @ b, 1 / 120)],
    }  # fmt: skip


def largest_defect(alpha, beta, weights, order):
    rows = [each for k in range(1, order + 1) for each in conditions(alpha, beta)[k]]
    return max(abs(weights @ left - right) for left, right in rows)


def test_rodas5p_is_of_order_five_and_its_estimate_of_order_four():
    alpha, beta, weights, embedded = rodas5p()
    assert largest_defect(alpha, beta, weights, 5) < 1e-13
    assert largest_defect(alpha, beta, embedded, 4) < 1e-13
    assert largest_defect(alpha, beta, embedded, 5) > 1e-5  # which is what makes it an estimate


def test_rodas5p_damps_what_is_fast():
    """Stiffly accurate: the new state is the last stage, so that R(∞) = 0."""
    _, beta, weights, embedded = rodas5p()
    for row in (weights, embedded):
        far = 1 + row @ np.linalg.solve(np.eye(8) / -1e9 - beta, np.ones(8))
        assert abs(far) < 1e-6
    assert np.allclose(beta[-1], weights, rtol=1e-12)


def test_its_interpolation_is_of_order_four():
    alpha, beta, weights, _ = rodas5p()
    gamma = beta - alpha
    rows = np.array(rosenbrock.H) @ gamma
    for theta in (0.2, 0.5, 0.9):
        b = theta * (weights + (1 - theta) * (rows[0] + theta * (rows[1] + theta * rows[2])))
        for order in range(1, 5):
            for left, right in conditions(alpha, beta)[order]:
                assert b @ left == pytest.approx(right * theta**order, abs=1e-12)


def test_dop853_is_of_order_eight():
    """By the conditions of quadrature and the tall tree, and of the linear test equation."""
    a, b = runge_kutta.A, runge_kutta.B
    c = a.sum(axis=1)
    tall = np.ones(len(b))
    for order in range(1, 9):
        assert b @ c ** (order - 1) == pytest.approx(1 / order, abs=1e-13)
        assert b @ tall == pytest.approx(1 / np.prod(np.arange(1.0, order + 1)), abs=1e-14)
        tall = a @ tall
