"""How well full readings stood up to their texts, per model and prompt: what was dropped, marked, and asked for again."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, F, Func, JSONField, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Now

from research.models import Analysis

PERIOD = timedelta(days=90)
SLIPS = ("number", "date", "currency", "scale", "name", "negation")


@dataclass(slots=True)
class GroundingCounts:
    """Of one model and prompt: `replies` that were kept, how many of them were asked for again, and what they held in all."""

    model: str
    prompt_version: str
    replies: int = 0
    repaired: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def quotes_dropped(self) -> int:
        return self.kinds["quote"]

    @property
    def issuers_left_out(self) -> int:
        return self.kinds["issuer"]

    @property
    def slips(self) -> list[int]:
        """In the order of SLIPS."""
        return [self.kinds[kind] for kind in SLIPS]


def grounding_counts() -> list[GroundingCounts]:
    """Of the last 90 days, over all firms, most replies first: call it inside every_firm(). Two queries."""
    full = Analysis.objects.filter(lane=Analysis.Lane.FULL, scored_at__gte=Now() - PERIOD).order_by()
    found: dict[tuple[str, str], GroundingCounts] = {}
    by = full.values_list("model", "prompt_version")
    for model, prompt, replies, repaired in by.annotate(replies=Count("pk"), repaired=Count("pk", filter=Q(was_repaired=True))):
        found[model, prompt] = GroundingCounts(model, prompt, replies, repaired)
    rows = full.annotate(row=Func(F("dropped"), function="jsonb_array_elements", output_field=JSONField()))
    for model, prompt, kind in rows.values_list("model", "prompt_version", KeyTextTransform("kind", "row")):
        found[model, prompt].kinds[kind] += 1
    return sorted(found.values(), key=lambda counts: (-counts.replies, counts.model, counts.prompt_version))
