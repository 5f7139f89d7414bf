"""The signature of a webhook, so that the customer can tell that it is genuine.

Source: twilio.com/docs/usage/security, "Validating signatures"; the official clients' validators.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(secret: str, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
    """Return the ``X-Twilio-Signature`` of a request.

    secret: the account's AuthToken.
    url: exactly as requested, with its query, without a fragment.
    form: the parameters of a POST body; none for GET. Sorted by name; equal values of a repeated
        name count once.
    """
    values: dict[str, set[str]] = {}
    for name, value in form:
        values.setdefault(name, set()).add(value)
    message = url + "".join(
        name + value for name in sorted(values) for value in sorted(values[name])
    )
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
