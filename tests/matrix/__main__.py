"""Write the table anew: python -m tests.matrix."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.matrix.families import models
from tests.matrix.table import PAGE, in_page, measured, table

with tempfile.TemporaryDirectory() as folder:
    made = table(measured(models(Path(folder))))
PAGE.write_text(in_page(PAGE.read_text("utf-8"), made), "utf-8")
print(made)
