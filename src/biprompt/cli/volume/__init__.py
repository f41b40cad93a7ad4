"""`biprompt segment` of CT and MR: what it does with a volume instead of a photograph."""
