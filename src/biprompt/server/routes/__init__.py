"""The paths of the API, a file for each topic; each is a few lines around the service."""

from __future__ import annotations
