"""Fuzzing against the public contract and our own document, and that the two agree."""

import asyncio
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ip_commands.host_sim.cloud.flavours import FLAVOURS, KORE, TWILIO
from ip_commands.host_sim.cloud.http_api import make_app
from ip_commands.host_sim.cloud.http_server import HttpServer
from ip_commands.host_sim.cloud.openapi import describe
from tests.cloud.cloud_under_test import CloudUnderTest

PUBLIC = Path(__file__).resolve().parents[1] / "data" / "twilio_supersim_v1_served.json"

# of each operation and of each sequence; all of them in `make test-all`
EXAMPLES = "15" if os.environ.get("EVERY_CHECK") else "3"
LONGEST_RUN_S = 300

# What gets a good answer, so that the schemas of 2xx bodies are checked for every operation.
KNOWN = {
    "CreateIpCommand": {"Sim": "alice", "Payload": "hello", "DevicePort": 4242},
    "CreateSim": {"Iccid": "89883070000123456789", "RegistrationCode": "H3LL0W0RLD"},
    "UpdateSim": {"UniqueName": "alice", "Status": "inactive"},
    "CreateFleet": {"NetworkAccessProfile": "everywhere"},
    "UpdateFleet": {"DataLimit": 500},
}
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"
# Our own document describes the refusals too, so more can be asked of it. Not asked: that all
# valid data is accepted (what a Sim's state allows is in no schema), and that all invalid data is
# refused (unknown parameters are ignored, for the sake of newer clients).
MORE_CHECKS = (
    CHECKS + ",status_code_conformance,missing_required_header,"
    "unsupported_method,allow_header_conformance,ignored_auth"
)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }


