"""The OpenAPI document of what this simulator serves, built from short tables.

Names, types and enumerations are those of the public description (twilio/twilio-oai,
``spec/json/twilio_supersim_v1.json``); the error answers, which that one leaves out, are added.
"""

from typing import Any

from ip_commands.host_sim.cloud import fields
from ip_commands.host_sim.cloud.flavours import Flavour
from ip_commands.host_sim.cloud.fleets import MAX_DATA_LIMIT_MB
from ip_commands.host_sim.cloud.ip_commands import DIRECTIONS, STATUSES
from ip_commands.host_sim.cloud.records import SIM_STATUSES
from ip_commands.host_sim.cloud.sims import UPDATE_STATUSES

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
SOME_TEXT: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
URL: Schema = {"type": "string", "format": "uri"}
# in forms the empty string takes a URL away
URL_OR_EMPTY: Schema = {"type": "string", "maxLength": fields.MAX_URL_CHARACTERS}
DATE: Schema = {"type": "string", "format": "date-time"}
PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
DATA_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_DATA_LIMIT_MB}


def _sid(prefix: str) -> Schema:
    return {"type": "string", "pattern": f"^{prefix}[0-9a-fA-F]{{32}}$"}


def _enum(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "nullable": True}


METHOD = _enum(*fields.HTTP_METHODS)

RESOURCES: dict[str, dict[str, Schema]] = {
    "IpCommand": {
        "sid": _sid("HG"),
        "account_sid": _sid("AC"),
        "sim_sid": _sid("HS"),
        "sim_iccid": TEXT,
        "status": _enum(*STATUSES),
        "direction": _enum(*DIRECTIONS),
        "device_ip": _or_null(TEXT),
        "device_port": {"type": "integer"},
        "payload_type": _enum(*fields.PAYLOAD_TYPES),
        "payload": TEXT,
        "date_created": DATE,
        "date_updated": DATE,
        "url": URL,
    },
    "Sim": {
        "sid": _sid("HS"),
        "unique_name": _or_null(TEXT),
        "account_sid": _sid("AC"),
        "iccid": TEXT,
        "status": _enum(*SIM_STATUSES),
        "fleet_sid": _or_null(_sid("HF")),
        "date_created": DATE,
        "date_updated": DATE,
        "url": URL,
        "links": {"type": "object", "additionalProperties": URL},
    },
    "SimIpAddress": {"ip_address": TEXT, "ip_address_version": _enum("IPv4", "IPv6")},
    "Fleet": {
        "account_sid": _sid("AC"),
        "sid": _sid("HF"),
        "unique_name": _or_null(TEXT),
        "date_created": DATE,
        "date_updated": DATE,
        "url": URL,
        "data_enabled": FLAG,
        "data_limit": DATA_LIMIT,
        "data_metering": _enum("payg"),
        "sms_commands_enabled": FLAG,
        "sms_commands_url": _or_null(URL),
        "sms_commands_method": METHOD,
        "network_access_profile_sid": _sid("HA"),
        "ip_commands_url": _or_null(URL),
        "ip_commands_method": METHOD,
    },
    "Meta": {
        "page": {"type": "integer", "minimum": 0},
        "page_size": {"type": "integer", "minimum": 1},
        "first_page_url": URL,
        "previous_page_url": _or_null(URL),
        "url": URL,
        "next_page_url": _or_null(URL),
        "key": TEXT,
    },
    "Error": {
        "code": {"type": "integer"},
        "message": TEXT,
        "more_info": URL,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
    },
}

_FLEET_FORM: dict[str, Schema] = {
    "NetworkAccessProfile": SOME_TEXT,
    "UniqueName": {**TEXT, "maxLength": fields.MAX_UNIQUE_NAME_CHARACTERS},
    "DataLimit": DATA_LIMIT,
    "IpCommandsUrl": URL_OR_EMPTY,
    "IpCommandsMethod": METHOD,
    "SmsCommandsUrl": URL_OR_EMPTY,
    "SmsCommandsMethod": METHOD,
}
_CREATE_FLEET_FORM = {**_FLEET_FORM, "DataEnabled": FLAG, "SmsCommandsEnabled": FLAG}
_IP_COMMAND_FORM: dict[str, Schema] = {
    "Sim": SOME_TEXT,
    "Payload": SOME_TEXT,
    "DevicePort": PORT,
    "PayloadType": _enum(*fields.PAYLOAD_TYPES),
    "CallbackUrl": URL_OR_EMPTY,
    "CallbackMethod": METHOD,
}
_SIM_FORM: dict[str, Schema] = {
    "UniqueName": {**TEXT, "maxLength": fields.MAX_UNIQUE_NAME_CHARACTERS},
    "Status": _enum(*UPDATE_STATUSES),
    "Fleet": TEXT,
    "CallbackUrl": URL_OR_EMPTY,
    "CallbackMethod": METHOD,
    "AccountSid": _sid("AC"),
}
_SIM_REGISTRATION: dict[str, Schema] = {
    "Iccid": {**TEXT, "pattern": "^[0-9]{18,22}$"},
    "RegistrationCode": SOME_TEXT,
}
_IP_COMMAND_QUERY: dict[str, Schema] = {
    "Sim": TEXT,
    "SimIccid": TEXT,
    "Status": _enum(*STATUSES),
    "Direction": _enum(*DIRECTIONS),
}
_SIM_QUERY: dict[str, Schema] = {"Status": _enum(*SIM_STATUSES), "Fleet": TEXT, "Iccid": TEXT}


