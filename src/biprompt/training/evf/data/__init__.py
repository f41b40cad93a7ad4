"""The data of EVF-SAM's training: sources of spoken pictures, mixed into one endless stream.

`opening` opens data sets by name, `stream` gives any sample by its number, `held_out` what is
measured on, `embeddings` and `precompute` keep what the frozen image encoder sees.

What the published data code gets wrong, and this one does not (tests: `test_published_bugs.py`):

1. Masks of several parts are added up, so that a target is 2 where they overlap; here joined.
2. The index of a sample is ignored and a random one drawn; here every item comes once an epoch.
3. HumanParsing's background is asked for as a class; here never.
4. A picture without any class is replaced by item 0; here by a random one.
5. An annotation without a mask is trained as an empty mask; here it is an error, or skipped.
6. A polygon of two points ends in a TypeError, or is hidden by a bare except; here a clear line.
7. A phrase that is too long ends in a NameError; here it is an error that says so.
8. Sentences are trained raw and evaluated stripped; here both as prompts are cleaned.
9. RefCOCO, RefCOCO+ and RefCOCOg train on each other's test pictures; here not, unless asked to.
"""
