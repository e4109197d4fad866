"""A domain as people wrote them, awkward in every way: the values as Python has them, and as the
libraries wrote them to SimpleDB.

Nothing here knows how the program decodes: the texts come from the values by the definitions that
the libraries published, so that a value which a reader gives back can be compared with the one it
began as.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Context, Decimal

DOMAIN = "Books"
ITEMS = 600
LATE = 450  # Beyond the lines from which readers infer a schema.

EXACT = Context(prec=80)
UTC = timezone.utc


@dataclass
class Attribute:
    """An attribute: its type and encoding as in a types file, and its value in each item.

    There is no value for an item without the attribute, and a list of them if `several`.
    """

    name: str
    type: str
    encoding: dict
    values: dict
    encode: object
    several: bool = False

    def texts(self, item):
        """Returns the values as SimpleDB has them, or None."""
        value = self.values.get(item)
        if value is None:
            return None
        texts = [self.encode(one) for one in (value if self.several else [value])]
        if self.encoding.get("numbered"):
            # As boto2 writes lists; SimpleDB gives values back in any order.
            texts = [f"{place:03d}:{text}" for place, text in enumerate(texts)][::-1]
        return texts

    def in_types_file(self):
        several = {"multiValued": True} if self.several else {}
        return {"type": self.type, **self.encoding, **several}


PLAIN = {}
FIXED_POINT = {"encoding": "fixed-point"}
NUMBERED = {"numbered": True}
BOTO_FLOAT = {"encoding": "boto-float"}


def padded(width):
    return {"encoding": "padded", "width": width}


def offset(width, added, scale=0):
    shown = {"scale": scale} if scale else {}
    return {"encoding": "offset", "width": width, "offset": added, **shown}


def zeros(width):
    return lambda number: str(number).zfill(width)


def zeros_before_the_point(width):
    return lambda number: str(int(number)).zfill(width) + str(number % 1)[1:]


def shifted(width, added):
    return lambda number: str(number + added).zfill(width)


def simple_jpa_real(number):
    """round(x * 10^20) + 2^63 * 10^20, in 40 digits."""
    scaled = EXACT.scaleb(number, 20).quantize(Decimal(1), context=EXACT)
    return str(int(scaled) + 2**63 * 10**20).zfill(40)


def aws_utils_real(left, right, added):
    """round((x + offset) * 10^right), in left + right digits."""
    return lambda number: str(int(EXACT.scaleb(number + added, right))).zfill(left + right)


def boto2_float(number):
    """CASE EXPONENT MANTISSA, from '%e'."""
    mantissa, exponent = ("%e" % number).split("e")
    exponent = int(exponent)
    if number == 0:
        return "3 000 0.0000000000000000"
    if number > 0:
        case, shown = ("5", exponent) if exponent >= 0 else ("4", 999 + exponent)
    else:
        case, shown = ("2", -exponent) if exponent < 0 else ("1", 999 - exponent)
        mantissa = "%f" % (10 + float(mantissa))
    return f"{case} {shown:03d} {mantissa.ljust(18, '0')}"


def java_time(moment):
    """yyyy-MM-ddTHH:mm:ss.SSS and the offset."""
    offset = moment.strftime("%z")
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}" + offset[:3] + ":" + offset[3:]


def boto2_time(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def ruby_time(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def boolean(value):
    return "true" if value else "false"


TAGS = [["a", "b"], ["only one"], ["", "empty, too"], ['"', "\\", "\n", "😀"], ["[x]"]]

TEXTS = [
    "", " ", "null", "NULL", "NaN", "NA", "\\N", "\\.", "None", "true", "0", "-", "=1+1", "@SUM(A1)",
    "+1", "-1", "a,b", "a;b", "a\tb", "a|b", 'say "hi"', '"', "'", "''", "it's", "back\\slash", "\\",
    "\\n", "two\nlines", "Windows\r\nlines", "\n", "ends\n", "lone\rreturn", " spaces around ", "[]", "[1]",
    '["a"]', "{}", '{"a":1}', "{a,b}", "😀", "é", "e\u0301", "日本語", "\u2028", "\ufeff", "%s", "$1",
    "$$", ";--", "/* */", "<b>", "&amp;", "0x10", "1e5", "007", "1_000", "١٢", "x" * 1000,
]


def cycled(values, every=1):
    """One value after the other, in every `every`-th item."""
    return {item: values[item // every % len(values)] for item in range(0, ITEMS, every)}


def item_names():
    special = ["00042", "null", "two\nlines", 'q"uote', "it's", "back\\slash", "😀", " ", "=1+1", "42", "[1]", "a,b;c\td"]
    return special + [f"item {number:05d}" for number in range(len(special), ITEMS)]


def attributes():
    at = datetime(2012, 2, 29, 23, 59, 59, 999000, UTC)
    zones = [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))]
    moments = [at, datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 1000, UTC),
               datetime(1600, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, 12, tzinfo=UTC)]
    extremes = [0, -1, 1, -(2**63), 2**63 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**62, 42]
    neighbors = [12345678901234567890, 12345678901234567891, 99999999999999999999, 10000000000000000000]
    utils_reals = [Decimal(text) for text in ("-5000", "0.001", "-0.001", "0", "1234.567")]
    reals = [Decimal(text) for text in (
        "0", "1.5", "-1.5", "0.00000000000000000001", "-0.00000000000000000001", "9007199254740993.1",
        "-123456789.987654321", "1", "0.1", "100000000000000.00000000000000000001")]
    return [
        # Digits that are text, and text that looks like something else.
        Attribute("zip", "text", PLAIN, cycled(["00501", "02134", "10001", "90210"]), str),
        Attribute("note", "text", PLAIN, cycled(TEXTS), str),
        Attribute("sparse", "text", PLAIN, cycled(["here", ""], every=7), str),
        Attribute('a "quoted, name\'', "text", PLAIN, cycled(["x"], every=3), str),
        Attribute("order", "text", PLAIN, cycled(["select"], every=2), str),
        Attribute("Straße 日本 😀", "text", PLAIN, cycled(["y"], every=2), str),
        Attribute("tags", "text", PLAIN, cycled(TAGS, every=2), str, several=True),
        # Integers.
        Attribute("padded", "integer", padded(8), cycled([0, 1, 42, 12345678, 99999999]), zeros(8)),
        Attribute("offset", "integer", offset(6, 50000), cycled([-50000, -1, 0, 1, 949999]), shifted(6, 50000)),
        Attribute("jpaLong", "integer", offset(20, 2**63), cycled(extremes), shifted(20, 2**63)),
        Attribute("boto2Int", "integer", offset(10, 2**31), cycled([0, -1, 1, -(2**31), 2**31 - 1]), shifted(10, 2**31)),
        Attribute("plain", "integer", PLAIN, cycled([0, 7, -7, 2**53 + 1, -(2**63), 2**63 - 1], every=2), str),
        Attribute("neighbors", "integer(20)", PLAIN, cycled(neighbors), str),
        # Decimals.
        Attribute("price", "decimal(6,2)", FIXED_POINT, cycled([Decimal(text) for text in ("9.99", "0.00", "-0.10", "1234.50")]), str),
        Attribute("jpaReal", "decimal(36,20)", offset(40, 2**63, 20), cycled(reals), simple_jpa_real),
        Attribute("utilsReal", "decimal(7,3)", offset(9, 5000, 3), cycled(utils_reals), aws_utils_real(6, 3, 5000)),
        Attribute("utilsPadded", "decimal(8,3)", padded(5), cycled([Decimal(text) for text in ("1.5", "0.125", "99999.999")], every=2), zeros_before_the_point(5)),
        # Floats.
        Attribute("boto2Float", "float", BOTO_FLOAT, cycled([0.0, 1.5, -1.5, 0.001, -0.001, 123456.0, -2.5e-9, 6.25e20]), boto2_float),
        # The rest.
        Attribute("ok", "boolean", PLAIN, cycled([True, False], every=2), boolean),
        Attribute("javaTime", "timestamp with zone", PLAIN, {item: moments[item % 5].astimezone(zones[item % 4]) for item in range(ITEMS)}, java_time),
        Attribute("boto2Time", "timestamp with zone", PLAIN, cycled([moment.replace(microsecond=0) for moment in moments], every=2), boto2_time),
        Attribute("rubyTime", "timestamp", PLAIN, cycled([moment.replace(microsecond=0, tzinfo=None) for moment in moments]), ruby_time),
        Attribute("born", "date", PLAIN, cycled([date(1815, 12, 10), date(1970, 1, 1), date(2000, 2, 29), date(1, 1, 1), date(9999, 12, 31)]), date.isoformat),
        # Late, and several.
        Attribute("late", "integer", PLAIN, {item: item for item in range(LATE, ITEMS)}, str),
        Attribute("lateText", "text", PLAIN, {ITEMS - 1: "at last"}, str),
        Attribute("boto2List", "text", NUMBERED, cycled([["b", "a", "b"], ["one"], ["", "1:2", "\n"]], every=3), str, several=True),
        Attribute("boto2Longs", "integer", {**offset(20, 2**63), **NUMBERED}, cycled([[3, -1, 2], [-(2**63)]], every=4), shifted(20, 2**63), several=True),
        Attribute("scores", "integer", padded(4), cycled([[1], [7, 42, 9999], [0, 10]], every=3), zeros(4), several=True),
        Attribute("stamps", "timestamp with zone", PLAIN, cycled([[moments[1]], [moments[0].replace(microsecond=0), moments[3]]], every=5), boto2_time, several=True),
        Attribute("amounts", "decimal(6,2)", FIXED_POINT, cycled([[Decimal("1.25")], [Decimal("-1.25"), Decimal("1000.00")]], every=4), str, several=True),
        Attribute("flags", "boolean", PLAIN, cycled([[True], [True, False]], every=6), boolean, several=True),
    ]


class Export:
    """The domain as the program is to read it, and as its values are."""

    def __init__(self):
        self.names = item_names()
        self.attributes = attributes()

    def domain(self):
        """Returns the items in the form of data files."""
        return [
            {"itemName": name,
             "attributes": [{"name": attribute.name, "values": attribute.texts(item)}
                            for attribute in self.attributes if attribute.texts(item) is not None]}
            for item, name in enumerate(self.names)
        ]

    def types_file(self):
        return {DOMAIN: {attribute.name: attribute.in_types_file() for attribute in self.attributes}}

    def rows(self, held=lambda attribute, value: value):
        """Returns the values by item and attribute; `held` says what a format makes of one."""
        return {
            name: {attribute.name: cell(attribute, attribute.values.get(item), held) for attribute in self.attributes}
            for item, name in enumerate(self.names)
        }


def cell(attribute, value, held):
    if value is None:
        return None
    return [held(attribute, one) for one in value] if attribute.several else held(attribute, value)
