"""What a customer is told of an IP Command: status callbacks and Fleet webhooks.

Source: docs "IPCommand Resource", section "IpCommand resource status callbacks".
"""

from ip_commands.host_sim.cloud.owed_webhooks import OwedWebhooks
from ip_commands.host_sim.cloud.records import Fleet, IpCommand, Sim


def owe_status_callback(webhooks: OwedWebhooks, command: IpCommand, sim: Sim | None) -> None:
    """Owe what the command's own URL is told, if it has one; the caller commits."""
    if command.callback_url is not None:
        webhooks.owe(
            command.account_sid,
            command.sid,
            command.callback_url,
            command.callback_method,
            callback_parameters(command, sim),
        )


def owe_fleet_webhook(
    webhooks: OwedWebhooks, command: IpCommand, sim: Sim, fleet: Fleet | None
) -> None:
    """Owe what the Fleet's URL is told of a datagram, if it has one; the caller commits."""
    if fleet is not None and fleet.ip_commands_url:
        webhooks.owe(
            sim.account_sid,
            command.sid,
            fleet.ip_commands_url,
            fleet.ip_commands_method,
            callback_parameters(command, sim),
        )


def callback_parameters(command: IpCommand, sim: Sim | None) -> tuple[tuple[str, str], ...]:
    """Return the parameters of either, the documented ones only.

    A Sim without a unique name shows an empty one.
    """
    parameters = [
        ("AccountSid", command.account_sid),
        ("CommandSid", command.sid),
        ("SimSid", command.sim_sid),
        ("SimUniqueName", (sim.unique_name if sim is not None else None) or ""),
        ("PayloadType", command.payload_type),
        ("Payload", command.payload),
        ("Direction", command.direction),
        ("Status", command.status),
    ]
    if command.status == "failed":
        parameters.append(("ErrorCode", str(command.error_code)))
        parameters.append(("ErrorMessage", command.error_message or ""))
    return tuple(parameters)
