"""Why a serial port does not open, and what to do about it, in one line each."""

import errno
import grp
import os

LOGIN_SHELL_OFF = "sudo raspi-config, Interface Options, Serial Port: login shell no, hardware yes"


def explain(path: str, number: int | None, system_says: str) -> str:
    """Return one line for a failed open of ``path``: the cause and the cure.

    number: the errno, None where pyserial gives none (it could not set the port up).
    system_says: the operating system's own words, shown where the cause is not known here.
    """
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return (
            f"there is no serial port {path}: plug the modem in and look in /dev/serial/by-id; "
            f"{LOGIN_SHELL_OFF} to have the Pi's header UART as /dev/serial0"
        )
    if number in (errno.EACCES, errno.EPERM):
        group = _group_of(path)
        if group == "tty":  # a login shell gives its terminal to this group
            return f"{path} belongs to the serial login shell: {LOGIN_SHELL_OFF}"
        return f"no permission for {path}: sudo usermod -a -G {group} $USER, log out and in again"
    if number in (errno.EBUSY, errno.EAGAIN):
        return (
            f"{path} is in use by another program, often ModemManager: sudo fuser -v {path} names "
            "it, sudo systemctl disable --now ModemManager ends that one"
        )
    return (
        f"{path} is not a working serial port ({system_says}): give a device such as "
        "/dev/ttyUSB2 or /dev/serial0"
    )


def _group_of(path: str) -> str:
    """Return the group that owns the device: dialout on Debian, uucp on others."""
    try:
        name = grp.getgrgid(os.stat(path).st_gid).gr_name
    except (OSError, KeyError):
        return "dialout"
    return "dialout" if name == "root" else name
