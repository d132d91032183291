"""From a story's readings to alerts: the rules of the holders of its companies, a decision for each, and what is then sent.

A rule that may fire waits for the full reading as a candidate. When its patience is over the quick reading decides, and the
alert says that it is provisional; the full reading then confirms it in place, or one correction is sent.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.scope import every_firm
from accounts.work import State, attempt
from alerts import rules
from alerts.delivery import deliver, tell_recipients
from alerts.doubt import Verdict, doubt
from alerts.events import tell
from alerts.models import Alert, AlertRule, Candidate, Decision, Step, StreamEvent
from portfolios.models import Holding
from research.models import Analysis, Announcement, Correction, Reading, Story
from research.quick_readings import quick_readings_of

log = logging.getLogger(__name__)

BATCH = 100
LONGEST_CORRECTION = 300


@dataclass(frozen=True)
class Match:
    """One rule against one issuer of one story, by one analysis."""

    rule: AlertRule
    reading: Reading
    measured: rules.Measured
    doubted: Verdict | None = None  # of a story whose text looks manipulated

    @property
    def step(self) -> int:
        reached = rules.step(self.rule.clauses, self.measured)
        return min(reached, self.doubted.most) if self.doubted else reached

    @property
    def gates(self) -> list[rules.Gate]:
        met = rules.gates(self.rule.clauses, self.measured)
        return [*met, self.doubted.gate] if self.doubted else met

    @property
    def size(self) -> float:
        """Impact × sentiment × weight: which of a portfolio's companies the alert names."""
        return (self.measured.impact or 0) * abs(self.measured.sentiment or 0) * abs(self.measured.weight or 0)


def match_announced(ids: Iterable[int]) -> None:
    """Every rule of the holders of these stories' companies: decided now, or made a candidate that waits for the full reading."""
    waiting = iter(ids)
    while batch := list(islice(waiting, BATCH)):
        _match_batch(batch)


def _match_batch(ids: Sequence[int]) -> None:
    with every_firm():
        taken = Announcement.objects.claim(ids)
        announcements = list(Announcement.objects.filter(pk__in=taken).select_related("analysis").order_by("pk"))
    with Announcement.objects.kept(taken):
        for announcement in announcements:
            with attempt(announcement), every_firm():
                story = _lock(announcement.analysis.story_id)
                if story.current_analysis and not story.is_backfill:
                    _match(story, story.current_analysis)
                announcement.finish()


def _lock(story_id: int) -> Story:
    """One story is matched by one worker at a time. Of one that went into another, that other."""
    story = Story.objects.select_for_update(of=("self",)).select_related("current_analysis").get(pk=story_id)
    return _lock(story.merged_into_id) if story.merged_into_id else story


def tell_corrections(ids: Iterable[int]) -> None:
    """What somebody said is not about a company takes back the firm's alerts on it, or gives them to the next."""
    with every_firm():
        taken = Correction.objects.claim(ids)
        corrections = list(Correction.objects.filter(pk__in=taken).order_by("pk"))
    with Correction.objects.kept(taken):
        for correction in corrections:
            with attempt(correction), every_firm():
                story = _lock(correction.story_id)
                correction.refresh_from_db(fields=["undone_at"])
                if correction.kind == Correction.Kind.WRONG and correction.undone_at is None:
                    _take_back(story, correction)
                correction.finish()


def _take_back(story: Story, correction: Correction) -> None:
    who = (correction.made_by.name if correction.made_by else "") or "Somebody of your firm"
    words = f"{who} said that the story is not about {correction.issuer}."[:LONGEST_CORRECTION]
    raised = Alert.objects.filter(
        firm=correction.firm_id, story__in=Story.objects.family(story), issuer=correction.issuer_id
    ).select_related("rule")
    for alert in raised.exclude(status=Alert.Status.CORRECTED):
        analysis = story.current_analysis or alert.analysis
        own = _judged(alert.rule, story, analysis, _matches([alert.rule], analysis))
        best = max(own, key=lambda match: (match.step, match.size), default=None)
        if best and best.step >= alert.step:
            alert.issuer = best.reading.issuer
            _confirm(alert, analysis, best)
        else:
            _correct(alert, analysis, words)


def decide_candidates(ids: Iterable[int]) -> None:
    """Candidates whose patience is over: the reading there is decides."""
    with every_firm():
        taken = Candidate.objects.claim(ids)
        candidates = list(Candidate.objects.filter(pk__in=taken).select_related("rule"))
    with Candidate.objects.kept(taken):
        for candidate in candidates:
            with attempt(candidate), every_firm():
                story = _lock(candidate.story_id)
                if story.current_analysis and candidate.rule.is_active:
                    decide(candidate.rule, story, story.current_analysis, _matches([candidate.rule], story.current_analysis))
                candidate.finish(decided_by=story.current_analysis, decided_at=timezone.now())


