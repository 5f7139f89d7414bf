"""Compares a call as a page prints it with the function: awaited or not, arguments, defaults."""

import ast
import inspect
from typing import Any


def resolve(expression: ast.expr, names: dict[str, Any]) -> Any:
    """Return what a name or an attribute of one stands for."""
    if isinstance(expression, ast.Name):
        return names[expression.id]
    assert isinstance(expression, ast.Attribute), ast.unparse(expression)
    return getattr(resolve(expression.value, names), expression.attr)


def check_call(call: ast.Call, awaited: bool, names: dict[str, Any]) -> None:
    """Fail unless a call as printed fits the function: awaited, arguments, their defaults."""
    text = ast.unparse(call)
    function = resolve(call.func, names)
    assert inspect.iscoroutinefunction(function) == awaited, f"{text}: await or not?"
    parameters = inspect.signature(function).parameters
    takes = {kind.kind for kind in parameters.values()}
    for place, argument in enumerate(call.args):
        expected = list(parameters)[place]
        if isinstance(argument, ast.Starred):
            kind = parameters[expected].kind
            assert kind is inspect.Parameter.VAR_POSITIONAL, f"{text}: {expected} is one"
            argument = argument.value
        assert isinstance(argument, ast.Name), text
        assert argument.id == expected, f"{text}: argument {place + 1} is {expected}"
    for keyword in call.keywords:
        if keyword.arg is None:
            assert inspect.Parameter.VAR_KEYWORD in takes, f"{text}: takes no ** arguments"
        else:
            assert keyword.arg in parameters, f"{text}: takes no {keyword.arg}"
            default = parameters[keyword.arg].default
            assert default == ast.literal_eval(keyword.value), f"{text}: {keyword.arg}={default!r}"
    left = list(parameters.values())[len(call.args) :]
    missing = {p.name for p in left if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD}
    assert missing <= {keyword.arg for keyword in call.keywords}, f"{text}: needs {missing}"


def check_expression(text: str, names: dict[str, Any]) -> None:
    expression = ast.parse(text, mode="eval").body
    awaited = isinstance(expression, ast.Await)
    inner = expression.value if isinstance(expression, ast.Await) else expression
    if isinstance(inner, ast.Call):
        check_call(inner, awaited, names)
    else:
        resolve(inner, names)
