"""How sure is the detector? A logistic regression over what it saw.

``training/language/fit_calibration.py`` fits the coefficients, on half of the development rows; ``benchmarks/bench_language.py``
prints the reliability on the other half.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_WIDEST_MARGIN = 30.0
_LETTERS = (4, 600)

#: Coefficients for ``Evidence.features``.
COEFFICIENTS = (-0.7568, 2.6674, 1.8385, 1.0489, -0.5764, -0.6501, -3.703)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the models said about the best language of a text.

    ``margin`` is the distance to the runner-up in log-odds, ``letters`` the size of the text, ``share`` CLD2's share for the best.
    """

    margin: float
    letters: int
    first_choice: bool
    cld2_agrees: bool
    share: float

    def features(self) -> tuple[float, ...]:
        """Give the regression's inputs, a constant first."""
        margin = math.log1p(max(0.0, min(_WIDEST_MARGIN, self.margin)))
        letters = math.log(max(_LETTERS[0], min(_LETTERS[1], self.letters)))
        return (
            1.0,
            margin,
            float(self.cld2_agrees),
            float(self.first_choice),
            letters,
            self.share,
            margin / letters,
        )

    def confidence(self) -> float:
        """Estimate the probability that the best language is right, 0 to 1."""
        logit = sum(weight * value for weight, value in zip(COEFFICIENTS, self.features(), strict=True))
        return 1 / (1 + math.exp(-logit))
