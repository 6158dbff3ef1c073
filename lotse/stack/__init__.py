"""The embedded stack: a broker, a database and all services as real processes, with nothing to install by hand."""

from lotse.stack.errors import BrokerDied, StackError
from lotse.stack.stack import Options, Stack
from lotse.stack.supervisor import Event

__all__ = ["BrokerDied", "Event", "Options", "Stack", "StackError"]
