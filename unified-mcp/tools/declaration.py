"""How a tool is said, once: the function is the declaration, and everything else is drawn from it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model
from pydantic.fields import FieldInfo

from errors import Code
from tools.results import Either, Result

R_co = TypeVar("R_co", bound=BaseModel, covariant=True)
Method = Literal["GET", "POST"]
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Backend(StrEnum):
    """Who answers."""

    GO = "go"
    BAILEYS = "baileys"
    HYBRID = "hybrid"


class Effect(StrEnum):
    """What a call leaves behind."""

    READS = "reads"
    """Nothing."""
    CHANGES = "changes"
    """The account's own state, on this machine or at WhatsApp."""
    SENDS = "sends"
    """Something that reaches another person."""
    DESTROYS = "destroys"
    """Something that cannot be undone."""


@dataclass(frozen=True)
class Sent:
    """Marks a parameter that travels under another name: `Annotated[str, Sent("chat_jid")]`.

    With `listed` it travels as a list of one, where an older tool of the same path takes several.
    """

    name: str
    listed: bool = False


@dataclass(frozen=True)
class Route:
    """Who carries a call out, and under which path. A hybrid tool has no path of its own."""

    backend: Backend
    method: Method = "GET"
    path: str = ""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that the path is filled with."""
        return tuple(PLACEHOLDER.findall(self.path))


@dataclass(frozen=True)
class Bridge:
    """Makes the routes of one bridge: `GO.post("/api/messages/text")`."""

    backend: Backend

    def get(self, path: str) -> Route:
        """A route that reads."""
        return Route(self.backend, "GET", path)

    def post(self, path: str) -> Route:
        """A route that acts."""
        return Route(self.backend, "POST", path)


GO = Bridge(Backend.GO)
BAILEYS = Bridge(Backend.BAILEYS)
HYBRID = Route(Backend.HYBRID)


class Arguments(BaseModel):
    """What a call carries. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True)
class Operation(Generic[R_co]):
    """One request to a bridge with the shape of its arguments and of its answer."""

    route: Route
    arguments: type[Arguments]
    result: type[R_co]
    summary: str


@dataclass(frozen=True)
class Tool:
    """A tool as declared. `arguments` and `result` are pydantic models; `errors` the codes worth knowing."""

    name: str
    title: str
    description: str
    category: str
    route: Route
    effect: Effect
    idempotent: bool
    arguments: type[Arguments]
    result: type[Result]
    errors: tuple[Code, ...]
    also: Backend | None = None
    """The bridge that serves the same path, and is asked when the route's own cannot be reached."""

    @property
    def goes_out_once(self) -> bool:
        """Whether it reaches other people as a message: such a request carries an idempotency key."""
        return self.route.backend is Backend.GO and self.effect in (Effect.SENDS, Effect.DESTROYS)

    @property
    def operation(self) -> Operation[Result]:
        """The request that a plain tool is; a hybrid tool has none."""
        return self.answering(self.result)

    def answering(self, result: type[R_co]) -> Operation[R_co]:
        """The same request with the type of its answer known: `tool.answering(ChatList)`."""
        if self.route.backend is Backend.HYBRID:
            raise TypeError(f"{self.name} is composed of several requests and has no operation of its own")
        if result is not self.result:
            raise TypeError(f"{self.name} answers {self.result.__name__}")
        return Operation(self.route, self.arguments, result, self.title)

    @property
    def summary(self) -> str:
        """The first sentence of the description."""
        return self.description.split("\n", 1)[0]


def sent_as(name: str, field: FieldInfo) -> Sent:
    """How an argument travels to the bridge."""
    return next((mark for mark in field.metadata if isinstance(mark, Sent)), Sent(name))


def wire_name(name: str, field: FieldInfo) -> str:
    """The name under which an argument travels to the bridge."""
    return sent_as(name, field).name


def wire_values(arguments: Arguments) -> dict[str, object]:
    """The arguments that are set, as JSON values under the names they travel by."""
    values = arguments.model_dump(mode="json", exclude_none=True)
    fields = type(arguments).model_fields
    ways = {name: sent_as(name, fields[name]) for name in values}
    return {ways[name].name: [value] if ways[name].listed else value for name, value in values.items()}


def wire_json(arguments: Arguments, without: Collection[str] = ()) -> bytes:
    """The same as a JSON object; `without` names what travels in the path."""
    fields = type(arguments).model_fields
    if all(wire_name(name, field) == name for name, field in fields.items()):
        return arguments.model_dump_json(exclude_none=True, exclude=set(without)).encode()
    values = wire_values(arguments)
    return json.dumps({name: value for name, value in values.items() if name not in without}).encode()


def _arguments_of(function: Callable[..., object], hints: Mapping[str, object]) -> type[Arguments]:
    fields: dict[str, tuple[object, object]] = {}
    for parameter in inspect.signature(function).parameters.values():
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (_with_optional(hints[parameter.name]), default)
    name = "".join(part.title() for part in function.__name__.split("_")) + "Arguments"
    model: type[Arguments] = create_model(name, __base__=Arguments, **fields)  # type: ignore[call-overload]
    return model


def _with_optional(hint: object) -> object:
    """`Annotated[str, Field(...)] | None` keeps its description: pydantic reads it from the outermost Annotated."""
    arms = [arm for arm in get_args(hint) if arm is not type(None)]
    if get_origin(hint) is not Annotated and len(arms) == 1 and type(None) in get_args(hint):
        inner = arms[0]
        if get_origin(inner) is Annotated:
            base, *marks = get_args(inner)
            outer = [m for m in marks if isinstance(m, Sent) or _describes(m)]
            return Annotated[(Annotated[(base, *marks)] | None, *outer)]
    return hint


def _describes(mark: object) -> bool:
    return isinstance(mark, FieldInfo) and bool(mark.description)


Declared = Callable[..., Awaitable[Result]]


def tool(
    route: Route,
    *,
    effect: Effect,
    title: str,
    idempotent: bool | None = None,
    errors: tuple[Code, ...] = (),
    also: Bridge | None = None,
) -> Callable[[Declared], Tool]:
    """Declare the decorated function as a tool.

    The function's name, parameters, docstring and return annotation are the tool's. `idempotent` says whether the
    same call twice leaves what one leaves; by default what reads or changes is and what sends is not. `also` is a
    second bridge that serves the same path; the answer must have room to say that it did.
    """

    def declare(function: Declared) -> Tool:
        hints = get_type_hints(function, include_extras=True)
        result = hints.pop("return")
        if not (isinstance(result, type) and issubclass(result, Result)):
            raise TypeError(f"{function.__name__} must return a Result")
        if also is not None and not issubclass(result, Either):
            raise TypeError(f"{function.__name__} has two bridges, and an answer that cannot say which one served it")
        arguments = _arguments_of(function, hints)
        missing = set(route.placeholders) - {wire_name(n, f) for n, f in arguments.model_fields.items()}
        if missing:
            raise TypeError(f"{function.__name__} has no parameter for {sorted(missing)} of its path")
        return Tool(
            name=function.__name__,
            title=title,
            description=inspect.cleandoc(function.__doc__ or ""),
            category=function.__module__.rpartition(".")[2],
            route=route,
            effect=effect,
            idempotent=effect in (Effect.READS, Effect.CHANGES) if idempotent is None else idempotent,
            arguments=arguments,
            result=result,
            errors=errors,
            also=None if also is None else also.backend,
        )

    return declare
