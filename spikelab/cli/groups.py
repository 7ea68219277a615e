"""Click groups that load their commands late and answer known errors without a traceback."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from spikelab.errors import ParameterError, SpikelabError

__all__ = ["INTERRUPTED", "LateCommand", "LateGroup", "Refusal", "UsageRefusal"]

INTERRUPTED = 130  # 128 + SIGINT, as shells report it


class LateCommand(NamedTuple):
    """A command that is imported only when it is called; its help line is known before."""

    path: str
    summary: str


class Refusal(click.ClickException):
    """A known error: its text is shown alone, and the process ends with 1."""


class UsageRefusal(Refusal):
    """A value that cannot be used: the process ends with 2."""

    exit_code = 2


class LateGroup(click.Group):
    """A group whose commands are named by ``"module:attribute"`` and imported when needed.

    Parameters
    ----------
    late : mapping of str to LateCommand
        Command names with the place of each command.
    noun : str
        What a command of this group is called in the answer to an unknown name.
    """

    def __init__(
        self, *args: Any, late: Mapping[str, LateCommand] | None = None, noun: str = "command", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.late = dict(late or {})
        self.noun = noun

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands, *self.late})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.late:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.late[cmd_name].path.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        name = args[0]
        if name not in known and not name.startswith("-"):
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"See `{ctx.command_path} --help`."
            raise ParameterError(ctx.command_path, self.noun, name, f"be one of: {', '.join(known)}", remedy)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Click would import every command to ask for its help line.
        lines = [(name, self._summary(name)) for name in self.list_commands(ctx)]
        if lines:
            with formatter.section("Commands"):
                formatter.write_dl(lines)

    def _summary(self, name: str) -> str:
        late = self.late.get(name)
        return late.summary if late else self.commands[name].get_short_help_str(limit=90)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ParameterError as error:
            raise UsageRefusal(str(error)) from error
        except SpikelabError as error:
            raise Refusal(str(error)) from error
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
