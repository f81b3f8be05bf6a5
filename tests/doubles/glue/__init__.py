"""A double of AWS Glue Schema Registry: moto's server, with the calls and the judging that it lacks."""

from tests.doubles.glue.gate import GlueGate, Refusal
from tests.doubles.glue.server import GlueDouble, RefusingGlue

__all__ = ["GlueDouble", "GlueGate", "Refusal", "RefusingGlue"]