def describe(flavour: Flavour, base_url: str) -> Schema:
    """Return the OpenAPI 3.0 document of a server that answers at ``base_url``."""
    small = flavour.max_page_size
    name = {"Sid": TEXT}
    command = {"Sid": _sid("HG")}
    fleet_create = _create("Fleet", _CREATE_FLEET_FORM, "NetworkAccessProfile")
    paths = {
        "/v1/IpCommands": {
            "get": _list("IpCommand", "ip_commands", _IP_COMMAND_QUERY, max_page_size=small),
            "post": _create("IpCommand", _IP_COMMAND_FORM, "Sim", "Payload", "DevicePort"),
        },
        "/v1/IpCommands/{Sid}": {"get": _fetch("IpCommand", command)},
        "/v1/Sims": {
            "get": _list("Sim", "sims", _SIM_QUERY),
            "post": _create("Sim", _SIM_REGISTRATION, "Iccid", "RegistrationCode"),
        },
        "/v1/Sims/{Sid}": {
            "get": _fetch("Sim", name),
            "post": _update("Sim", name, _SIM_FORM, "200", "202"),
        },
        "/v1/Sims/{SimSid}/IpAddresses": {
            "get": _list("SimIpAddress", "ip_addresses", {}, path={"SimSid": TEXT})
        },
        "/v1/Fleets": {
            "get": _list("Fleet", "fleets", {"NetworkAccessProfile": TEXT}),
            "post": fleet_create,
        },
        "/v1/Fleets/{Sid}": {
            "get": _fetch("Fleet", name),
            "post": _update("Fleet", name, _FLEET_FORM, "200"),
        },
    }
    scheme = {"type": "http", "scheme": "bearer" if flavour.bearer else "basic"}
    return {
        "openapi": "3.0.3",
        "info": {"title": f"Super SIM simulator, {flavour.name} flavour", "version": "1"},
        "servers": [{"url": base_url}],
        "security": [{"credentials": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"credentials": scheme},
            "schemas": {
                name: {"type": "object", "properties": keys, "required": list(keys)}
                for name, keys in RESOURCES.items()
            },
        },
    }


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _answers(schema: Schema, *statuses: str) -> Schema:
    good = {status: {"description": "success", "content": _json(schema)} for status in statuses}
    return {**good, "default": {"description": "refused", "content": _json(_ref("Error"))}}


def _parameters(place: str, schemas: dict[str, Schema]) -> list[Schema]:
    return [
        {"name": name, "in": place, "required": place == "path", "schema": schema}
        for name, schema in schemas.items()
    ]


def _form(schemas: dict[str, Schema], *required: str) -> Schema:
    schema: Schema = {"type": "object", "properties": schemas}
    if required:
        schema["required"] = list(required)
    return {
        "required": bool(required),
        "content": {"application/x-www-form-urlencoded": {"schema": schema}},
    }


def _create(resource: str, form: dict[str, Schema], *required: str) -> Schema:
    return {
        "operationId": f"Create{resource}",
        "requestBody": _form(form, *required),
        "responses": _answers(_ref(resource), "201"),
    }


def _fetch(resource: str, path: dict[str, Schema]) -> Schema:
    return {
        "operationId": f"Fetch{resource}",
        "parameters": _parameters("path", path),
        "responses": _answers(_ref(resource), "200"),
    }


def _update(
    resource: str, path: dict[str, Schema], form: dict[str, Schema], *statuses: str
) -> Schema:
    return {
        "operationId": f"Update{resource}",
        "parameters": _parameters("path", path),
        "requestBody": _form(form),
        "responses": _answers(_ref(resource), *statuses),
    }


def _list(
    resource: str,
    key: str,
    query: dict[str, Schema],
    max_page_size: int = 1000,
    path: dict[str, Schema] | None = None,
) -> Schema:
    paging = {
        "PageSize": {"type": "integer", "minimum": 1, "maximum": max_page_size},
        "Page": {"type": "integer", "minimum": 0},
        "PageToken": TEXT,
    }
    listed = {"type": "array", "items": _ref(resource)}
    schema = {
        "type": "object",
        "properties": {"meta": _ref("Meta"), key: listed},
        "required": ["meta", key],
    }
    return {
        "operationId": f"List{resource}",
        "parameters": [
            *_parameters("path", path or {}),
            *_parameters("query", {**query, **paging}),
        ],
        "responses": _answers(schema, "200"),
    }
