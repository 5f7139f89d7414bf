"""What is called impossible for a model is a check that fails on it today."""

import pytest

from ip_commands.device.errors import IpCommandsError
from ip_commands.host_sim import fake_modems
from ip_commands.modem_drivers import models
from tests.contracts.check_modem import CHECKS
from tests.drivers.limits import EDRX_WITHOUT_PSM, LIMITS, PUSHED, impossible
from tests.drivers.modem_bench import run_check

BY_NAME = {check.__name__: check for check in CHECKS}


@pytest.mark.parametrize(
    ("model", "name"), [(model, name) for model in LIMITS for name in sorted(impossible(model))]
)
async def test_a_limit_is_a_check_that_fails(model, name):
    # the driver's error, the check's assertion, or a number that is None
    with pytest.raises((IpCommandsError, AssertionError, TypeError)):
        await run_check(BY_NAME[name], model)


def test_the_limits_of_a_model_do_not_overlap_and_give_reasons():
    for model, limits in LIMITS.items():
        assert sum(len(limit.checks) for limit in limits) == len(impossible(model)), model
        assert all(limit.reason for limit in limits)
    fakes = {model for model in LIMITS if model.startswith("nRF") and "-" in model}
    assert set(LIMITS) - fakes <= set(models.NAMES)
    assert {model.lower() for model in LIMITS} <= set(fake_modems.MODELS)
    assert LIMITS["SIM7670G"] == (PUSHED, EDRX_WITHOUT_PSM)
    assert impossible("BG95") == set()
