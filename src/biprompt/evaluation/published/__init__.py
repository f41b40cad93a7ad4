"""The papers' own numbers: where each stands, what its method was told, and whether it adds up.

The tables lie beside this file as TOML, one file a paper. `tables` reads them, `adds_up` checks
averages and quotations, `compare` says beside which of them a number of ours may stand, `blocks`
makes them part of a report, and `page` writes them down alone.
"""

from __future__ import annotations

from biprompt.evaluation.published.adds_up import Discrepancy, discrepancies
from biprompt.evaluation.published.blocks import published_blocks
from biprompt.evaluation.published.compare import Relation, is_comparable, relation
from biprompt.evaluation.published.page import to_markdown
from biprompt.evaluation.published.tables import (
    Average,
    Given,
    Quotation,
    Row,
    Table,
    find_table,
    load_tables,
)

__all__ = [
    "Average",
    "Discrepancy",
    "Given",
    "Quotation",
    "Relation",
    "Row",
    "Table",
    "discrepancies",
    "find_table",
    "is_comparable",
    "load_tables",
    "published_blocks",
    "relation",
    "to_markdown",
]
