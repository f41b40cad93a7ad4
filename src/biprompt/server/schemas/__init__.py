"""The JSON of the API: what comes in is checked here, what goes out is described here."""

from __future__ import annotations
