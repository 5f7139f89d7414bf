"""Records as the API shows them: exactly the documented keys, absolute URLs."""

from typing import Any
from urllib.parse import quote, urlencode

from ip_commands.host_sim.cloud.collection import Page
from ip_commands.host_sim.cloud.dates import date_text
from ip_commands.host_sim.cloud.records import Fleet, IpCommand, Sim


def ip_command(command: IpCommand, base_url: str) -> dict[str, Any]:
    """Return the 13 keys of an IpCommand resource."""
    return {
        "sid": command.sid,
        "account_sid": command.account_sid,
        "sim_sid": command.sim_sid,
        "sim_iccid": command.sim_iccid,
        "status": command.status,
        "direction": command.direction,
        "device_ip": command.device_ip,
        "device_port": command.device_port,
        "payload_type": command.payload_type,
        "payload": command.payload,
        "date_created": date_text(command.created_ms),
        "date_updated": date_text(command.updated_ms),
        "url": f"{base_url}/v1/IpCommands/{command.sid}",
    }


def sim(record: Sim, base_url: str) -> dict[str, Any]:
    """Return the keys of a Sim resource."""
    url = f"{base_url}/v1/Sims/{record.sid}"
    return {
        "sid": record.sid,
        "unique_name": record.unique_name,
        "account_sid": record.account_sid,
        "iccid": record.iccid,
        "status": record.status,
        "fleet_sid": record.fleet_sid,
        "date_created": date_text(record.created_ms),
        "date_updated": date_text(record.updated_ms),
        "url": url,
        "links": {
            "billing_periods": f"{url}/BillingPeriods",
            "sim_ip_addresses": f"{url}/IpAddresses",
        },
    }


def sim_ip_address(address: str) -> dict[str, Any]:
    """Return the keys of an IpAddress of a Sim."""
    return {
        "ip_address": address,
        "ip_address_version": "IPv6" if ":" in address else "IPv4",
    }


def fleet(record: Fleet, base_url: str) -> dict[str, Any]:
    """Return the keys of a Fleet resource."""
    return {
        "account_sid": record.account_sid,
        "sid": record.sid,
        "unique_name": record.unique_name,
        "date_created": date_text(record.created_ms),
        "date_updated": date_text(record.updated_ms),
        "url": f"{base_url}/v1/Fleets/{record.sid}",
        "data_enabled": record.data_enabled,
        "data_limit": record.data_limit,
        "data_metering": "payg",
        "sms_commands_enabled": record.sms_commands_enabled,
        "sms_commands_url": record.sms_commands_url,
        "sms_commands_method": record.sms_commands_method,
        "network_access_profile_sid": record.network_access_profile_sid,
        "ip_commands_url": record.ip_commands_url,
        "ip_commands_method": record.ip_commands_method,
    }


def page_meta(
    page: Page[Any], key: str, list_url: str, filters: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """Return a list's ``meta``: absolute URLs that repeat filters and page size."""
    request = page.request

    def url(number: int, token: str | None) -> str:
        asked = [*filters, ("PageSize", str(request.size)), ("Page", str(number))]
        if token is not None:
            asked.append(("PageToken", token))
        return f"{list_url}?{urlencode(asked, quote_via=quote)}"

    previous = next_ = None
    if page.previous_token is not None:
        previous = url(request.number - 1, page.previous_token)
    if page.next_token is not None:
        next_ = url(request.number + 1, page.next_token)
    return {
        "page": request.number,
        "page_size": request.size,
        "first_page_url": url(0, None),
        "previous_page_url": previous,
        "url": url(request.number, request.token),
        "next_page_url": next_,
        "key": key,
    }