class CountedCloud(CloudUnderTest):
    """A cloud that notes the statuses each route answered with."""

    async def __aenter__(self) -> "CountedCloud":
        await super().__aenter__()
        self.statuses: dict[tuple[str, str], set[int]] = defaultdict(set)
        app = make_app(self.store, refuse_large_pages=True)

        async def note(request: web.Request, response: web.StreamResponse) -> None:
            resource = request.match_info.route.resource
            if resource is not None:
                self.statuses[request.method, resource.canonical].add(response.status)

        app.on_response_prepare.append(note)
        self.counted = HttpServer(app)
        await self.counted.start()
        self.command = self.store.ip_commands.create(
            self.account, sim="alice", payload="x", device_port=1
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.counted.stop()
        await super().__aexit__(*error)

    def with_known_values(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document with examples that name what exists in this cloud."""
        document = json.loads(json.dumps(document))
        for path, methods in document["paths"].items():
            sid = self.command.sid if path.startswith("/v1/IpCommands") else "alice"
            sid = self.fleet.sid if path.startswith("/v1/Fleets") else sid
            for operation in methods.values():
                for parameter in operation.get("parameters", ()):
                    if parameter["in"] == "path":
                        parameter["example"] = sid
                if operation["operationId"] in KNOWN:
                    (form,) = operation["requestBody"]["content"].values()
                    form["example"] = KNOWN[operation["operationId"]]
        return document

    async def fuzz(self, document: dict[str, Any], tmp_path: Path, checks: str) -> None:
        """Run schemathesis on the document; fail with its report when it finds something."""
        file = tmp_path / "document.json"
        file.write_text(json.dumps(self.with_known_values(document)))
        process = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).parent / "schemathesis"), "--no-color", "run", str(file)),
            *("--url", self.counted.url, "--checks", checks, "--seed", "1", "-n", EXAMPLES),
            *("--auth", f"{self.account.sid}:{self.account.auth_token}"),
            *("--phases", "examples,coverage,fuzzing,stateful"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await asyncio.wait_for(process.communicate(), LONGEST_RUN_S)
        assert process.returncode == 0, output.decode()
        for path, methods in document["paths"].items():
            for method in methods:
                route = path.replace("{Sid}", "{sid}").replace("{SimSid}", "{sid}")
                seen = self.statuses[method.upper(), route]
                assert any(status < 300 for status in seen), f"{method} {path} never succeeded"


async def test_the_public_contract_holds(tmp_path: Path) -> None:
    async with CountedCloud() as cloud:
        await cloud.fuzz(json.loads(PUBLIC.read_text()), tmp_path, CHECKS)


async def test_our_own_document_holds(tmp_path: Path) -> None:
    async with CountedCloud() as cloud, aiohttp.ClientSession(cloud.url) as session:
        async with session.get("/openapi.json") as answer:
            document = await answer.json()
        assert document["servers"] == [{"url": cloud.url}]
        await cloud.fuzz(document, tmp_path, MORE_CHECKS)


def resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def test_our_document_agrees_with_the_public_one() -> None:
    public, ours = json.loads(PUBLIC.read_text()), describe(TWILIO, "http://localhost")
    assert ours["paths"].keys() == public["paths"].keys()
    for path, methods in public["paths"].items():
        assert ours["paths"][path].keys() == methods.keys()
    ours_by_id = operations(ours)
    for name, theirs in operations(public).items():
        own = ours_by_id[name]
        for kind in ("parameters", "responses"):
            if kind == "parameters":
                expected = {(item["name"], item["in"]) for item in theirs.get(kind, ())}
                found = {(item["name"], item["in"]) for item in own.get(kind, ())}
            else:
                expected = {(status, "") for status in theirs[kind]}
                found = {(status, "") for status in own[kind]} - {("default", "")}
            assert found == expected, name
        if "requestBody" in theirs:
            (their_form,) = theirs["requestBody"]["content"].values()
            (own_form,) = own["requestBody"]["content"].values()
            assert_same_properties(own_form["schema"], ours, their_form["schema"], public, name)
    for own_name, public_name in (
        ("IpCommand", "supersim.v1.ip_command"),
        ("Sim", "supersim.v1.sim"),
        ("SimIpAddress", "supersim.v1.sim.sim_ip_address"),
        ("Fleet", "supersim.v1.fleet"),
    ):
        own_schema = ours["components"]["schemas"][own_name]
        public_schema = public["components"]["schemas"][public_name]
        assert_same_properties(own_schema, ours, public_schema, public, own_name)


def assert_same_properties(
    own: dict[str, Any],
    own_document: dict[str, Any],
    public: dict[str, Any],
    public_document: dict[str, Any],
    name: str,
) -> None:
    assert own["properties"].keys() == public["properties"].keys(), name
    for key, schema in public["properties"].items():
        theirs = resolved(schema, public_document)
        ours = resolved(own["properties"][key], own_document)
        for word in ("type", "enum", "pattern"):
            if word in theirs:
                assert ours[word] == theirs[word], f"{name}.{key}"
    if "required" in public:
        required = set(own["required"])
        assert set(public["required"]) <= required, name


@pytest.mark.parametrize("name", FLAVOURS)
async def test_every_documented_path_is_served(name: str) -> None:
    async with CloudUnderTest(flavour=FLAVOURS[name]) as cloud:
        document = describe(cloud.sender._flavour, cloud.url)
        async with aiohttp.ClientSession(cloud.url) as session:
            for path, methods in document["paths"].items():
                for method in methods:
                    async with session.request(
                        method, path.replace("{", "").replace("}", "")
                    ) as answer:
                        assert answer.status in (401, 403), (method, path)
            async with session.get("/healthz") as answer:
                assert await answer.json() == {"status": "ok"}


def test_the_kore_document_differs_where_kore_does() -> None:
    document = describe(KORE, "http://localhost")
    scheme = document["components"]["securitySchemes"]["credentials"]["scheme"]
    sizes = {
        name: next(p for p in op["parameters"] if p["name"] == "PageSize")["schema"]["maximum"]
        for name, op in operations(document).items()
        if name.startswith("List")
    }
    assert scheme == "bearer"
    assert sizes == {
        "ListIpCommand": 100,
        "ListSim": 1000,
        "ListFleet": 1000,
        "ListSimIpAddress": 1000,
    }
