"""Files that registries and the tools around them bring, so that schemas import them without anyone registering them.

Written from the documentation of their fields: https://github.com/googleapis/googleapis/tree/master/google/type for
``google/type``, and Confluent's of its Protobuf serializer for ``confluent``. A file of the same name among a schema's
own references goes before these.
"""

from __future__ import annotations

from collections.abc import Mapping

_EXTENDABLE = {
    "FileOptions": "file_meta",
    "MessageOptions": "message_meta",
    "FieldOptions": "field_meta",
    "EnumOptions": "enum_meta",
    "EnumValueOptions": "enum_value_meta",
}
_META_NUMBER = 1088


def _write(package: str, body: str, *imports: str) -> str:
    lines = "".join(f'import "google/protobuf/{name}.proto"; ' for name in imports)
    return f'syntax = "proto3"; package {package}; {lines}{body}'


def _fields(text: str) -> str:
    """Fields numbered in their order."""
    return " ".join(f"{field.strip()} = {number};" for number, field in enumerate(text.split(","), 1))


def _message(name: str, fields: str) -> str:
    return f"message {name} {{ {_fields(fields)} }}"


def _enum(name: str, values: str) -> str:
    numbered = " ".join(f"{value} = {number};" for number, value in enumerate(values.split()))
    return f"enum {name} {{ {numbered} }}"


_EXTENSIONS = " ".join(
    f"extend google.protobuf.{options} {{ Meta {name} = {_META_NUMBER}; }}" for options, name in _EXTENDABLE.items()
)
_TIME_OFFSET = "oneof time_offset { google.protobuf.Duration utc_offset = 8; TimeZone time_zone = 9; }"
_MONTHS = "MONTH_UNSPECIFIED JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER"
_DAYS = "DAY_OF_WEEK_UNSPECIFIED MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY"
_ADDRESS = (
    "int32 revision, string region_code, string language_code, string postal_code, string sorting_code,"
    " string administrative_area, string locality, string sublocality, repeated string address_lines,"
    " repeated string recipients, string organization"
)
_PHONE_NUMBER = (
    "message PhoneNumber { message ShortCode { string region_code = 1; string number = 2; }"
    " oneof kind { string e164_number = 1; ShortCode short_code = 2; } string extension = 3; }"
)
_DATE_TIME = (
    "message DateTime { int32 year = 1; int32 month = 2; int32 day = 3; int32 hours = 4; int32 minutes = 5;"
    f" int32 seconds = 6; int32 nanos = 7; {_TIME_OFFSET} }} message TimeZone {{ string id = 1; string version = 2; }}"
)

_GOOGLE_TYPES: Mapping[str, tuple[str, ...]] = {
    "calendar_period": (
        _enum("CalendarPeriod", "CALENDAR_PERIOD_UNSPECIFIED DAY WEEK FORTNIGHT MONTH QUARTER HALF YEAR"),
    ),
    "color": (_message("Color", "float red, float green, float blue, google.protobuf.FloatValue alpha"), "wrappers"),
    "date": (_message("Date", "int32 year, int32 month, int32 day"),),
    "datetime": (_DATE_TIME, "duration"),
    "dayofweek": (_enum("DayOfWeek", _DAYS),),
    "decimal": (_message("Decimal", "string value"),),
    "expr": (_message("Expr", "string expression, string title, string description, string location"),),
    "fraction": (_message("Fraction", "int64 numerator, int64 denominator"),),
    "interval": (
        _message("Interval", "google.protobuf.Timestamp start_time, google.protobuf.Timestamp end_time"),
        "timestamp",
    ),
    "latlng": (_message("LatLng", "double latitude, double longitude"),),
    "localized_text": (_message("LocalizedText", "string text, string language_code"),),
    "money": (_message("Money", "string currency_code, int64 units, int32 nanos"),),
    "month": (_enum("Month", _MONTHS),),
    "phone_number": (_PHONE_NUMBER,),
    "postal_address": (_message("PostalAddress", _ADDRESS),),
    "quaternion": (_message("Quaternion", "double x, double y, double z, double w"),),
    "timeofday": (_message("TimeOfDay", "int32 hours, int32 minutes, int32 seconds, int32 nanos"),),
}

BUILT_IN: Mapping[str, str] = {
    "confluent/meta.proto": _write(
        "confluent",
        f"message Meta {{ string doc = 1; map<string, string> params = 2; repeated string tags = 3; }} {_EXTENSIONS}",
        "descriptor",
    ),
    "confluent/type/decimal.proto": _write(
        "confluent.type", _message("Decimal", "bytes value, uint32 precision, int32 scale")
    ),
    **{f"google/type/{name}.proto": _write("google.type", *parts) for name, parts in _GOOGLE_TYPES.items()},
}
"""Texts by the name that they are imported by."""
