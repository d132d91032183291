"""What staff do in the administration pages that takes more than one app."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format

from accounts.admin import DemoRequestAdmin
from accounts.invitations import Refused
from accounts.models import DemoRequest, User
from config.provisioning import provision

admin.site.unregister(DemoRequest)


@admin.register(DemoRequest)
class DemoQueueAdmin(DemoRequestAdmin):
    actions: Any = (*cast("Any", DemoRequestAdmin).actions, "provision_trials")

    @admin.action(description="Provision a trial", permissions=["change"])
    def provision_trials(self, request: HttpRequest, rows: QuerySet[DemoRequest]) -> None:
        """A firm with the sample portfolio for each, and an invitation by mail. Those who have one keep it."""
        for row in rows:
            had_one = row.trial_id is not None
            try:
                firm = provision(row, cast("User", request.user))
            except Refused as refused:
                self.message_user(
                    request, f"{row}: {refused.title[0].lower()}{refused.title[1:]}. {refused.text}", messages.ERROR
                )
                continue
            done = "had a trial already" if had_one else "was sent the invitation"
            ends = f"ends on {date_format(firm.trial_ends_at)}" if firm.trial_ends_at else "has no end"
            self.message_user(request, f"{row}: {done}. The trial {ends}.")