def _match(story: Story, analysis: Analysis) -> None:
    issuers = list(analysis.readings.values_list("issuer_id", flat=True))
    rules_met = _rules_met(story, issuers)
    _tell_holders(story, issuers)
    matches = _matches(rules_met, analysis)
    by_rule = [(rule, [match for match in matches if match.rule == rule]) for rule in rules_met]
    # The heaviest comes last: of alerts raised together it is the newest, and stands first.
    for rule, own in sorted(by_rule, key=lambda pair: max((match.size for match in pair[1]), default=0)):
        try:
            with transaction.atomic():
                _meet(rule, story, analysis, own)
        except Exception:
            # As a candidate it has attempts and a quarantine of its own, and the rules of others go on.
            log.exception("Rule %d could not be matched with story %d", rule.pk, story.pk)
            _wait(rule, story, analysis, seconds=0)


def _meet(rule: AlertRule, story: Story, analysis: Analysis, own: Sequence[Match]) -> None:
    if _is_last_word(story, analysis) or _is_too_old(rule, story):
        decide(rule, story, analysis, own)
        _settle_candidate(rule, story, analysis)
    elif any(rules.in_scope(rule.clauses, match.measured) for match in own):
        _wait(rule, story, analysis, seconds=rule.patience_seconds)


def _rules_met(story: Story, issuers: list[int]) -> list[AlertRule]:
    """The rules of the holders of these companies, and those that alerted on the story when its reading had other companies."""
    holders = AlertRule.objects.holding(issuers)
    holders = holders.filter(firm=story.firm_id) if story.firm_id else holders
    told = AlertRule.objects.filter(is_active=True, alerts__story__in=Story.objects.family(story)).distinct()
    return list({rule.pk: rule for rule in [*holders, *told]}.values())


def _is_last_word(story: Story, analysis: Analysis) -> bool:
    """Whether no full reading is to come that may say otherwise."""
    return analysis.lane == Analysis.Lane.FULL or story.state == State.DONE or story.is_gated


def _tell_holders(story: Story, issuers: Sequence[int]) -> None:
    holders = Holding.objects.filter(issuer__in=issuers)
    if story.firm_id:
        holders = holders.filter(firm=story.firm_id)
    for firm_id in holders.values_list("firm", flat=True).distinct():
        tell(firm_id, StreamEvent.Kind.STORY, story.pk, f"story:{story.pk}:{firm_id}:{story.current_analysis_id}")


def _judged(rule: AlertRule, story: Story, analysis: Analysis, own: Sequence[Match]) -> Sequence[Match]:
    """The matches as they are; of a story whose text looks manipulated, what two scores together make of each company."""
    if not story.marks:
        return own
    is_full = analysis.lane == Analysis.Lane.FULL
    quick = _matches([rule], analysis, quick_readings_of(story, analysis)) if is_full else own
    full = own if is_full else []
    by_issuer = [{match.reading.issuer_id: match for match in matches} for matches in (quick, full)]
    judged = []
    for issuer, match in (by_issuer[0] | by_issuer[1]).items():
        said = [found[issuer].measured if issuer in found else None for found in by_issuer]
        verdict = doubt(rule.clauses, said[0], said[1], ", ".join(story.marks))
        if verdict:
            judged.append(Match(rule, match.reading, verdict.measured, verdict))
    return judged


def _matches(rules_met: Sequence[AlertRule], analysis: Analysis, read: Iterable[Reading] | None = None) -> list[Match]:
    """Each rule against each reading of a company that its portfolio holds: the analysis's own, or those given."""
    found = analysis.readings.select_related("issuer") if read is None else read
    readings = {reading.issuer_id: reading for reading in found}
    weights: dict[tuple[int, int], float | None] = {}
    held = Holding.objects.filter(portfolio__in={rule.portfolio_id for rule in rules_met}, issuer__in=readings)
    for portfolio, issuer, weight in held.values_list("portfolio", "issuer", "weight"):
        before = weights.get((portfolio, issuer), 0.0)
        weights[portfolio, issuer] = None if weight is None or before is None else before + weight
    wrong = set(Correction.objects.wrong().filter(story=analysis.story_id).values_list("firm", "issuer"))
    return [
        Match(rule, readings[issuer], _measure(readings[issuer], weight))
        for rule in rules_met
        for (portfolio, issuer), weight in weights.items()
        if portfolio == rule.portfolio_id and (rule.firm_id, issuer) not in wrong
    ]


def _measure(reading: Reading, weight: float | None) -> rules.Measured:
    return rules.Measured(
        impact=reading.market_impact_score, sentiment=reading.sentiment_score, relevance=reading.relevance, weight=weight
    )


def _is_too_old(rule: AlertRule, story: Story) -> bool:
    """By both clocks: news that is old, or that reached us long ago, is no alert now."""
    oldest = min(story.received_at, story.published_at or story.received_at)
    return timezone.now() - oldest > timedelta(hours=rule.max_age_hours)


