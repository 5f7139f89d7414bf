"""The scripted hosts themselves: without faults every family says what the manuals say."""

from tests.faults.families import each_family
from tests.faults.scripted_host import ScriptedHost


@each_family
async def test_a_host_reads_and_sends(family):
    async with ScriptedHost(family) as host:
        host.arrive()
        assert await host.hear(0.5) == family.notice
        assert await host.ask(family.read) == family.answer
        said = await host.send()
        assert said == family.prompt + family.sent
        await host.works()
