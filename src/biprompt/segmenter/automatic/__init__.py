"""Everything in an image as masks, without a prompt (Segment Anything, automatic masks).

`grid` says where to click and `windows` where to look closer; `proposing` asks the model and keeps
what passes the filters; `suppression` drops what was found twice; `regions` removes specks and
fills holes; `finding` puts them together, and `naming` gives the masks names from a class list.

The steps are those of Kirillov et al. 2023, section 4 and appendix B; the thresholds of the
embedded model are measured (docs/automatic.md).
"""

from __future__ import annotations

from biprompt.segmenter.automatic.finding import automatic
from biprompt.segmenter.automatic.settings import Automatic

__all__ = ["Automatic", "automatic"]
