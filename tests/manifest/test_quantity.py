"""What is a quantity, and how much it is."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manifest.quantity import canonical, parse


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("0", 0),
        ("1", 1),
        (1, 1),
        (0.5, Fraction(1, 2)),
        ("0.5", Fraction(1, 2)),
        ("500m", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("+5", 5),
        ("-500m", Fraction(-1, 2)),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("1.5E", 15 * 10**17),
        ("12e-3", Fraction(12, 1000)),
        (1e22, 10**22),
        (1e-07, Fraction(1, 10**7)),
        ("1k", 1000),
        ("1Ki", 1024),
        ("1.5Gi", 3 * 2**29),
        ("1Ei", 2**60),
        ("100u", Fraction(1, 10**4)),
        ("1n", Fraction(1, 10**9)),
        ("0.1n", Fraction(1, 10**9)),
        ("-0.1n", Fraction(-1, 10**9)),
        ("0.0000000001", Fraction(1, 10**9)),
        (1073741824, 2**30),
        ("0128Mi", 2**27),
    ],
)
def test_amounts(value, amount):
    assert parse(value) == amount


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        ".",
        "+",
        "1K",
        "1ki",
        "1mi",
        "1 Gi",
        " 1",
        "1\n",
        "1e",
        "e3",
        "Gi",
        "1,5",
        "1Gib",
        "1e3k",
        "1.2.3",
        "\N{ARABIC-INDIC DIGIT ONE}",
        *["0x10", "1_000", "--1", "1e1000", "${CPU}", "NaN", "inf"],
        "9" * 101,
        True,
        False,
        None,
        [],
        {},
        float("inf"),
        float("nan"),
    ],
)
def test_no_quantities(value):
    assert parse(value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("500m", "0.5"),
        ("1Gi", "1073741824"),
        ("0", "0"),
        ("-0", "0"),
        ("-1.50", "-1.5"),
        ("1n", "0.000000001"),
        ("10", "10"),
    ],
)
def test_canonical(value, text):
    assert canonical(parse(value)) == text


@given(st.integers(-(10**30), 10**30))
def test_canonical_is_read_back(nanos):
    amount = Fraction(nanos, 10**9)
    assert parse(canonical(amount)) == amount
