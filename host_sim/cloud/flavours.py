"""The two owners that the service has had, and how each one's cloud shows itself.

TWILIO: supersim.twilio.com. KORE: supersim.api.korewireless.com, the same paths and resources.
Source: the public OpenAPI descriptions of both (twilio/twilio-oai, korewireless/kore-openapi).
"""

from dataclasses import dataclass

from ip_commands.host_sim.cloud import error_codes
from ip_commands.host_sim.cloud.connection_overrides import Overrides
from ip_commands.host_sim.cloud.error_codes import ErrorTable


@dataclass(frozen=True, slots=True)
class Flavour:
    name: str
    errors: ErrorTable
    more_info: str
    """Template of the error body's ``more_info`` link."""
    max_page_size: int
    """Of IP Commands; all other lists allow 1000."""
    bearer: bool
    """OAuth2 client credentials and Bearer instead of Basic."""
    user_agent: str
    signature_header: str
    idempotency_header: str
    signs_with_webhook_secret: bool
    dates_webhooks: bool
    webhook_overrides: Overrides


TWILIO = Flavour(
    name="twilio",
    errors=error_codes.TWILIO,
    more_info="https://www.twilio.com/docs/errors/{code}",
    max_page_size=1000,
    bearer=False,
    user_agent="TwilioProxy/1.1",
    signature_header="X-Twilio-Signature",
    idempotency_header="I-Twilio-Idempotency-Token",
    signs_with_webhook_secret=False,
    dates_webhooks=False,
    webhook_overrides=Overrides(),
)

# How KORE computes its signature is not public: here like Twilio's, with the webhook secret.
KORE = Flavour(
    name="kore",
    errors=error_codes.KORE,
    more_info="https://docs.korewireless.com/errors/{code}",
    max_page_size=100,
    bearer=True,
    user_agent="KoreProxy/1.1",
    signature_header="kore-signature",
    idempotency_header="kore-idempotency-token",
    signs_with_webhook_secret=True,
    dates_webhooks=True,
    webhook_overrides=Overrides(retries=1, retry_on=("408", "423", "5xx")),
)

FLAVOURS = {flavour.name: flavour for flavour in (TWILIO, KORE)}
