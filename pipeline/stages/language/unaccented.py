"""py3langid for text that has lost its accents.

Wires in capitals often carry no accents: Icelandic then looks like Norwegian, Vietnamese like nothing. The model has learned
accented text, but most of what is needed is in it: ``ve`` in plain letters is as likely in Azerbaijani as ``ve`` and ``və``
together are in accented text. ``unaccented.npz`` holds the likelihoods that change, by feature and class of the model
(``training/language/unaccented_likelihoods.py``).
"""

from __future__ import annotations

import copy
from importlib.resources import files
from typing import Any

import numpy as np


def with_unaccented(identifier: Any) -> tuple[Any, Any]:
    """Give a py3langid identifier for text as it is, and one for text whose accents were dropped; they share their tables.

    Raises ``ValueError`` when the likelihoods were made for another model.
    """
    with files(__package__).joinpath("unaccented.npz").open("rb") as stored, np.load(stored) as changed:
        features, columns, values, shape = (changed[name] for name in ("feature", "column", "value", "shape"))
    table = identifier.nb_ptc
    if tuple(shape) != table.shape:
        raise ValueError(f"unaccented.npz is for a model of {tuple(shape)} features and classes, not {table.shape}: make it anew")
    replaced, row = np.unique(features, return_inverse=True)
    plain = table[replaced]
    plain[row, columns] = values
    as_is = type(identifier)(
        np.vstack([table, plain]),
        identifier.nb_pc,
        identifier.nb_classes,
        identifier.tk_nextmove,
        identifier.tk_output,
        tk_row=identifier.tk_row,
    )
    moved = dict(zip(replaced.tolist(), range(len(table), len(table) + len(replaced)), strict=True))
    unaccented = copy.copy(as_is)
    unaccented.tk_output = [moved.get(feature, feature) for feature in as_is.tk_output]
    return as_is, unaccented
