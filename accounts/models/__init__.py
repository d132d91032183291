from accounts.models.demo import DemoRequest
from accounts.models.keys import ApiToken, Limit
from accounts.models.mail import OutgoingMail
from accounts.models.people import Firm, Invitation, Membership, User

__all__ = ["ApiToken", "DemoRequest", "Firm", "Invitation", "Limit", "Membership", "OutgoingMail", "User"]
