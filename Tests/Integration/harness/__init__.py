"""What the integration tests are written with: platforms, the command line, the API, waiting and cleaning up."""

from .case import ApolloTestCase, needs
from .waiting import eventually

__all__ = ["ApolloTestCase", "eventually", "needs"]
