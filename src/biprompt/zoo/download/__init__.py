"""Getting published checkpoints: progress, resume, digests, and errors that say what to do."""

from biprompt.zoo.download.digest import sha256_of
from biprompt.zoo.download.getting import get
from biprompt.zoo.download.receipt import RECEIPT, FileFacts, Receipt, read_receipt
from biprompt.zoo.download.transfer import Report, Transfer, silent

__all__ = [
    "RECEIPT",
    "FileFacts",
    "Receipt",
    "Report",
    "Transfer",
    "get",
    "read_receipt",
    "sha256_of",
    "silent",
]
