"""The gate: choose one mask among the candidates, and say why.

BiPrompt-SAM (Xu, Peng, Zhang): the point expert proposes k masks (eq. 1), the text expert one
(eq. 2); the candidate most similar to the text mask is the answer (eqs. 3 to 5). Everything here
is a pure function of arrays; all candidates are compared at once.

What the paper leaves open; the first rule that applies decides:

1. No word of the phrase is known (`text_understood` is False): the point expert's own best
   answers; where nothing was pointed at, `absent`.
2. No candidate at all, or only empty ones: `absent`.
3. No text mask: the candidate with the highest predicted IoU.
4. Words alone: the text mask, unless the presence score is below the threshold: then `absent`.
5. Words and pointing, the text mask empty, presence below the threshold: `absent`.
6. Words and pointing, and the text mask is empty or no candidate is similar enough to it:
   `disagree`, with the point expert's own best. Enough is `agree`, and with a presence below the
   threshold `agree_in_doubt`: a thing that may not be there has to agree more clearly before it
   overrules the point expert. The reason says which of them was not reached.
7. Otherwise the most similar candidate (or that of the highest joint score; in the wide pool, that
   on which the experts agree best, see `consensus`): `found`. A presence below the threshold does
   not change this when the text mask agrees clearly with what was pointed at: pointing is evidence
   that the thing is there, and the agreement tells which candidate is meant. The reason then
   carries a warning.

An empty candidate never wins, an `absent` answer has an empty mask and no winner, and ties go to
the higher predicted IoU, then to the candidate named first.
"""

from __future__ import annotations

from biprompt.selection.choice import Choice
from biprompt.selection.gate import select
from biprompt.selection.measures import consensus, joint_score, similarity
from biprompt.selection.policy import Policy

__all__ = ["Choice", "Policy", "consensus", "joint_score", "select", "similarity"]
