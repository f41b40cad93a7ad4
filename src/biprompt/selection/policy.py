"""The choices a user may make about the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from biprompt.errors import InputError
from biprompt.results.levels import Granularity, check_granularity
from biprompt.selection import _checks
from biprompt.selection.measures import Metric, check_metric

Pool = Literal["paper", "wide", "parts"]
Refine = Literal["keep", "free"]
Rule = Literal["similarity", "joint", "consensus", "composed"]
PAPER_WEIGHTS = (0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Policy:
    """How the gate decides.

    Attributes:
        metric: similarity of two masks, "iou" (BiPrompt-SAM eqs. 4, 7) or "dice" (eq. 6).
        agree: similarity under which words and pointing disagree, 0 to 1.
        agree_in_doubt: the same where the presence is below its threshold, 0 to 1: a thing that
            may not be there has to agree more clearly. Where `agree` is larger, `agree` holds.
        presence_threshold: presence under which the named thing counts as not there, 0 to 1.
        weights: w1 (words), w2 (predicted IoU), w3 (similarity) of eq. 8; none negative, not all
            zero. Left out, they are the paper's choice, w1 = w2 = 0, and in the wide pool the
            consensus of the experts decides: words made some of its candidates themselves, so
            similarity to the text mask alone would be a circle. The words' confidence is their
            presence score. It is the same for every candidate, so w1 moves the joint score and
            never the winner; where the model gives no presence, the term of w1 is left out.
        pool: which candidates are offered: "paper", the point expert's; "wide", those that words
            and clicks make together as well; "parts", of several prompts also those of each alone,
            among which an estimate of their IoU decides (`biprompt.selection.composing`). The
            experts read it; the gate takes what it is given.
        granularity: how much of what was pointed at is meant, "part", "object" or "whole": the
            smallest, the middle or the largest of the point expert's candidates is then the
            answer. None leaves the choice to the rules. Words alone have one level.
        refine: what becomes of a mask or an outline drawn by hand, where nothing else is asked:
            "keep", it stays unless a refinement is surely better (`biprompt.selection.keeping`);
            "free", the model's own refinement.

    Raises:
        InputError: a value is outside its range.
    """

    metric: Metric = "iou"
    agree: float = 0.1
    agree_in_doubt: float = 0.3
    presence_threshold: float = 0.5
    weights: tuple[float, float, float] | None = None
    pool: Pool = "paper"
    refine: Refine = "keep"
    granularity: Granularity | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        check_metric(self.metric)
        check_granularity(self.granularity)
        if self.pool not in get_args(Pool):
            expected = "'paper', 'wide' or 'parts'"
            raise InputError("pool", expected=expected, actual=repr(self.pool))
        if self.refine not in get_args(Refine):
            raise InputError("refine", expected="'keep' or 'free'", actual=repr(self.refine))
        _checks.unit("agree", self.agree)
        _checks.unit("agree_in_doubt", self.agree_in_doubt)
        _checks.unit("presence_threshold", self.presence_threshold)
        if self.weights is None:
            return
        weights = _checks.weights(self.weights)
        if not any(weights):
            raise InputError("weights", expected="at least one above zero", actual=weights)
        object.__setattr__(self, "weights", weights)

    def least_similarity(self, *, in_doubt: bool) -> float:
        """Similarity under which words and pointing disagree; `in_doubt`: the presence is low."""
        return max(self.agree, self.agree_in_doubt) if in_doubt else self.agree

    @property
    def weighing(self) -> tuple[float, float, float]:
        """The weights of eq. 8 in force: those given, else the paper's."""
        return PAPER_WEIGHTS if self.weights is None else self.weights

    @property
    def rule(self) -> Rule:
        """What decides: similarity, joint score, consensus of the experts, or the estimate."""
        if self.weights is None:
            rules: dict[str, Rule] = {"wide": "consensus", "parts": "composed"}
            return rules.get(self.pool, "similarity")
        return "joint" if any(self.weights[:2]) else "similarity"

    @property
    def name(self) -> str:
        """What decides, for the card: its rule, with the weights of a joint score."""
        weights = "{:g}, {:g}, {:g}".format(*self.weighing)
        return f"joint {weights}" if self.rule == "joint" else self.rule
