"""The full reading of one story: claim it, ask the model, check what it says against the text, keep the result as a new version.

The model gets the story's text and our own candidates, and nothing of anybody's holdings. Its raw reply is stored whole.
"""

from django.conf import settings

from accounts.scope import every_firm
from accounts.work import State, attempt
from research import endpoint, gating, llm, spending
from research.asking import Answer, Task, ask, load, messages_of, recorded, worth_asking
from research.models import Analysis, Announcement, Story
from research.quick_readings import ask_for_full_readings
from research.reply import ReplyRejected
from research.versions import add_version

MERGED = "It was merged into another story while it was read"


def analyse(story_id: int) -> int | None:
    """Read one story in full. The id of its announcement to the rules; null if there is none, and the row says why."""
    with every_firm():
        claimed = Story.objects.claim([story_id])
    return _read(claimed[0]) if claimed else None


def analyse_first() -> int | None:
    """Read what is to be read first of the stories that are due, whichever the bell was rung for. Returns as `analyse` does."""
    with every_firm():
        claimed = Story.objects.claim_first()
    return _read(claimed) if claimed else None


def _read(story_id: int) -> int | None:
    with every_firm():
        task = load(story_id)
    with Story.objects.kept([story_id]), attempt(task.story):
        answer = _answer_or_wait(task)
        if answer:
            with every_firm():
                announcement = _store(task, answer)
                return announcement.pk if announcement else None
    return None


class NotRescored(Exception):
    """Why a story was left with the reading it has."""


def rescore(story_id: int, prompt: str | None = None) -> Analysis:
    """Read a story again, by that prompt where one is given: a new version, of which no rule is told.

    Its work is not touched, so that a run that dies leaves nothing for a worker to announce. Raises NotRescored, ReplyRejected,
    llm.ModelUnavailable, spending.NotAsked or spending.Busy, and then nothing is stored.
    """
    with every_firm():
        task = load(story_id)
    if not task.issuers:
        raise NotRescored("it is about no company we know")
    if not task.has_text:
        raise NotRescored("there is nothing in it that a model may be given")
    task.prompt = prompt
    answer = ask(task)
    with every_firm():
        story = Story.objects.select_for_update().get(pk=story_id)
        if why := _changed(task, story):
            raise NotRescored(why)
        analysis = add_version(task, story, answer)
        if story.state == State.WAITING:  # asked for while it was read: that reading is still to come
            Story.objects.filter(pk=story_id).update(current_analysis=analysis)
        else:
            story.finish(current_analysis=analysis)
        return analysis


def request_of(story_id: int, prompt: str | None = None) -> list[llm.Message]:
    """What the model would be asked of that story: nothing is sent. Call it inside every_firm()."""
    task = load(story_id)
    task.prompt = prompt
    return messages_of(task) if task.issuers else []


def _answer_or_wait(task: Task) -> Answer | None:
    try:
        answer = recorded(task)
        if answer is None and not (settings.MODEL_CONFIGURED and task.issuers and task.has_text):
            # No model to ask (any more), no company left to ask about, or nothing to give it: the quick reading is the reading.
            with every_firm():
                task.story.finish()
        else:
            return answer or ask(task)
    except endpoint.CircuitOpen as error:
        with every_firm():
            task.story.defer(str(error), error.retry_after)
    except llm.ModelUnavailable as error:
        why = f"The model did not answer ({error.kind}): {error}"
        wait = max(error.retry_after or 0, endpoint.OPERATOR_WAIT.total_seconds()) if error.needs_operator else error.retry_after
        with every_firm():
            task.story.defer(why, wait) if error.worth_retrying else _give_up(task, why)
    except ReplyRejected as error:
        with every_firm():
            _give_up(task, f"The model's reply was refused twice: {error}")
    except spending.Busy as error:
        with every_firm():
            task.story.defer(str(error), spending.BUSY_SECONDS)
        return None
    except spending.NotAsked as gate:
        gating.hold(task.story, gate)
    gating.tell_meanwhile(task.story.pk)
    return None


def _give_up(task: Task, why: str) -> None:
    if story := _locked(task):
        story.give_up(why)
        _ask_for_what_was_added(task, story)


def _store(task: Task, answer: Answer) -> Announcement | None:
    story = _locked(task)
    if story is None:
        return None
    if why := _changed(task, story):
        story.defer(f"{why}: it is read again.")  # later each time: each was paid for
        return None
    analysis = add_version(task, story, answer)
    story.finish(current_analysis=analysis)
    _ask_for_what_was_added(task, story)
    return Announcement.objects.create(firm_id=story.firm_id, analysis=analysis)


def _locked(task: Task) -> Story | None:
    """The story as it is by now; none where it went into another, and there is nothing left to do."""
    story = Story.objects.select_for_update().get(pk=task.story.pk)
    if story.merged_into_id:
        story.drop(f"{MERGED}.")
        return None
    return story


def _ask_for_what_was_added(task: Task, story: Story) -> None:
    if story.asked_at != task.story.asked_at:  # while it was read
        ask_for_full_readings([story.pk])


def _changed(task: Task, story: Story) -> str:
    """What became of the story while it was read, if anything."""
    if story.merged_into_id:
        return MERGED
    read = story.articles.filter(pk__in=[article.pk for article in task.articles])
    if dict(read.values_list("pk", "revision")) != {article.pk: article.revision for article in task.articles}:
        return "Its articles changed while it was read"
    linked = {mention.issuer_id for mention in worth_asking(task.articles)}
    is_same = linked == {issuer.pk for issuer in task.issuers.values()}
    return "" if is_same else "It was linked to other companies while it was read"
