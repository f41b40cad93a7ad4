"""Words that tell whether a model understands what it is asked."""

from __future__ import annotations

NEIGHBOURS = (
    *("puppy", "kitten", "automobile", "infant", "sofa", "cellphone", "bike", "seagull"),
    *("lorry", "television", "aeroplane", "pony"),
)
"""Everyday names beside those that data sets use."""

INVENTED = (
    *("flimbrot", "quazzle", "dorvish", "snerp", "yolkibar", "trennock", "gluphy", "vastrel"),
    *("brindlequok", "xyzzt", "morfanole", "zibbet"),
)
"""Words that no language has: whoever says that they mean something guesses."""

WORD_LISTS = {"neighbours": NEIGHBOURS, "invented": INVENTED}