def _wait(rule: AlertRule, story: Story, analysis: Analysis, seconds: int) -> None:
    """Make it a candidate that is decided after that time, unless the full reading comes before."""
    decide_at = Now() + timedelta(seconds=seconds)
    Candidate.objects.bulk_create(
        [Candidate(firm_id=rule.firm_id, rule=rule, story=story, next_at=decide_at)], ignore_conflicts=True
    )
    # Of a story that has changed since an earlier reading decided: it waits anew.
    decided = Candidate.objects.filter(rule=rule, story=story, state=State.DONE, decided_by__version__lt=analysis.version)
    decided.update(state=State.WAITING, attempts=0, deferrals=0, next_at=decide_at)


def _settle_candidate(rule: AlertRule, story: Story, analysis: Analysis) -> None:
    waiting = Candidate.objects.filter(rule=rule, story=story, state=State.WAITING)
    waiting.update(state=State.DONE, lease_until=None, decided_by=analysis, decided_at=Now())


def decide(rule: AlertRule, story: Story, analysis: Analysis, own: Sequence[Match]) -> None:
    """Raise the rule's alert on this story, if it fires; confirm or correct the alerts it raised before."""
    is_old = _is_too_old(rule, story)
    own = _judged(rule, story, analysis, own)
    if is_old:
        _record(rule, analysis, own, lambda _: [rules.Gate("age", False, f"older than {rule.max_age_hours} hours")])
    else:
        _record(rule, analysis, own, lambda match: match.gates)
    best = max(own, key=lambda match: (match.step, match.size), default=None)
    fired = best if best and best.step else None
    family = Story.objects.family(story)
    before = list(Alert.objects.filter(rule=rule, story__in=family).exclude(analysis=analysis).order_by("step"))
    _settle(before, analysis, own, may_correct=_is_last_word(story, analysis))
    if fired and not is_old and not any(alert.step >= fired.step for alert in before):
        _raise(story, analysis, fired)


def _record(rule: AlertRule, analysis: Analysis, own: Sequence[Match], gates: Callable[[Match], list[rules.Gate]]) -> None:
    rows = [
        Decision(
            firm_id=rule.firm_id,
            rule=rule,
            story_id=analysis.story_id,
            analysis=analysis,
            issuer_id=match.reading.issuer_id,
            gate=gate.name,
            passed=gate.passed,
            detail=gate.detail,
        )
        for match in own
        for gate in gates(match)
    ]
    Decision.objects.bulk_create(rows, ignore_conflicts=True)


def _raise(story: Story, analysis: Analysis, match: Match) -> None:
    is_quick = analysis.lane == Analysis.Lane.FLASH and story.state != State.DONE
    alert, is_new = Alert.objects.get_or_create(
        rule=match.rule,
        story=story,
        step=match.step,
        defaults={
            **_scores(match),
            "firm_id": match.rule.firm_id,
            "issuer": match.reading.issuer,
            "analysis": analysis,
            "is_doubted": match.doubted is not None,
            "status": Alert.Status.PROVISIONAL if is_quick else Alert.Status.CONFIRMED,
        },
    )
    if is_new:
        deliver(alert, alert.step)


def _scores(match: Match) -> dict[str, float | None]:
    measured = match.measured
    return {
        "sentiment_score": measured.sentiment,
        "market_impact_score": measured.impact,
        "relevance": measured.relevance,
        "weight": measured.weight,
    }


def _settle(alerts: Sequence[Alert], analysis: Analysis, matches: Sequence[Match], *, may_correct: bool) -> None:
    """What a newer reading says of alerts raised before: it confirms them in place, or corrects them, once."""
    for alert in alerts:
        if alert.status == Alert.Status.CORRECTED:
            continue
        now = next((match for match in matches if match.reading.issuer_id == alert.issuer_id), None)
        turned = now is not None and (now.measured.sentiment or 0) * alert.sentiment_score < 0
        was_sold = now is None and analysis.readings.filter(issuer=alert.issuer_id).exists()
        if now and now.step and not turned:
            _confirm(alert, analysis, now)
        elif may_correct and not was_sold:
            _correct(alert, analysis, _correction(now, turned=turned))


def _confirm(alert: Alert, analysis: Analysis, match: Match) -> None:
    alert.analysis = analysis
    alert.is_doubted = match.doubted is not None
    for name, value in _scores(match).items():
        setattr(alert, name, value)
    if analysis.lane == Analysis.Lane.FULL:
        alert.status = Alert.Status.CONFIRMED
    alert.settled_at = timezone.now()
    alert.save()
    tell_recipients(alert, f"settled:{analysis.pk}")


def _correct(alert: Alert, analysis: Analysis, words: str) -> None:
    """Take the alert back, and tell whom it reached why."""
    alert.correction = words
    alert.status = Alert.Status.CORRECTED
    alert.analysis = analysis
    alert.settled_at = timezone.now()
    alert.save()
    deliver(alert, Step.CORRECTION)


def _correction(match: Match | None, *, turned: bool) -> str:
    if match is None:
        return "The newer reading no longer finds the company in this story."
    if turned:
        return f"The newer reading turned the sign: sentiment is {match.measured.sentiment:+.2f}.".replace("-", "−")
    missed = [gate.detail for gate in match.gates if not gate.passed]
    return f"The rule no longer holds: {', '.join(missed)}."
