from alerts.models.alerts import Alert, AlertReceipt, Decision, Step
from alerts.models.deliveries import Delivery, StreamEvent
from alerts.models.rules import AlertRule, Candidate, RuleRecipient

__all__ = ["Alert", "AlertReceipt", "AlertRule", "Candidate", "Decision", "Delivery", "RuleRecipient", "Step", "StreamEvent"]
